/** What the books of a customer say of how many redemptions there were: ledger, list and balance against each other. */

import type { ObserveEvent } from '../history/events.ts';

/** One reading of all that can be read; absent: it cannot. */
export interface Books {
  readonly debits?: number;
  readonly listed?: number;
  readonly balance?: number;
}

export interface Effects {
  /** Undefined: nothing can be read. */
  readonly count: number | undefined;
  /** What the readings say against each other. */
  readonly disagreement?: string;
}

/** More redemptions of one customer than a probe makes. */
const MOST_COUNT = 60;

export function booksOf(events: readonly ObserveEvent[]): Books {
  const books: { -readonly [K in keyof Books]: Books[K] } = {};
  for (const event of events) {
    if (event.what === 'ledger') books.debits = event.value.length;
    if (event.what === 'redemptions') books.listed = event.value.length;
    if (event.what === 'balance') books.balance = event.value;
  }
  return books;
}

/** What came between two readings; `prices` is what was asked for on the way, `credited` what was given. */
export function effectsBetween(
  before: Books,
  after: Books,
  { prices, credited }: { readonly prices: readonly number[]; readonly credited: number },
): Effects {
  const debits = difference(before.debits, after.debits);
  const listed = difference(before.listed, after.listed);
  const lower = difference(after.balance, before.balance);
  const taken = lower === undefined ? undefined : lower + credited;
  const counted = [debits, listed].filter((count) => count !== undefined);
  if (counted.length === 0 && taken === undefined) return { count: undefined };
  const count = counted.length > 0 ? Math.max(...counted) : leastCount(taken ?? 0, prices);
  const isTold =
    counted.every((one) => one === count) && (taken === undefined || canTake(taken, count, prices));
  if (isTold) return { count };
  const readings = [
    debits !== undefined && `the ledger has ${debits} more`,
    listed !== undefined && `the list has ${listed} more`,
    taken !== undefined && `${taken} points are gone`,
  ];
  return { count, disagreement: readings.filter((text) => text !== false).join(', ') };
}

/** Whether so many redemptions at these prices, each perhaps several times, take so many points. */
function canTake(taken: number, count: number, prices: readonly number[]): boolean {
  return sumsOf(count, prices).has(taken);
}

function leastCount(taken: number, prices: readonly number[]): number {
  for (let count = 0; count <= MOST_COUNT; count++) if (canTake(taken, count, prices)) return count;
  // No whole redemptions explain it: one at least, if any points are gone.
  return taken > 0 ? 1 : 0;
}

function sumsOf(count: number, prices: readonly number[]): ReadonlySet<number> {
  const coins = [...new Set(prices)];
  let sums = new Set([0]);
  for (let n = 0; n < Math.min(count, MOST_COUNT); n++)
    sums = new Set([...sums].flatMap((sum) => coins.map((coin) => sum + coin)));
  return sums;
}

function difference(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}
