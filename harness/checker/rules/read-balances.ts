/**
 * A balance that was read between others is one that some of the debits and credits leave: all that were certain before it
 * (a reading may lag), and any of those that were under way. The first and the last reading are conservation's.
 */

import type { CustomerCase } from '../case.ts';
import type { BalanceRead } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { timedDebitsOf, type TimedDebit } from '../timed-debits.ts';
import { canBe, takenIn } from './taken.ts';

export function judgeReadBalances(theCase: CustomerCase, opening: number, findings: Findings): void {
  const { customer, run } = theCase;
  if (customer.balances.length < 3) return;
  const timed = timedDebitsOf(theCase);
  if (timed === undefined) return;
  const { debits } = timed;
  const reads = customer.balances.toSorted((one, two) => one.at - two.at);
  for (const read of reads.slice(1, -1)) {
    if (read.value < 0) continue;
    const span = { from: read.at - run.readLagMs, until: read.until };
    const { must, maybe } = takenIn(span, debits, customer);
    if (canBe(opening - must - read.value, maybe)) continue;
    report(read, { opening, must, isOlder: wasOnce(read, opening, debits, theCase) }, theCase, findings);
    return;
  }
}

/** Whether any of what had begun by then leaves it. */
function wasOnce(
  { value, until }: BalanceRead,
  opening: number,
  debits: readonly TimedDebit[],
  { customer }: CustomerCase,
): boolean {
  const { must, maybe } = takenIn({ from: -Infinity, until }, debits, customer);
  return canBe(opening - must - value, maybe);
}

interface Expected {
  readonly opening: number;
  readonly must: number;
  readonly isOlder: boolean;
}

function report(
  { at, until, value }: BalanceRead,
  { opening, must, isOlder }: Expected,
  { customer }: CustomerCase,
  findings: Findings,
): void {
  const before = customer.attempts.filter(({ invoke }) => invoke.at < until).slice(-5);
  findings.violate({
    rule: isOlder ? 'stale-read' : 'conservation',
    summary: isOlder
      ? 'a balance that was read comes from an older state: what had been booked since is not in it'
      : 'no order of debits and credits explains a balance that was read',
    customer: customer.id,
    attempts: before.map(({ id }) => id),
    at: Math.max(at, until),
    expected: `${opening - must} points, give or take what was under way`,
    found: `${value} points`,
  });
}
