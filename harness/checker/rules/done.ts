/** lost-debit and refused-but-done: what was said of an intent against what was done. */

import type { CustomerCase } from '../case.ts';
import type { Effect } from '../effects.ts';
import { hasCredits, isOwn, type Attempt, type Intent } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { canBe, saysNoEffect, shownAnswer } from '../../model/refusals.ts';
import { wasThereBefore } from './books.ts';
import { about, debitCount, shownEffects } from './rule.ts';

export function judgeDone(theCase: CustomerCase, findings: Findings): void {
  if (!theCase.isAudited || (!theCase.hasLedger && !theCase.hasList)) return;
  const judged = new Set<string>();
  for (const intent of theCase.customer.intents.values()) {
    judgeConfirmed(intent, theCase, judged, findings);
    judgeRefused(intent, theCase, findings);
  }
}

/** Every redemption that a 200 named must be there after settling; a 200 that named none must have left one. */
function judgeConfirmed(
  intent: Intent,
  theCase: CustomerCase,
  judged: Set<string>,
  findings: Findings,
): void {
  for (const attempt of intent.attempts) {
    const { complete } = attempt;
    if (complete?.outcome !== 'ok' || complete.by !== 'server' || !isOwn(attempt)) continue;
    if (complete.redemption === undefined) {
      if (judged.has(`intent ${intent.id}`)) continue;
      judged.add(`intent ${intent.id}`);
      if (debitCount(effectsOfClaim(intent, theCase)) === 0) lost(attempt, undefined, theCase, findings);
      continue;
    }
    // What was there before, or belongs to another claim, is no answer to this one: books.ts tells.
    if (judged.has(complete.redemption) || wasThereBefore(complete.redemption, theCase.customer)) continue;
    judged.add(complete.redemption);
    judgeRedemption(attempt, theCase.effects.get(complete.redemption), theCase, findings);
  }
}

/** Two intents that are one redemption by the contract have its effect in common. */
function effectsOfClaim(intent: Intent, { effectsOf, claims }: CustomerCase): readonly Effect[] {
  const own = effectsOf.get(intent);
  return own ?? claims.find(({ intents }) => intents.includes(intent))?.effects ?? [];
}

function judgeRedemption(
  attempt: Attempt,
  effect: Effect | undefined,
  theCase: CustomerCase,
  findings: Findings,
): void {
  const lacksDebit = theCase.hasLedger && (effect?.debits ?? 0) === 0;
  const lacksRow = theCase.hasList && effect?.isListed !== true;
  const lacksReward =
    theCase.run.tellsRewards && theCase.customer.lastRewards !== undefined && effect?.rewardsIssued === 0;
  if (lacksDebit || lacksRow || lacksReward) lost(attempt, effect, theCase, findings);
}

function lost(attempt: Attempt, effect: Effect | undefined, theCase: CustomerCase, findings: Findings): void {
  const missing = [];
  if (theCase.hasLedger && (effect?.debits ?? 0) === 0) missing.push('no debit');
  if (theCase.hasList && effect?.isListed !== true) missing.push('no redemption in the list');
  if (missing.length === 0) missing.push('no reward issued');
  if (theCase.customer.isGone) missing.splice(0, Infinity, 'no such customer any more');
  findings.violate({
    rule: 'lost-debit',
    summary: `an intent was answered ${attempt.complete?.status ?? 200}, and afterwards there is ${missing.join(' and ')}`,
    ...about(attempt.intent),
    expected: `${attempt.complete?.redemption ?? 'a redemption'} to be there after settling`,
    found: missing.join(', '),
  });
}

function judgeRefused(intent: Intent, theCase: CustomerCase, findings: Findings): void {
  const effects = theCase.effectsOf.get(intent);
  if (effects === undefined || debitCount(effects) === 0) return;
  const { contract } = theCase.run;
  const isRefused = intent.attempts.every(
    ({ complete, keyKind, invoke }) =>
      keyKind === 'key' &&
      invoke.actor === undefined &&
      complete !== undefined &&
      complete.by === 'server' &&
      saysNoEffect(contract, complete),
  );
  if (!isRefused || mayHaveComeLater(intent, theCase)) return;
  findings.violate({
    rule: 'refused-but-done',
    summary: 'every attempt was refused with an answer that means "no effect", and it was carried out',
    ...about(intent),
    expected: `no effect after ${shownAnswer(intent.attempts[0]?.complete)}`,
    found: shownEffects(effects, theCase.hasLedger ? 'debit' : 'listed redemption'),
  });
}

/** A refusal for too few points that is not kept binds nobody: a copy that comes after a top-up is carried out. */
function mayHaveComeLater(intent: Intent, { customer, run }: CustomerCase): boolean {
  if (run.contract.storesInsufficientPoints === true || !hasCredits(customer)) return false;
  return intent.attempts.some(
    ({ complete, arrivals }) =>
      complete !== undefined &&
      canBe(run.contract, complete, 'insufficientPoints') &&
      arrivals.some(
        ({ copy, answer }) => copy > 0 && (answer === undefined || answer < 300 || answer >= 500),
      ),
  );
}
