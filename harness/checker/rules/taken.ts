/** What must have been taken from a customer's points in a span of time, and what may have been. */

import type { Customer } from '../customer.ts';
import type { TimedDebit } from '../timed-debits.ts';

/** Up to so many uncertain debits and credits every choice of them is tried; beyond that only the bounds are held. */
export const EXACT_COUNT = 12;

/** ms */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Points that are certainly gone at the beginning of the span, and those that may be gone or back by its end. */
export function takenIn(
  { from, until }: Span,
  debits: readonly TimedDebit[],
  { credits, maybeCredits }: Customer,
  own?: TimedDebit,
): { readonly must: number; readonly maybe: readonly number[] } {
  let must = 0;
  const maybe: number[] = [];
  for (const debit of debits) {
    if (debit === own || debit.from > until || debit.goneAt < from) continue;
    if (debit.until < from) must += debit.points;
    else maybe.push(debit.points);
  }
  // A credit is written when it has been confirmed: it was booked at any time before.
  for (const { at, points } of credits) {
    if (at < from) must -= points;
    else maybe.push(-points);
  }
  for (const { at, points } of maybeCredits) if (at <= until) maybe.push(-points);
  return { must, maybe };
}

/** Whether some of the parts have this sum. */
export function canBe(sum: number, parts: readonly number[]): boolean {
  if (parts.length <= EXACT_COUNT) return isSumOf(sum, parts);
  let [least, most] = [0, 0];
  for (const points of parts) {
    if (points > 0) most += points;
    else least += points;
  }
  return sum >= least && sum <= most;
}

function isSumOf(sum: number, parts: readonly number[]): boolean {
  if (sum === 0) return true;
  let sums = new Set([0]);
  for (const part of parts) {
    const next = new Set(sums);
    for (const reached of sums) next.add(reached + part);
    sums = next;
  }
  return sums.has(sum);
}
