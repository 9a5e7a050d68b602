/** A whole reading as one short text: an equal one is stored so, and whoever has the first can say whether it is the same. */

import { digest } from '../model/decide.ts';
import type { ObserveEvent } from './events.ts';

/** What a reading says, whenever it was made: rows in any order. */
export function digestOf(events: readonly ObserveEvent[]): string {
  const parts = events.map(({ what, value }) => {
    if (typeof value === 'number') return `${what} ${value}`;
    return `${what} ${value
      .map((row) => JSON.stringify(row))
      .sort()
      .join()}`;
  });
  return digest(parts.sort().join('\n'));
}
