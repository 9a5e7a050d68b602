/** The ways to the stores of one's own endpoint: doors that read messages (a sweep), or proxies that can be cut (a run). */

import type { ResolvedStore } from '../config/service.ts';
import type { ToxicDriver } from '../proxy/driver.ts';
import { openDoor } from '../proxy/stores/door.ts';
import type { Closing } from './closing.ts';
import type { Ports } from './ports.ts';
import { createTcpProxy } from './proxies.ts';
import type { StoreDoor } from './types.ts';

export interface OwnStores {
  readonly doors: readonly StoreDoor[];
  /** By replica: the proxies on the ways to its stores, which faults on the store's path meet in turn. */
  readonly paths: readonly (readonly string[])[];
  /** By replica: where each store is to be reached, by name. */
  readonly addresses: readonly Readonly<Record<string, string>>[];
  readonly description: string | undefined;
}

/** A door of its own for each replica and store, so that their messages are told apart. */
export async function ownStoreDoors(
  stores: readonly ResolvedStore[],
  replicaCount: number,
  closing: Closing,
): Promise<OwnStores> {
  const doors: StoreDoor[] = [];
  closing.add('store doors', async () => void (await Promise.all(doors.map(({ door }) => door.close()))));
  const addresses: Record<string, string>[] = [];
  for (let replica = 1; replica <= replicaCount; replica++) {
    const reached: Record<string, string> = {};
    for (const { name, kind, at, door: port } of stores) {
      const listen = replica === 1 && port !== undefined ? `127.0.0.1:${port}` : '127.0.0.1:0';
      const door = await openDoor({ kind, upstream: at, listen });
      doors.push({ store: name, replica, door });
      reached[name] = door.address;
    }
    addresses.push(reached);
  }
  return { doors, paths: [], addresses, description: described(stores) };
}

/** A proxy for each replica and store, to be cut and slowed. */
export async function ownStorePaths(
  stores: readonly ResolvedStore[],
  replicaCount: number,
  driver: ToxicDriver,
  ports: Ports,
): Promise<OwnStores> {
  const paths: string[][] = [];
  const addresses: Record<string, string>[] = [];
  for (let replica = 1; replica <= replicaCount; replica++) {
    const reached: Record<string, string> = {};
    const own: string[] = [];
    for (const [index, { name, at, door: port }] of stores.entries()) {
      const proxy = index === 0 ? `store-${replica}` : `store-${replica}-${name}`;
      const fixed = replica === 1 ? port : undefined;
      reached[name] =
        fixed === undefined
          ? await createTcpProxy(driver, ports, proxy, at)
          : (await driver.create({ name: proxy, listen: `127.0.0.1:${fixed}`, upstream: at })).listen;
      own.push(proxy);
    }
    paths.push(own);
    addresses.push(reached);
  }
  return { doors: [], paths, addresses, description: described(stores) };
}

function described(stores: readonly ResolvedStore[]): string | undefined {
  if (stores.length === 0) return undefined;
  return stores.map(({ name, kind }) => `${name} (${kind})`).join(', ');
}
