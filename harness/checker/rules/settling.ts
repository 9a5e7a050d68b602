/** stuck: an intent that no settling decided; and the doubts about intents and customers that were not settled at all. */

import type { CustomerCase } from '../case.ts';
import type { ObserveEvent } from '../../history/events.ts';
import { canBeSettled, isDecided } from '../decided.ts';
import { completedAt, type Attempt, type Intent } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { isConfirming, type AgedAttempt } from '../key-lives.ts';
import { keyPhase, type Contract } from '../../model/contract.ts';
import { GAVE_UP } from '../../model/outcome.ts';
import { saysInFlight, shownAnswer } from '../../model/refusals.ts';
import { about, debitCount } from './rule.ts';

export function judgeSettling(theCase: CustomerCase, findings: Findings): void {
  if (!theCase.isAudited) return;
  judgeReadBack(theCase, findings);
  for (const intent of theCase.customer.intents.values())
    if (canBeSettled(intent) && !isDecided(intent, theCase.run.contract))
      judgeIntent(intent, theCase, findings);
}

function judgeIntent(intent: Intent, theCase: CustomerCase, findings: Findings): void {
  const settled = intent.attempts.filter(({ invoke }) => invoke.via === 'settle');
  const [last] = settled.slice(-1);
  if (last === undefined) {
    // The effect itself decides, where it can be read; that there is none may still change.
    if (debitCount(theCase.effectsOf.get(intent) ?? []) === 0) findings.doubt('undecided', intent.id);
    return;
  }
  if (settled.some(({ complete }) => complete?.error === GAVE_UP)) {
    findings.doubt('settling-cut', intent.id);
    return;
  }
  if (!settled.some((attempt) => wasUndisturbed(attempt, theCase))) {
    findings.doubt('fault-at-settle', intent.id);
    return;
  }
  if (settled.every(({ complete }) => isAmbiguous(complete, theCase))) {
    if (!settled.every((attempt) => wasDoneUnheard(attempt, theCase))) findings.doubt('ambiguous', intent.id);
    return;
  }
  findings.violate({
    rule: 'stuck',
    summary: `an intent was not decided by ${settled.length} settling attempt${settled.length === 1 ? '' : 's'} after all faults had ended`,
    ...about(intent, [intent.attempts[0] ?? last, ...settled.slice(-5)]),
    expected: 'a 200 or a definite refusal',
    found: shownAnswer(last.complete),
  });
}

/** It may say "still being worked on", and does not say so by a code: nobody knows what it means. */
function isAmbiguous(complete: Attempt['complete'], { run }: CustomerCase): boolean {
  return complete?.outcome === 'fail' && !saysInFlight(run.contract, complete);
}

/**
 * The hop heard a 2xx to this key, and what it named is there: the endpoint has said how it ended, and what a key that is
 * finished may be refused with, such as its age, is other rules' to judge. Not where the key may have had another life.
 */
function wasDoneUnheard(settled: Attempt, { run, keys, effectsOf }: CustomerCase): boolean {
  const { key, intent } = settled;
  const life = keys.get(key);
  const aged = life?.attempts.find(({ attempt }) => attempt === settled);
  if (life?.maxLives !== 1 || aged === undefined || mayBeNew(aged, run.contract)) return false;
  const done = new Set((effectsOf.get(intent) ?? []).map(({ redemption }) => redemption));
  return intent.attempts.some(
    (other) =>
      other.key === key &&
      other.arrivals.some(
        (arrival) =>
          isConfirming(arrival) && arrival.isPending !== true && done.has(arrival.redemption ?? ''),
      ),
  );
}

function mayBeNew({ age, phase }: AgedAttempt, contract: Contract): boolean {
  if (age === undefined) return phase !== 'live';
  const oldest = keyPhase(contract, age.high);
  return oldest !== 'live' && oldest !== 'expired';
}

/** No fault was on while it was in flight, and a proxy did not answer in the server's place. */
function wasUndisturbed(attempt: Attempt, { run }: CustomerCase): boolean {
  if (attempt.complete?.by === 'proxy') return false;
  return !run.faults.wasOn('any', attempt.invoke.at, completedAt(attempt));
}

/** What the target offers must have been read after settling. */
function judgeReadBack(theCase: CustomerCase, findings: Findings): void {
  const { customer, run, effects, hasLedger, hasList, finalBalance } = theCase;
  if (customer.attempts.length === 0) return;
  // What it was answered is judged; that nothing else was lost with it cannot be known.
  if (customer.isGone) return findings.doubt('gone', customer.id);
  const { capabilities } = run;
  const { lastLedger, lastList, lastRewards } = customer;
  const over = customer.attempts.reduce((until, { invoke }) => Math.max(until, invoke.at), -Infinity);
  const isLate = (read: ObserveEvent | undefined) =>
    read !== undefined && (read.via === 'audit' || read.at > over);
  const isMissing =
    (capabilities.ledger && !(hasLedger && isLate(lastLedger))) ||
    (capabilities.redemptions && !(hasList && isLate(lastList))) ||
    (capabilities.balance && !(finalBalance !== undefined && isLate(customer.balances.at(-1)))) ||
    // Whoever tells of rewards tells of those of each redemption.
    (run.tellsRewards && hasLedger && effects.size > 0 && lastRewards === undefined);
  if (isMissing) findings.doubt('unread', customer.id);
  const { openingBalance, isOpeningKnown } = theCase;
  const isPastMissing =
    (capabilities.balance && openingBalance === undefined) || (capabilities.redemptions && !isOpeningKnown);
  if (isPastMissing && !customer.reopened) findings.doubt('unclean-start', customer.id);
}
