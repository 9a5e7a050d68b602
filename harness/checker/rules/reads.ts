/** stale-read: after a 200, a list or a balance that was read later must show it. */

import type { CustomerCase } from '../case.ts';
import { completedAt, hasCredits, isOwn, type Attempt, type BalanceRead } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { isLinearizable, operationsOf, type Operation } from '../linearizability.ts';
import { judgeReadBalances } from './read-balances.ts';
import { about } from './rule.ts';
import { judgeTold } from './told-balances.ts';

/** Larger customers are judged by sums only: the search for an order is for small histories. */
const SEARCHED_OPERATIONS = 64;

export function judgeReads(theCase: CustomerCase, findings: Findings): void {
  if (theCase.customer.reopened) return;
  const before = findings.violationCount;
  judgeLists(theCase, findings);
  const { openingBalance, isOpeningKnown, hasLedger, hasList } = theCase;
  if (openingBalance === undefined) return;
  if (isOpeningKnown) {
    judgeBalances(theCase, openingBalance, findings);
    if (findings.violationCount === before) judgeOrder(theCase, openingBalance, findings);
    if (findings.violationCount === before) judgeReadBalances(theCase, openingBalance, findings);
  }
  // Where nothing else can be read, the balance before the first attempt is all the opening that there can be.
  if (isOpeningKnown || (!hasLedger && !hasList)) judgeTold(theCase, openingBalance, findings);
}

/** What is missing for good is a lost debit; what came to be seen later was a stale read. */
function judgeLists({ customer, effects }: CustomerCase, findings: Findings): void {
  for (const { redemption, attempt, read } of customer.missed) {
    const effect = effects.get(redemption);
    if (effect?.isListed !== true) continue;
    findings.violate({
      rule: 'stale-read',
      summary: 'a list that was read after the 200 does not show the redemption',
      ...about(attempt.intent, [attempt]),
      at: read.until,
      expected: `${redemption} in the list`,
      found: `${read.value.length} redemptions without it`,
    });
    return;
  }
}

interface Confirmed {
  readonly attempt: Attempt;
  readonly points: number;
  readonly at: number;
}

/** A balance that is higher than what all confirmed redemptions left. The last reading is conservation's. */
function judgeBalances(theCase: CustomerCase, opening: number, findings: Findings): void {
  const { customer } = theCase;
  const last = customer.balances.at(-1);
  const confirmed = confirmedOf(theCase);
  const lagMs = theCase.run.readLagMs;
  if (confirmed.length === 0) return;
  let spent = 0;
  let next = 0;
  for (const read of [...customer.balances].sort((one, two) => one.at - two.at)) {
    for (; next < confirmed.length && (confirmed[next]?.at ?? Infinity) + lagMs < read.at; next++)
      spent += confirmed[next]?.points ?? 0;
    const most = opening + theCase.credited + theCase.maybeCredited - spent;
    if (read === last || read.value <= most) continue;
    reportBalance(read, most, confirmed.slice(0, next), findings);
    return;
  }
}

/** One entry a redemption, at its earliest 200. */
function confirmedOf({ customer, effects }: CustomerCase): Confirmed[] {
  const confirmed: Confirmed[] = [];
  for (const [redemption, attempt] of customer.confirmed) {
    const effect = effects.get(redemption);
    // What never was is a lost debit.
    if (effect === undefined || effect.debits === 0 || !isOwn(attempt)) continue;
    confirmed.push({ attempt, points: effect.points ?? attempt.invoke.points, at: completedAt(attempt) });
  }
  return confirmed.sort((one, two) => one.at - two.at);
}

function reportBalance(
  read: BalanceRead,
  most: number,
  confirmed: readonly Confirmed[],
  findings: Findings,
): void {
  const last = confirmed.at(-1)?.attempt;
  if (last === undefined) return;
  findings.violate({
    rule: 'stale-read',
    summary: 'a balance that was read after the 200 does not show the debit',
    ...about(
      last.intent,
      confirmed.slice(-5).map(({ attempt }) => attempt),
    ),
    at: read.until,
    expected: `at most ${most} points`,
    found: `${read.value} points`,
  });
}

/** A reading that may lag shows any state from so long before it. */
function withLag(operations: readonly Operation[], lagMs: number): Operation[] {
  return operations.map((each) => (each.read === undefined ? each : { ...each, from: each.from - lagMs }));
}

/** The second opinion: whether any order of debits and reads explains all that was seen. */
function judgeOrder(theCase: CustomerCase, opening: number, findings: Findings): void {
  if (!theCase.isAudited || hasCredits(theCase.customer) || findings.violationCount > 0) return;
  const operations = operationsOf(theCase);
  if (operations === undefined || operations.length > SEARCHED_OPERATIONS) return;
  if (isLinearizable(operations, opening) !== false) return;
  const { readLagMs } = theCase.run;
  if (readLagMs > 0 && isLinearizable(withLag(operations, readLagMs), opening) !== false) return;
  findings.violateBySecondOpinion({
    rule: 'stale-read',
    summary: 'no order of debits and reads explains the balances that were seen',
    customer: theCase.customer.id,
    attempts: theCase.customer.attempts.slice(0, 20).map(({ id }) => id),
    expected: 'a linearizable history of debits and balance reads',
    found: theCase.customer.balances.map(({ value }) => value).join(', '),
  });
}
