/**
 * When an effect was made, by our own readings: after the last one that lacks it, and before the first one that shows
 * it. A reading that may lag says so much less. (A time that the endpoint booked is its own clock's, and is not taken.)
 */

import type { Customer, LedgerRead, ListRead } from './customer.ts';

/** ms since the epoch; -Infinity: perhaps before the first request, Infinity: never shown. */
export interface Window {
  readonly after: number;
  readonly before: number;
}

export function windowOf(redemption: string, customer: Customer, lagMs: number): Window {
  const lists = windowIn(customer.listReads, (read) => holdsItem(read, redemption), lagMs);
  const ledgers = windowIn(customer.ledgerReads, (read) => holdsDebit(read, redemption), lagMs);
  return { after: Math.max(lists.after, ledgers.after), before: Math.min(lists.before, ledgers.before) };
}

function windowIn<Read extends { readonly at: number; readonly until: number }>(
  reads: readonly Read[],
  shows: (read: Read) => boolean,
  lagMs: number,
): Window {
  let before = Infinity;
  const lacking: number[] = [];
  for (const read of reads) {
    if (shows(read)) before = Math.min(before, read.until);
    else lacking.push(read.at - lagMs);
  }
  let after = -Infinity;
  // What was shown once and is gone again says nothing of when it came.
  for (const at of lacking) if (at < before) after = Math.max(after, at);
  return { after, before };
}

function holdsItem({ value }: ListRead, redemption: string): boolean {
  return value.some((item) => item.redemption === redemption);
}

function holdsDebit({ value }: LedgerRead, redemption: string): boolean {
  return value.some((debit) => debit.redemption_id === redemption);
}
