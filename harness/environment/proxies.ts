/** The chain of proxies: client -> hop (or load balancer -> one hop per replica) -> one TCP proxy per replica -> replica -> one TCP proxy per replica -> store. */

import type { ToxicDriver } from '../proxy/driver.ts';
import { ChaosProxy } from '../proxy/chaos-proxy.ts';
import type { ArrivalRecord, ChaosProxyOptions } from '../proxy/types.ts';
import type { ArrivalEvent } from '../history/events.ts';
import type { Ports } from './ports.ts';
import type { ReplicaProxies } from './types.ts';

/** Name of the front hop's proxy. Names hold no run id: decisions are hashed from them too, and a replay must repeat them. */
export const HOP = 'hop';

/** Name of the hop before a replica, behind a load balancer. */
export function replicaHopName(replica: number): string {
  return `door-${replica}`;
}

/** Names of the proxies before and behind a replica. At a real Toxiproxy the driver puts the run's name before each. */
export function proxyNames(replica: number, hasStore: boolean): ReplicaProxies {
  const edge = `replica-${replica}`;
  return hasStore ? { edge, store: `store-${replica}` } : { edge };
}

export interface EdgeOptions {
  readonly seed: string;
  readonly onArrival: ((arrival: ArrivalEvent) => void) | undefined;
  readonly arm?: ChaosProxyOptions['arm'];
  readonly sign?: ChaosProxyOptions['sign'] | undefined;
  readonly isPending?: ChaosProxyOptions['isPending'] | undefined;
}

/** The embedded proxy: it carries the hop always, and the TCP proxies when no real Toxiproxy does. */
export function createHopProxy({ seed, onArrival, arm, sign, isPending }: EdgeOptions): ChaosProxy {
  return new ChaosProxy({
    seed,
    ...(onArrival && { onArrival: (record: ArrivalRecord) => onArrival(arrivalEvent(record)) }),
    ...(arm && { arm }),
    ...(sign && { sign }),
    ...(isPending && { isPending }),
  });
}

/** A TCP proxy to `host:port`, on a port that it keeps while it is down; gives back where it listens. */
export async function createTcpProxy(
  driver: ToxicDriver,
  ports: Ports,
  name: string,
  upstream: string,
): Promise<string> {
  const create = async (): Promise<string> => {
    const state = await driver.create({ name, listen: `127.0.0.1:${await ports.take()}`, upstream });
    return state.listen;
  };
  // Another program can take the port between our look and the listening.
  return create().catch(create);
}

function arrivalEvent(record: ArrivalRecord): ArrivalEvent {
  const { fault, error: _, ...rest } = record;
  return fault === undefined ? rest : { ...rest, faults: fault };
}
