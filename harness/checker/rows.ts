/**
 * What the lists of one customer say next to each other: a row that stands otherwise than it stood before, or not at all.
 * (One that stands twice says nothing: pages whose order is not fixed overlap.)
 */

import type { ObserveEvent } from '../history/events.ts';
import type { ListedRedemption } from '../model/protocol.ts';

type ListRead = Extract<ObserveEvent, { what: 'redemptions' }>;

export interface OddRow {
  readonly read: ListRead;
  /** Absent: it does not stand there any more. */
  readonly row?: ListedRedemption;
  /** As it stood in the list before. */
  readonly before: ListedRedemption;
}

/** Of many odd rows the first are kept. */
const KEPT = 20;
/** Shorter lists are searched row by row. */
const SHORT = 12;

/** Notes what is odd in a list, next to the one that was read before it. */
export function noteOddRows(odd: OddRow[], read: ListRead, before: ListRead | undefined): void {
  const rows = read.value;
  if (before === undefined || before.value.length === 0 || odd.length >= KEPT) return;
  const find = finder(rows);
  for (const old of before.value) {
    const row = find(old.redemption);
    if (row === undefined) odd.push({ read, before: old });
    else if (isOther(row, old)) odd.push({ read, row, before: old });
    if (odd.length >= KEPT) return;
  }
}

/** What has no value yet may get one later. */
function isOther(row: ListedRedemption, old: ListedRedemption): boolean {
  return (
    differ(row.points, old.points) ||
    differ(row.reward, old.reward) ||
    differ(row.clientRedemptionId, old.clientRedemptionId)
  );
}

function differ(one: string | number | undefined, two: string | number | undefined): boolean {
  return one !== undefined && two !== undefined && one !== two;
}

function finder(rows: readonly ListedRedemption[]): (redemption: string) => ListedRedemption | undefined {
  if (rows.length <= SHORT) return (redemption) => rows.find((row) => row.redemption === redemption);
  const byName = new Map(rows.map((row) => [row.redemption, row]));
  return (redemption) => byName.get(redemption);
}
