/** A hop before given upstreams, its arrivals, and a clock that the test moves. */
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import type { ArrivalRecord, ChaosProxyOptions, ProxySpec } from '../../harness/proxy/types.ts';
import { closeReplicas, post } from './http-servers.ts';
import { closeAll, open, type TestClient } from './servers.ts';

const proxies: ChaosProxy[] = [];

export interface TestHop {
  readonly proxy: ChaosProxy;
  readonly listen: string;
  readonly arrivals: ArrivalRecord[];
  /** Resolves when so many arrivals are recorded. */
  readonly untilArrivals: (count: number) => Promise<ArrivalRecord[]>;
  readonly toxic: (type: string, attributes: Record<string, unknown>, name?: string) => Promise<unknown>;
}

export async function hopTo(
  upstreams: readonly string[],
  options: Partial<ChaosProxyOptions> = {},
  spec: Partial<ProxySpec> = {},
): Promise<TestHop> {
  const arrivals: ArrivalRecord[] = [];
  const waiting = new Set<() => void>();
  const onArrival = (arrival: ArrivalRecord): void => {
    arrivals.push(arrival);
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const proxy = closedLater(new ChaosProxy({ seed: 7, onArrival, ...options }));
  const { listen } = await proxy.create({ name: 'hop', mode: 'http', upstreams, ...spec });
  return {
    proxy,
    listen,
    arrivals,
    untilArrivals: async (count) => {
      while (arrivals.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
      return arrivals;
    },
    toxic: (type, attributes, name = type) => proxy.addToxic('hop', { name, type, attributes }),
  };
}

/** A proxy that `closeHops` closes. */
export function closedLater(proxy: ChaosProxy): ChaosProxy {
  proxies.push(proxy);
  return proxy;
}

/** Closes everything that the tests opened; for `afterEach`. */
export async function closeHops(): Promise<void> {
  for (const proxy of proxies.splice(0)) await proxy.close();
  await closeReplicas();
  await closeAll();
}

/** A redemption's bytes. */
export function attempt(name: string, headers: Readonly<Record<string, string>> = {}, body = '{}'): string {
  return post('/redeem', body, { 'Onceproof-Attempt': name, 'Idempotency-Key': 'k', ...headers });
}

/** Sends one request on a connection of its own, and waits for its answer or the connection's end. */
export async function send(listen: string, request: string): Promise<TestClient> {
  const client = await open(listen);
  client.send(request);
  await client.until(({ ended, text }) => ended !== undefined || text.endsWith('}'));
  return client;
}

/** A clock for what toxics hold back: nothing comes due before the test says so. */
export class TestTimers {
  readonly waiting = new Map<() => void, number>();
  readonly #wakes = new Set<() => void>();

  readonly after = (ms: number, call: () => void): (() => void) => {
    this.waiting.set(call, ms);
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
    return () => this.waiting.delete(call);
  };

  /** Resolves when something waits for exactly so long. */
  async untilWaiting(ms: number): Promise<void> {
    while (![...this.waiting.values()].includes(ms))
      await new Promise<void>((resolve) => this.#wakes.add(resolve));
  }

  /** The time of everything that waits for so long has come. */
  fire(ms: number): void {
    for (const [call, wait] of this.waiting) {
      if (wait !== ms) continue;
      this.waiting.delete(call);
      call();
    }
  }
}
