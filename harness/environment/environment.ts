/** Starts the bundled reference server with everything around it, and ends it all again. */

import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { keepSecret, withoutSecrets } from '../base/secrets.ts';
import { harnessError, usageError } from '../base/errors.ts';
import { BALANCERS } from './balancer.ts';
import type { ChaosProxy } from '../proxy/chaos-proxy.ts';
import type { ToxicDriver } from '../proxy/driver.ts';
import { openDoor } from '../proxy/stores/door.ts';
import { Armer } from './arming.ts';
import { bundledCapabilities } from './capabilities.ts';
import { Closing } from './closing.ts';
import { takeDriver } from './drivers.ts';
import { openForeignRedis, redisUrlAt } from './foreign-redis.ts';
import { disarmCrashPoints, isReady } from './hooks-client.ts';
import { startHooksRelay } from './hooks-relay.ts';
import { Keeper } from './keeper.ts';
import { startNginx } from './nginx.ts';
import { createHopProxy, createTcpProxy, replicaHopName, HOP, proxyNames } from './proxies.ts';
import { startRedis } from './redis.ts';
import { startMemoryReplicas, startProcessReplica, type Replica } from './replicas.ts';
import type { ServerEvent, ServerListener } from './server-events.ts';
import type { ServerFlags } from './server-program.ts';
import { memoryStore, until, type StoreHandle } from './store.ts';
import type { Environment, EnvironmentOptions, ReplicaProxies, StoreDoor } from './types.ts';

const MAX_REPLICAS = 16;
/** A customer is audited seconds after its iteration; then the store may forget it, so that a long run's keys level off. */
const CUSTOMER_TTL_MS = 120_000;
const READY_LIMIT_MS = 30_000;
/** A process takes about a second to come back: its neighbour works alone as long, then both work until the next crash. */
const REST_MS = { memory: 200, processes: 500 } as const;
// The store's time-out is longer than the server's own default: on a busy machine half a second passes without any fault.
const DEFAULTS = { restartAfterMs: 150, answerTimeoutMs: 10_000, storeTimeoutMs: 1500 } as const;

/** The parts that are being put together; each step adds to it. */
interface Setting {
  readonly options: EnvironmentOptions;
  readonly closing: Closing;
  readonly keeper: Keeper;
  readonly log: (text: string) => void;
  readonly listeners: Set<ServerListener>;
  readonly token: string;
  readonly hooksToken: string;
  readonly replicas: Replica[];
  readonly storeDoors: StoreDoor[];
}

/** Starts store, replicas and proxies. When a part fails, the parts before it are ended and the error is thrown. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  checkOptions(options);
  const closing = new Closing();
  try {
    return await start(options, closing);
  } catch (error) {
    // The first error says more than whatever follows from it.
    await closing.close().catch(() => {});
    throw error;
  }
}

async function start(options: EnvironmentOptions, closing: Closing): Promise<Environment> {
  const setting = openSetting(options, closing);
  const { replicas, listeners, hooksToken, token } = setting;
  const restMs = options.store === 'memory' ? REST_MS.memory : REST_MS.processes;
  const armer = new Armer({ replicas, hooksToken, restMs });
  listeners.add((event) => armer.hear(event));
  const hopProxy = createHopProxy({
    seed: options.seed,
    onArrival: options.onArrival,
    arm: (request, attributes, upstream, ended) => {
      // A hop behind a load balancer has one replica behind it: which one, its name tells.
      const behind = replicas.findIndex(({ index }) => replicaHopName(index) === request.proxy);
      return armer.arm(request.key, attributes, behind < 0 ? upstream : behind, ended);
    },
  });
  closing.add('hop', () => hopProxy.close());
  const taken = await takeDriver(options, hopProxy, setting.keeper);
  closing.add('proxy', taken.close);
  const { driver, description: proxy } = taken;
  const store = await openStore(setting);
  closing.add('store', () => store.close());
  const proxies = await startReplicas(setting, driver, store);
  const hooksUrls = replicas.map((replica) => replica.hooksUrl);
  const hooksUrl = await openHooks(setting, store, hooksUrls);
  const front = await openFront(setting, hopProxy, driver, proxies);
  const waitReady = (limitMs: number, only?: number): Promise<boolean> => {
    const asked = replicas.filter(({ index }) => only === undefined || index === only);
    return until(
      async () => (await Promise.all(asked.map(({ url }) => isReady(url)))).every(Boolean),
      limitMs,
    );
  };
  if (!(await waitReady(READY_LIMIT_MS))) {
    throw harnessError('server_not_ready', 'the server does not get ready', { found: options.logFile });
  }

  return {
    baseUrl: front.baseUrl,
    directUrls: replicas.map((replica) => replica.url),
    hooksUrl,
    hooksUrls,
    hooksToken,
    token,
    capabilities: bundledCapabilities(options),
    keeper: setting.keeper,
    replicas,
    proxies,
    store,
    storeDoors: setting.storeDoors.toSorted((a, b) => a.replica - b.replica),
    ...(front.replicaHops ? { replicaHops: front.replicaHops } : { hop: HOP }),
    hopProxy,
    driver,
    subscribe: (listener) => subscribe(listeners, listener),
    waitReady,
    disarm: async () => {
      await Promise.all([...new Set(hooksUrls)].map((url) => disarmCrashPoints(url, hooksToken)));
    },
    describe: () => ({
      server: describeServer(options),
      store: store.description,
      proxy: front.balancer === undefined ? proxy : `${proxy}, behind ${front.balancer}`,
    }),
    close: () => closing.close(),
  };
}

function openSetting(options: EnvironmentOptions, closing: Closing): Setting {
  const keeper = new Keeper(options.workDir);
  closing.add('run file', () => keeper.close());
  const file = createWriteStream(options.logFile, { flags: 'a' });
  // A full disk must not end the run: the log is only for reading along.
  file.on('error', () => {});
  closing.add('log', () => new Promise((done) => file.end(() => done())));
  const listeners = new Set<ServerListener>();
  if (options.onServerEvent) listeners.add(options.onServerEvent);
  return {
    options,
    closing,
    keeper,
    listeners,
    log: (text) => file.write(withoutSecrets(text)),
    token: keepSecret(randomBytes(16).toString('hex')),
    hooksToken: keepSecret(randomBytes(16).toString('hex')),
    replicas: [],
    storeDoors: [],
  };
}

async function openStore({
  options,
  keeper,
  log,
}: Setting): Promise<StoreHandle & { readonly url?: string }> {
  if (options.store === 'memory') return memoryStore();
  if (options.store === 'redis') {
    const { persistence } = options;
    return startRedis({ keeper, onLog: log, ...(persistence !== undefined && { persistence }) });
  }
  const made = { kind: 'redis', url: options.store, prefix: keyPrefix(options) } as const;
  const store = await openForeignRedis(made.url, made.prefix);
  keeper.addForeign(made);
  const close = async (): Promise<void> => {
    await store.close();
    keeper.dropForeign(made);
  };
  return { ...store, url: made.url, close };
}

/** Replicas with the proxies before and behind each. */
async function startReplicas(
  setting: Setting,
  driver: ToxicDriver,
  store: StoreHandle & { readonly url?: string },
): Promise<readonly ReplicaProxies[]> {
  const { options, closing, keeper, log, replicas } = setting;
  const common = { keeper, onLog: log, onEvent: (event: ServerEvent) => tell(setting.listeners, event) };
  const proxies = Array.from({ length: options.replicas }, (_, index) =>
    proxyNames(index + 1, store.address !== undefined && !options.hasStoreDoors),
  );
  closing.add('replicas', async () => void (await Promise.all(replicas.map((replica) => replica.close()))));
  if (store.url === undefined) {
    replicas.push(
      ...(await startMemoryReplicas(options.replicas, { ...common, flags: serverFlags(setting) })),
    );
    return proxies;
  }
  const { address, url } = store;
  const starting = proxies.map(async (names, index) => {
    const path = names.store && ((to: string) => createTcpProxy(driver, keeper.ports, names.store ?? '', to));
    const listening = options.hasStoreDoors ? (to: string) => openStoreDoor(setting, index + 1, to) : path;
    const through = address && listening ? await listening(address) : undefined;
    const flags = {
      ...serverFlags(setting),
      store: through === undefined ? url : redisUrlAt(url, through),
      'key-prefix': keyPrefix(options),
    };
    const restartAfterMs = options.restartAfterMs ?? DEFAULTS.restartAfterMs;
    replicas.push(await startProcessReplica(index + 1, { ...common, flags, restartAfterMs }));
  });
  // All of them, so that none is still starting when an error is thrown.
  const failed = (await Promise.allSettled(starting)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  replicas.sort((a, b) => a.index - b.index);
  return proxies;
}

async function openStoreDoor({ closing, storeDoors }: Setting, replica: number, to: string): Promise<string> {
  const door = await openDoor({ kind: 'redis', upstream: to });
  closing.add(`store door ${replica}`, () => door.close());
  storeDoors.push({ store: 'redis', replica, door });
  return door.address;
}

async function openHooks(
  setting: Setting,
  store: StoreHandle,
  hooksUrls: readonly string[],
): Promise<string> {
  if (store.kind === 'memory') return hooksUrls[0] ?? '';
  const relay = await startHooksRelay(hooksUrls);
  setting.closing.add('hooks relay', relay.close);
  return relay.url;
}

/** What clients talk to. */
interface Front {
  readonly baseUrl: string;
  /** Names of the hops behind the load balancer, and the latter in words; absent without one. */
  readonly replicaHops?: readonly string[];
  readonly balancer?: string;
}

async function openFront(
  setting: Setting,
  hopProxy: ChaosProxy,
  driver: ToxicDriver,
  proxies: readonly ReplicaProxies[],
): Promise<Front> {
  const { options, keeper, replicas } = setting;
  const upstreams: string[] = [];
  for (const [index, names] of proxies.entries()) {
    upstreams.push(
      await createTcpProxy(driver, keeper.ports, names.edge, new URL(replicas[index]?.url ?? '').host),
    );
  }
  const answerTimeoutMs = options.answerTimeoutMs ?? DEFAULTS.answerTimeoutMs;
  if (options.lb !== undefined && options.lb !== 'none') {
    const replicaHops: string[] = [];
    const addresses: string[] = [];
    for (const [index, upstream] of upstreams.entries()) {
      const name = replicaHopName(index + 1);
      const hop = await hopProxy.create({ name, mode: 'http', upstreams: [upstream], answerTimeoutMs });
      replicaHops.push(name);
      addresses.push(hop.listen);
    }
    return { replicaHops, ...(await openBalancer(setting, addresses)) };
  }
  const hop = await hopProxy.create({ name: HOP, mode: 'http', upstreams, answerTimeoutMs });
  return { baseUrl: `http://${hop.listen}` };
}

async function openBalancer(
  { options, closing, keeper, log }: Setting,
  upstreams: readonly string[],
): Promise<Required<Pick<Front, 'baseUrl' | 'balancer'>>> {
  const repeatsPosts = options.lb === 'nginx-non-idempotent';
  const accessLog = join(resolve(options.workDir), 'nginx.log');
  const nginx = await startNginx({ keeper, onLog: log, upstreams, repeatsPosts, accessLog });
  closing.add('nginx', nginx.close);
  return {
    baseUrl: nginx.url,
    balancer: `${nginx.description} (${repeatsPosts ? 'repeats POSTs' : 'does not repeat POSTs'})`,
  };
}

function serverFlags({ options, token, hooksToken }: Setting): ServerFlags {
  return {
    host: '127.0.0.1',
    token,
    'hooks-token': hooksToken,
    profile: options.profile,
    defect: options.defect,
    'fulfil-ms': options.fulfilMs,
    'lease-ms': options.leaseMs,
    'store-timeout-ms': options.storeTimeoutMs ?? DEFAULTS.storeTimeoutMs,
    'restart-after-ms': options.restartAfterMs ?? DEFAULTS.restartAfterMs,
    'customer-ttl-ms': CUSTOMER_TTL_MS,
  };
}

function keyPrefix({ runId }: EnvironmentOptions): string {
  return `onceproof-${runId}:`;
}

function tell(listeners: ReadonlySet<ServerListener>, event: ServerEvent): void {
  for (const listener of listeners) listener(event);
}

function subscribe(listeners: Set<ServerListener>, listener: ServerListener): () => void {
  // Its own function, so that one listener can subscribe twice.
  const own: ServerListener = (event) => listener(event);
  listeners.add(own);
  return () => void listeners.delete(own);
}

function describeServer({ replicas, store, defect }: EnvironmentOptions): string {
  const count = replicas === 1 ? '1 replica' : `${replicas} replicas`;
  const kind = store === 'memory' ? 'in one process, crashes simulated' : 'a process each';
  return `reference server, ${count} (${kind})${defect === undefined ? '' : `, defect ${defect}`}`;
}

function checkOptions({ replicas, runId, lb }: EnvironmentOptions): void {
  if (lb !== undefined && !BALANCERS.includes(lb)) {
    throw usageError('flag', 'wrong value', { field: '--lb', expected: BALANCERS.join(', '), found: lb });
  }
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > MAX_REPLICAS) {
    throw usageError('flag', 'wrong value', {
      field: '--replicas',
      expected: `a whole number from 1 to ${MAX_REPLICAS}`,
      found: replicas,
    });
  }
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(runId)) {
    throw usageError('flag', 'wrong value', {
      field: '--run-id',
      expected: '1 to 32 letters, digits, - or _',
      found: runId,
    });
  }
}
