/** The environment of an endpoint of one's own: proxies in front of it, and what its config lets us stand before or start. */

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { ToxicDriver } from '../proxy/driver.ts';
import type { ChaosProxy } from '../proxy/chaos-proxy.ts';
import { usageError } from '../base/errors.ts';
import type { ResolvedService, ResolvedStore } from '../config/service.ts';
import type { ArrivalEvent } from '../history/events.ts';
import { OWN_CAPABILITIES } from './capabilities.ts';
import { Closing } from './closing.ts';
import { takeDriver } from './drivers.ts';
import { addressOf, needsGateway, openGateway, wayOf, type Reach } from './gateway.ts';
import { Keeper } from './keeper.ts';
import { ownStoreDoors, ownStorePaths, type OwnStores } from './own-stores.ts';
import { createHopProxy, createTcpProxy, HOP, proxyNames, type EdgeOptions } from './proxies.ts';
import type { Replica } from './replicas.ts';
import type { ServerListener } from './server-events.ts';
import { listens, startServiceReplica } from './service.ts';
import { memoryStore, until } from './store.ts';
import { ask } from './hooks-client.ts';
import type { Environment, EnvironmentOptions, ReplicaProxies } from './types.ts';

export interface OwnEnvironmentOptions {
  /** `http://host:port/path` or `https://…`. With a service, port 0 is a free one. */
  readonly baseUrl: string;
  /** Replicas of the endpoint, `baseUrl` among them; absent: that alone. */
  readonly baseUrls?: readonly string[];
  /** How it is reached; absent: as anybody does. */
  readonly reach?: Reach;
  /** `http_arm` of the hop: lets the endpoint's handler fail. */
  readonly arm?: EdgeOptions['arm'];
  readonly proxy: EnvironmentOptions['proxy'];
  readonly seed: string;
  readonly runId: string;
  readonly workDir: string;
  /** Header that carries the key, and pointer to the redemption's id in an answer, for the arrivals. */
  readonly keyHeader?: string;
  /** The key stands there in the body, not in a header. */
  readonly keyPointer?: string;
  readonly redemptionPointer?: string;
  readonly isPending?: EdgeOptions['isPending'];
  readonly answerTimeoutMs?: number;
  readonly onArrival?: (arrival: ArrivalEvent) => void;
  readonly stores?: readonly ResolvedStore[];
  /** Started here, a process for each replica. */
  readonly service?: ResolvedService;
  /** Folder in which the service runs. */
  readonly serviceDir?: string;
  /** `hooks.restart` of the config, for an endpoint that we do not start. */
  readonly restart?: () => Promise<void>;
  /** Doors that read messages in the place of TCP proxies. */
  readonly hasStoreDoors?: boolean;
}

/** The parts that are being put together. */
interface Setting {
  readonly options: OwnEnvironmentOptions;
  readonly closing: Closing;
  readonly keeper: Keeper;
  readonly driver: ToxicDriver;
  readonly hopProxy: ChaosProxy;
  readonly listeners: Set<ServerListener>;
}

const READY_LIMIT_MS = 30_000;

/**
 * Puts the hop and one TCP proxy before the endpoint, or before each replica of a service. To an `https:` endpoint the hop
 * speaks TLS, through the TCP proxy, and checks its certificate; only on this machine, between client and hop, are the
 * requests in clear.
 */
export async function startOwnEnvironment(options: OwnEnvironmentOptions): Promise<Environment> {
  const endpoint = endpointOf(options.baseUrl);
  const closing = new Closing();
  try {
    return await start(options, endpoint, closing);
  } catch (error) {
    await closing.close().catch(() => {});
    throw error;
  }
}

async function start(options: OwnEnvironmentOptions, endpoint: URL, closing: Closing): Promise<Environment> {
  const keeper = new Keeper(options.workDir);
  closing.add('run file', () => keeper.close());
  const reach = options.reach ?? {};
  const hopProxy = createHopProxy({
    seed: options.seed,
    onArrival: options.onArrival,
    isPending: options.isPending,
    sign: reach.sign,
    ...(options.arm && { arm: options.arm }),
  });
  closing.add('hop', () => hopProxy.close());
  const taken = await takeDriver(options, hopProxy, keeper);
  closing.add('proxy', taken.close);
  const { driver, description } = taken;
  const setting: Setting = { options, closing, keeper, driver, hopProxy, listeners: new Set() };
  const stores = await openStores(setting);
  const replicas = options.service ? await startService(setting, stores, endpoint) : restarted(options);
  const isOurs = options.service !== undefined;
  const given = (options.baseUrls ?? [options.baseUrl]).map((url) => url.replace(/\/+$/, ''));
  const origins = (isOurs ? replicas.map(({ url }) => url) : given).map((url) => new URL(url));
  const proxies = origins.map((_, index) => ({
    edge: proxyNames(index + 1, false).edge,
    ...pathsOf(stores, index),
  }));
  const hopUrl = await openHop(setting, endpoint, origins);
  const path = endpoint.pathname.replace(/\/+$/, '');
  const directUrls = isOurs
    ? origins.map(({ origin }) => origin + path)
    : await directOf(given, reach, closing);
  const store = stores.description ?? "the endpoint's own";

  return {
    baseUrl: hopUrl + path,
    directUrls,
    hooksUrls: [],
    hooksToken: '',
    token: '',
    capabilities: {
      ...OWN_CAPABILITIES,
      processes: isOurs,
      store: stores.paths.some((own) => own.length > 0),
      replicas: origins.length,
    },
    keeper,
    replicas,
    proxies,
    // Whatever it keeps its data in, we can cut it off, but not end it.
    store: { ...memoryStore(), description: store },
    storeDoors: stores.doors,
    hop: HOP,
    hopProxy,
    driver,
    subscribe: (listener) => {
      const own: ServerListener = (event) => listener(event);
      setting.listeners.add(own);
      return () => void setting.listeners.delete(own);
    },
    waitReady: (limitMs, only) => areReady(options, replicas, limitMs, only),
    disarm: async () => {},
    describe: () => ({
      server: isOurs
        ? `a service of one's own, ${origins.length} process(es)`
        : origins.map(({ origin }) => origin).join(', '),
      store,
      proxy: description,
    }),
    close: () => closing.close(),
  };
}

/** The replicas as settling and reading back go to them. */
async function directOf(
  given: readonly string[],
  reach: Reach,
  closing: Closing,
): Promise<readonly string[]> {
  if (!needsGateway(reach)) return given;
  const gateway = await openGateway(given, reach);
  closing.add('gateway', () => gateway.close());
  return gateway.urls;
}

async function openStores({ options, driver, keeper, closing }: Setting): Promise<OwnStores> {
  const stores = options.stores ?? [];
  const replicas = options.service?.replicas ?? 1;
  if (options.hasStoreDoors === true) return await ownStoreDoors(stores, replicas, closing);
  return await ownStorePaths(stores, replicas, driver, keeper.ports);
}

function pathsOf({ paths }: OwnStores, index: number): Pick<ReplicaProxies, 'store' | 'stores'> {
  const own = paths[index] ?? [];
  const [store] = own;
  return store === undefined ? {} : { store, stores: own };
}

async function startService(
  { options, keeper, closing, listeners }: Setting,
  stores: OwnStores,
  endpoint: URL,
): Promise<readonly Replica[]> {
  const { service } = options;
  if (service === undefined) return [];
  if (process.platform === 'win32')
    throw usageError('service', 'is for Linux and macOS: on Windows no process group can be ended', {
      field: 'service',
      expected: 'none on Windows',
    });
  const log = createWriteStream(join(options.workDir, 'server.log'), { flags: 'a' });
  // A full disk must not end the run: the log is only for reading along.
  log.on('error', () => {});
  closing.add('log', () => new Promise((done) => log.end(() => done())));
  const replicas: Replica[] = [];
  closing.add('service', async () => void (await Promise.all(replicas.map((replica) => replica.close()))));
  for (let index = 1; index <= service.replicas; index++) {
    const isGiven = index === 1 && endpoint.port !== '0';
    const port = isGiven ? Number(endpoint.port || '80') : await keeper.ports.take();
    replicas.push(
      await startServiceReplica({
        service,
        index,
        port,
        cwd: options.serviceDir ?? '.',
        stores: stores.addresses[index - 1] ?? {},
        keeper,
        onLog: (text) => log.write(text),
        onEvent: (event) => {
          for (const listener of listeners) listener(event);
        },
      }),
    );
  }
  return replicas;
}

/** An endpoint that somebody else started, and that the config can restart the hard way. It cannot be stopped. */
function restarted({ restart, baseUrl }: OwnEnvironmentOptions): readonly Replica[] {
  if (restart === undefined) return [];
  const nothing = async (): Promise<void> => {};
  const url = new URL(baseUrl).origin;
  return [
    {
      index: 1,
      url,
      hooksUrl: '',
      pid: () => undefined,
      isUp: () => true,
      kill: restart,
      stop: restart,
      pause: () => {},
      resume: () => {},
      restart: nothing,
      close: nothing,
    },
  ];
}

async function areReady(
  { service }: OwnEnvironmentOptions,
  replicas: readonly Replica[],
  limitMs: number,
  only?: number,
): Promise<boolean> {
  if (service === undefined) return true;
  const asked = replicas.filter(({ index }) => only === undefined || index === only);
  const isReady = async ({ url, isUp }: Replica): Promise<boolean> => {
    if (!isUp()) return false;
    if (service.ready === undefined) return await listens(Number(new URL(url).port));
    const request = { method: 'GET', url: url + service.ready, timeoutMs: 1000 };
    const answer = await ask(request).catch(() => undefined);
    return answer !== undefined && answer.status >= 200 && answer.status < 300;
  };
  return await until(
    async () => (await Promise.all(asked.map(isReady))).every(Boolean),
    Math.min(limitMs, READY_LIMIT_MS),
  );
}

async function openHop(
  { options, hopProxy, driver, keeper }: Setting,
  endpoint: URL,
  origins: readonly URL[],
): Promise<string> {
  const isTls = endpoint.protocol === 'https:';
  const upstreams: string[] = [];
  for (const [index, origin] of origins.entries()) {
    const { edge } = proxyNames(index + 1, false);
    upstreams.push(await createTcpProxy(driver, keeper.ports, edge, addressOf(origin, options.reach ?? {})));
  }
  const { keyHeader, keyPointer, redemptionPointer, answerTimeoutMs } = options;
  const hop = await hopProxy.create({
    name: HOP,
    mode: 'http',
    upstreams,
    // Virtual hosts are told apart by the name that the config has.
    hostHeader: endpoint.host,
    ...(options.baseUrls && { hosts: origins.map(({ host }) => host) }),
    tls: isTls,
    way: wayOf(options.reach ?? {}),
    ...(keyHeader !== undefined && { keyHeader }),
    ...(keyPointer !== undefined && { keyPointer }),
    ...(redemptionPointer !== undefined && { redemptionPointer }),
    ...(answerTimeoutMs !== undefined && { answerTimeoutMs }),
  });
  return `http://${hop.listen}`;
}

function endpointOf(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url;
  throw usageError('base_url', 'not an address', {
    field: 'baseUrl',
    expected: 'http://host:port or https://host',
    found: baseUrl,
  });
}
