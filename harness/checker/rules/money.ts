/** conservation and overdraft; and, where only the balance can be read, what its arithmetic says of debits. */

import type { CustomerCase } from '../case.ts';
import type { Effect } from '../effects.ts';
import { allDecided } from '../decided.ts';
import type { Findings } from '../findings.ts';
import { evidenceOf, judgeArithmetic } from './arithmetic.ts';
import { about } from './rule.ts';
import { canBe } from './taken.ts';

const UNKNOWN_START = 'the balance before the first request could not be read';
const UNKNOWN_CREDIT = 'points were asked for, and nobody knows whether they were given';
const UNKNOWN_PAST = 'what was there before the first request could not be read';

export function judgeMoney(theCase: CustomerCase, findings: Findings): void {
  judgeNegative(theCase, findings);
  // The balance of a customer that is gone was read before it went: lost-debit tells the rest.
  if (!theCase.isAudited || theCase.customer.isGone) return;
  const { openingBalance, finalBalance, credited, hasLedger, hasList } = theCase;
  const spent =
    openingBalance === undefined || finalBalance === undefined
      ? undefined
      : openingBalance + credited - finalBalance;
  if (openingBalance === undefined && theCase.isOpeningKnown && theCase.run.capabilities.balance)
    findings.unjudged('conservation', UNKNOWN_START, theCase.customer.id);
  if (!hasLedger && !hasList) {
    // The balance before the first attempt is all the opening that there can be, and all that is needed.
    if (spent === undefined) return;
    if (theCase.maybeCredited === 0) judgeArithmetic(spent, theCase, findings);
    else
      for (const rule of ['conservation', 'double-debit', 'lost-debit'] as const)
        findings.unjudged(rule, UNKNOWN_CREDIT, theCase.customer.id);
    return;
  }
  if (!theCase.isOpeningKnown) {
    for (const rule of ['conservation', 'overdraft', 'double-debit'] as const)
      findings.unjudged(rule, UNKNOWN_PAST, theCase.customer.id);
    return;
  }
  judgePointsOfEffects(theCase, findings);
  // What is still in flight may fall between two readings: such a customer is undecided, not out of balance.
  if (!allDecided(theCase.customer.intents.values(), theCase.run.contract)) return;
  if (hasLedger && hasList) judgeLedgerAgainstList(theCase, findings);
  if (spent !== undefined) judgeSum(spent, theCase, findings);
}

function judgeNegative(theCase: CustomerCase, findings: Findings): void {
  const { customer, openingBalance, credited, maybeCredited, hasLedger, isOpeningKnown } = theCase;
  const most = openingBalance === undefined ? Infinity : openingBalance + credited + maybeCredited;
  const read = customer.balances.find(({ value }) => value < 0);
  const told = customer.attempts.find(
    ({ complete }) => complete?.balance !== undefined && complete.balance < 0,
  );
  // What was debited before the first reading is not of these points.
  const debited = hasLedger && isOpeningKnown ? ledgerSum(theCase) : 0;
  const isOverdrawn = debited > most;
  if (!read && !told && !isOverdrawn) return;
  findings.violate({
    rule: 'overdraft',
    summary: isOverdrawn ? 'more points were debited than there were' : 'a balance fell below 0',
    customer: customer.id,
    attempts: told ? [told.id] : [],
    expected: isOverdrawn ? `at most ${most} points debited` : 'a balance of 0 or more',
    found: isOverdrawn ? `${debited} points debited` : `balance ${read?.value ?? told?.complete?.balance}`,
    ...(read && { at: read.until }),
  });
}

function ledgerSum({ effects }: CustomerCase): number {
  let sum = 0;
  for (const effect of effects.values()) sum += effect.debitedPoints;
  return sum;
}

/** Points of the listed redemptions; undefined where one of them cannot be priced. */
function listSum({ effects, customer }: CustomerCase): number | undefined {
  let sum = 0;
  for (const effect of effects.values()) {
    if (!effect.isListed) continue;
    const points = effect.points ?? effect.owner?.attempts[0]?.invoke.points;
    if (points === undefined) return undefined;
    sum += points;
  }
  return customer.lastList === undefined ? undefined : sum;
}

function judgeSum(spent: number, theCase: CustomerCase, findings: Findings): void {
  const listed = theCase.hasList ? listSum(theCase) : undefined;
  const expected = listed ?? (theCase.hasLedger ? ledgerSum(theCase) : undefined);
  if (expected === undefined) {
    findings.unjudged(
      'conservation',
      'the list does not tell the points of a redemption',
      theCase.customer.id,
    );
    return;
  }
  // What was asked for and not confirmed may be in the balance, or not.
  const maybe = theCase.customer.maybeCredits.map(({ points }) => points);
  if (canBe(expected - spent, maybe)) return;
  const source = listed === undefined ? 'debited in the ledger' : 'of newly listed redemptions';
  const { openingBalance, finalBalance, credited } = theCase;
  findings.violate({
    rule: 'conservation',
    summary: `the balance fell by ${spent} points, but ${expected} points ${source} explain it`,
    ...evidenceOf(theCase),
    expected: `start ${openingBalance} + credits ${credited} - end = ${expected}`,
    found: `end ${finalBalance}, so ${spent} points are gone`,
  });
}

/** Every debit must have its redemption and every redemption its debit, of the same points. */
function judgeLedgerAgainstList(theCase: CustomerCase, findings: Findings): void {
  const odd: Effect[] = [];
  for (const effect of theCase.effects.values()) if (effect.debits > 0 !== effect.isListed) odd.push(effect);
  const [first] = odd;
  if (first === undefined) return;
  const isBare = first.debits > 0;
  findings.violate({
    rule: 'conservation',
    summary: isBare ? 'points were debited without a redemption' : 'a redemption is listed without a debit',
    ...(first.owner ? about(first.owner) : { customer: theCase.customer.id, attempts: [] }),
    expected: 'each debit in the ledger to have its redemption in the list',
    found: `${odd.length} without the other side, e.g. ${first.redemption}`,
  });
}

/** A debit takes the points that the intent asked for. */
function judgePointsOfEffects(theCase: CustomerCase, findings: Findings): void {
  for (const [intent, effects] of theCase.effectsOf) {
    const odd = effects.find(
      ({ points }) => points !== undefined && intent.attempts.every(({ invoke }) => invoke.points !== points),
    );
    if (!odd) continue;
    findings.violate({
      rule: 'conservation',
      summary: 'other points were taken than the intent asked for',
      ...about(intent),
      expected: `${intent.attempts[0]?.invoke.points} points`,
      found: `${odd.points} points for ${odd.redemption}`,
    });
  }
}
