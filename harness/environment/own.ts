/** The environment of an endpoint of one's own: nothing is started but proxies in front of it. */

import type { ToxicDriver } from '../proxy/driver.ts';
import type { ChaosProxy } from '../proxy/chaos-proxy.ts';
import { usageError } from '../base/errors.ts';
import type { ArrivalEvent } from '../history/events.ts';
import { OWN_CAPABILITIES } from './capabilities.ts';
import { Closing } from './closing.ts';
import { takeDriver } from './drivers.ts';
import { Keeper } from './keeper.ts';
import { createEdge, createTcpProxy, HOP, proxyNames } from './proxies.ts';
import { memoryStore } from './store.ts';
import type { Environment, EnvironmentOptions } from './types.ts';

export interface OwnEnvironmentOptions {
  /** `http://host:port/path` or `https://…`. */
  readonly baseUrl: string;
  readonly proxy: EnvironmentOptions['proxy'];
  readonly seed: string;
  readonly runId: string;
  readonly workDir: string;
  /** Header that carries the key, and pointer to the redemption's id in an answer, for the arrivals. */
  readonly keyHeader?: string;
  readonly redemptionPointer?: string;
  readonly answerTimeoutMs?: number;
  readonly onArrival?: (arrival: ArrivalEvent) => void;
}

/**
 * Puts the hop and one TCP proxy before the endpoint. To an `https:` endpoint the hop speaks TLS, through the TCP proxy, and
 * checks its certificate; only on this machine, between client and hop, are the requests in clear.
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
  const edge = createEdge({ seed: options.seed, onArrival: options.onArrival });
  closing.add('hop', () => edge.close());
  const taken = await takeDriver(options, edge, keeper);
  closing.add('proxy', taken.close);
  const { driver, description } = taken;
  const names = proxyNames(1, false);
  const hopUrl = await openHop(options, endpoint, { edge, driver, keeper }, names.edge);

  return {
    baseUrl: hopUrl + endpoint.pathname.replace(/\/+$/, ''),
    directUrls: [options.baseUrl.replace(/\/+$/, '')],
    hooksUrls: [],
    hooksToken: '',
    token: '',
    capabilities: OWN_CAPABILITIES,
    keeper,
    replicas: [],
    proxies: [names],
    // Whatever it keeps its data in, we cannot reach it.
    store: { ...memoryStore(), description: "the endpoint's own" },
    storeDoors: [],
    hop: HOP,
    edge,
    driver,
    subscribe: () => () => {},
    waitReady: async () => true,
    disarm: async () => {},
    describe: () => ({
      server: endpoint.origin,
      store: "the endpoint's own",
      proxy: description,
    }),
    close: () => closing.close(),
  };
}

async function openHop(
  options: OwnEnvironmentOptions,
  endpoint: URL,
  { edge, driver, keeper }: { edge: ChaosProxy; driver: ToxicDriver; keeper: Keeper },
  edgeName: string,
): Promise<string> {
  const isTls = endpoint.protocol === 'https:';
  const address = `${endpoint.hostname}:${endpoint.port || (isTls ? '443' : '80')}`;
  const upstream = await createTcpProxy(driver, keeper.ports, edgeName, address);
  const { keyHeader, redemptionPointer, answerTimeoutMs } = options;
  const hop = await edge.create({
    name: HOP,
    mode: 'http',
    upstreams: [upstream],
    // Virtual hosts are told apart by the name that the config has.
    hostHeader: endpoint.host,
    tls: isTls,
    ...(keyHeader !== undefined && { keyHeader }),
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
