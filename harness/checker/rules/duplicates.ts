/** false-duplicate: "this was redeemed already", or the original's answer, and nothing that could be meant was ever sent. */

import { coversDuplicates, type Contract } from '../../model/contract.ts';
import type { CustomerCase } from '../case.ts';
import { CustomerClock } from '../clocks.ts';
import { mayBeRefused, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { isOnly, saysNoEffect, shownAnswer } from '../../model/refusals.ts';
import { about } from './rule.ts';

export function judgeDuplicates(theCase: CustomerCase, findings: Findings): void {
  const { contract } = theCase.run;
  if (!coversDuplicates(contract) || theCase.customer.reopened) return;
  const isReplay = contract.duplicateIntent === 'replay';
  for (const attempt of theCase.customer.attempts) {
    const { complete } = attempt;
    if (mayBeRefused(attempt)) continue;
    if (
      complete?.by !== 'server' ||
      !(isReplay ? namesAnothers(attempt, theCase) : isRefused(attempt, contract))
    )
      continue;
    if (hasOriginal(attempt, theCase)) continue;
    findings.violate({
      rule: 'false-duplicate',
      summary: isReplay
        ? "an honest, separate redemption was answered with another one's"
        : 'an honest, separate redemption was refused as a duplicate',
      ...about(attempt.intent, [attempt]),
      expected: 'a redemption of its own',
      found: shownAnswer(complete),
    });
  }
}

function isRefused({ complete }: Attempt, contract: Contract): boolean {
  return complete?.outcome === 'fail' && isOnly(contract, complete, 'duplicateIntent');
}

/** A 200 that names the redemption of another intent, which came under another key. */
function namesAnothers({ complete, intent, keyKind, key }: Attempt, { effects }: CustomerCase): boolean {
  if (complete?.outcome !== 'ok' || complete.redemption === undefined || keyKind !== 'key') return false;
  const owner = effects.get(complete.redemption)?.owner;
  return owner !== undefined && owner !== intent && owner.attempts.every((other) => other.key !== key);
}

/** Whether there is a request, or an old redemption, that this one can be taken for. */
function hasOriginal(attempt: Attempt, theCase: CustomerCase): boolean {
  const { customer, run, keys } = theCase;
  const { invoke, complete } = attempt;
  const until = complete?.at ?? Infinity;
  const own = invoke.clientRedemptionId;
  for (const other of customer.attempts) {
    if (other === attempt || other.invoke.at > until) continue;
    if (other.complete && saysNoEffect(run.contract, other.complete) && !theCase.effectsOf.has(other.intent))
      continue;
    const isSame =
      own === undefined ? isInsideWindow(other, attempt, theCase) : other.invoke.clientRedemptionId === own;
    if (isSame) return true;
  }
  const life = keys.get(attempt.key);
  // A copy of this very request may have been the first.
  if (attempt.arrivals.length > 1 || (life?.maxLives ?? 1) > 1) return true;
  return wasListedBefore(attempt, theCase);
}

/** The fallback: same reward, points and type, and not certainly further apart than the window. */
function isInsideWindow(other: Attempt, attempt: Attempt, { customer, run }: CustomerCase): boolean {
  const windowMs = run.contract.duplicateWindowMs;
  if (windowMs <= 0) return false;
  const [one, two] = [other.invoke, attempt.invoke];
  if (one.reward !== two.reward || one.points !== two.points || one.redemptionType !== two.redemptionType)
    return false;
  // By the customer's own clock, where a hook has set one.
  return new CustomerClock(customer.clocks, run.storeClock).age(other, other, attempt).low < windowMs;
}

function wasListedBefore({ invoke }: Attempt, { customer, isOpeningKnown }: CustomerCase): boolean {
  if (!isOpeningKnown) return true;
  return (customer.openingList?.value ?? []).some((item) =>
    invoke.clientRedemptionId === undefined
      ? item.reward === undefined || item.reward === invoke.reward
      : item.clientRedemptionId === invoke.clientRedemptionId,
  );
}
