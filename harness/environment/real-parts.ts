/** Which parts a run takes where it was not told: the real ones where they are found. */

import { findProgram } from '../base/program.ts';
import { findToxiproxy } from '../proxy/toxiproxy-process.ts';

/** `auto` takes the real part where it is found. */
export function storeOf(asked: string): string {
  if (asked !== 'auto') return asked;
  return findProgram('redis-server') === undefined ? 'memory' : 'redis';
}

/** `auto` takes the real part where it is found. */
export function proxyOf(asked: string): string {
  if (asked !== 'auto') return asked;
  return findToxiproxy() === undefined ? 'embedded' : 'toxiproxy';
}
