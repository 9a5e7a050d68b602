/** Who carries the TCP toxics: the embedded proxy, or a real Toxiproxy. */

import type { ToxicDriver } from '../chaos/driver.ts';
import type { ChaosProxy } from '../chaos/proxy/chaos-proxy.ts';
import { usageError } from '../errors.ts';
import type { Keeper } from './keeper.ts';

export interface TakenDriver {
  readonly driver: ToxicDriver;
  /** In words, e.g. `toxiproxy 2.12.0 at http://127.0.0.1:8474`. */
  readonly description: string;
}

/** `embedded`: the edge itself; `toxiproxy`: a process of our own; a URL: one that is there. */
export async function takeDriver(proxy: string, edge: ChaosProxy, _keeper: Keeper): Promise<TakenDriver> {
  if (proxy === 'embedded') return { driver: edge, description: 'embedded' };
  throw usageError('proxy', 'no such proxy', {
    field: '--proxy',
    expected: 'auto, embedded, toxiproxy or http://host:port',
    found: proxy,
  });
}
