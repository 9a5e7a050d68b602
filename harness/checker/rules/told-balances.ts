/**
 * The balance that an answer tells is what the customer had, less this debit, less what must have been debited before
 * it, less some of what may have been. Told too high because a debit is missing in it: stale-read; else conservation.
 */

import type { CustomerCase } from '../case.ts';
import type { Attempt, Customer } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { isTold, timedDebitsOf, toldName, type TimedDebit, type TimedDebits } from '../timed-debits.ts';
import { wasThereBefore } from './books.ts';
import { about } from './rule.ts';
import { canBe, EXACT_COUNT, takenIn, type Span } from './taken.ts';

export function judgeTold(theCase: CustomerCase, opening: number, findings: Findings): void {
  if (!theCase.customer.attempts.some(tellsBalance)) return;
  const timed = timedDebitsOf(theCase);
  if (timed === undefined) return;
  for (const attempt of theCase.customer.attempts) {
    if (!tellsBalance(attempt)) continue;
    const told = attempt.complete?.balance;
    const own = debitOf(attempt, timed, theCase);
    if (told === undefined || own === undefined) continue;
    findings.count('toldBalances');
    const span = { from: own.from, until: shownUntil(attempt, own, theCase) };
    if (explains(told, opening, own, span, timed.debits, theCase, findings)) continue;
    report(attempt, told, own, { opening, span, debits: timed.debits, customer: theCase.customer }, findings);
    return;
  }
}

/** (Below zero it is overdraft's.) */
function tellsBalance(attempt: Attempt): boolean {
  const told = attempt.complete?.balance;
  return told !== undefined && told >= 0 && isTold(attempt);
}

/** The debit that the answer is about: one of its own claim, made in this run. */
function debitOf(attempt: Attempt, { named }: TimedDebits, theCase: CustomerCase): TimedDebit | undefined {
  const name = toldName(attempt);
  const redemption = attempt.complete?.redemption;
  if (name === undefined) return undefined;
  if (redemption !== undefined) {
    if (wasThereBefore(redemption, theCase.customer)) return undefined;
    // Another one's: the books tell.
    const owner = theCase.effects.get(redemption)?.owner;
    if (owner !== undefined && owner !== attempt.intent && !isSameClaim(owner, attempt, theCase))
      return undefined;
  }
  return named.get(name);
}

function isSameClaim(owner: Attempt['intent'], { intent }: Attempt, { claims }: CustomerCase): boolean {
  return claims.some(({ intents }) => intents.includes(owner) && intents.includes(intent));
}

/** A replay shows the first answer, as it was then, or the state of by now: the contract says which. */
function shownUntil(attempt: Attempt, own: TimedDebit, { run }: CustomerCase): number {
  const at = attempt.complete?.at ?? Infinity;
  return run.contract.replayState === 'first' ? Math.min(at, own.until) : at;
}

function explains(
  told: number,
  opening: number,
  own: TimedDebit,
  span: Span,
  debits: readonly TimedDebit[],
  { customer }: CustomerCase,
  findings: Findings,
): boolean {
  const { must, maybe } = takenIn(span, debits, customer, own);
  const left = opening - own.points - must - told;
  if (maybe.length > EXACT_COUNT) findings.count('toldWithinBounds');
  return canBe(left, maybe);
}

interface Evidence {
  readonly opening: number;
  readonly span: Span;
  readonly debits: readonly TimedDebit[];
  readonly customer: Customer;
}

function report(
  attempt: Attempt,
  told: number,
  own: TimedDebit,
  evidence: Evidence,
  findings: Findings,
): void {
  const { opening, span, debits, customer } = evidence;
  const isOlder = wasOnce(told, own, evidence);
  const { must } = takenIn(span, debits, customer, own);
  const { status, redemption = 'without an id' } = attempt.complete ?? {};
  findings.violate({
    rule: isOlder ? 'stale-read' : 'conservation',
    summary: isOlder
      ? 'the balance that an answer tells comes from an older state: what had been booked since is not in it'
      : 'no order of debits explains the balance that an answer tells',
    ...about(attempt.intent, [attempt]),
    expected: `${opening - own.points - must} points, give or take what was under way`,
    found: `balance ${told} in ${status} ${redemption}`,
  });
}

/** Whether it was the balance at some moment, or what its own debit would have left of one before it. */
function wasOnce(told: number, own: TimedDebit, { opening, span, debits, customer }: Evidence): boolean {
  const moments = new Set([-Infinity]);
  for (const { from, until } of debits) {
    if (from <= span.until) moments.add(from);
    if (until <= span.until) moments.add(until);
  }
  for (const at of moments) {
    const { must, maybe } = takenIn({ from: at, until: at }, debits, customer, own);
    const left = opening - must - told;
    if (at <= own.from && (canBe(left, maybe) || canBe(left - own.points, maybe))) return true;
    if (at >= own.from && canBe(left - own.points, maybe)) return true;
  }
  return false;
}
