/**
 * The books of each claim: an answer that says "done" names an effect of this claim, made in this run, with the reward
 * and the points that were asked for. What is said in nobody's favour is told as a lost debit: its points are not gone.
 */

import { bindingOf } from '../binding.ts';
import type { CustomerCase } from '../case.ts';
import type { Claim } from '../claims.ts';
import { isOwn, type Attempt, type Customer, type Intent } from '../customer.ts';
import type { Effect } from '../effects.ts';
import type { Findings } from '../findings.ts';
import { shownAnswer } from '../../model/refusals.ts';
import { about } from './rule.ts';

export function judgeBooks(theCase: CustomerCase, findings: Findings): void {
  if (theCase.customer.confirmed.size === 0) return;
  judgeShared(theCase, findings);
  for (const claim of theCase.claims) {
    judgeOld(claim, theCase, findings);
    judgeForeign(claim, theCase, findings);
    judgeAsked(claim, theCase, findings);
  }
}

export function wasThereBefore(redemption: string, { openingList, openingLedger }: Customer): boolean {
  return (
    openingList?.value.some((item) => item.redemption === redemption) === true ||
    openingLedger?.value.some((debit) => debit.redemption_id === redemption) === true
  );
}

/** Two claims never share an effect. One that has none of its own, and was told that it was done, was not. */
function judgeShared(theCase: CustomerCase, findings: Findings): void {
  const { claims, customer } = theCase;
  if (claims.length < 2 || !areNamedTwice(customer)) return;
  const byRedemption = new Map<string, { readonly claim: Claim; readonly attempt: Attempt }[]>();
  for (const claim of claims)
    for (const attempt of claim.attempts) {
      const redemption = namedBy(attempt);
      if (redemption === undefined || wasThereBefore(redemption, customer)) continue;
      const named = byRedemption.get(redemption);
      if (named === undefined) byRedemption.set(redemption, [{ claim, attempt }]);
      else if (named.every((other) => other.claim !== claim)) named.push({ claim, attempt });
    }
  for (const [redemption, named] of byRedemption) {
    if (named.length < 2) continue;
    const owner = theCase.effects.get(redemption)?.owner;
    const rightful =
      named.find(({ claim }) => owner !== undefined && claim.intents.includes(owner)) ?? named[0];
    for (const other of named) {
      if (rightful === undefined || other === rightful) continue;
      if (mayBeOne(rightful.claim, other.claim, theCase)) continue;
      findings.violate({
        rule: 'lost-debit',
        summary: "an intent was answered with another one's redemption",
        ...about(other.attempt.intent, [rightful.attempt, other.attempt]),
        expected: 'an effect of its own for each redemption that was asked for',
        found: `${redemption} again, which is ${rightful.attempt.intent.id}'s`,
      });
    }
  }
}

/** Hardly ever: only then is it worth while to sort them. */
function areNamedTwice({ attempts, confirmed }: Customer): boolean {
  for (const attempt of attempts) {
    const redemption = namedBy(attempt);
    if (redemption !== undefined && confirmed.get(redemption)?.intent !== attempt.intent) return true;
  }
  return false;
}

function namedBy(attempt: Attempt): string | undefined {
  const { complete } = attempt;
  if (complete?.outcome !== 'ok' || complete.by !== 'server' || !isOwn(attempt)) return undefined;
  return complete.redemption;
}

/** Claims that a rule of its own judges (one key, two payloads), or that the contract may take for one redemption. */
function mayBeOne(one: Claim, two: Claim, { run }: CustomerCase): boolean {
  const keys = new Set(one.attempts.filter(({ keyKind }) => keyKind === 'key').map(({ key }) => key));
  if (two.attempts.some(({ key, keyKind }) => keyKind === 'key' && keys.has(key))) return true;
  const { duplicateIntent, duplicateWindowMs } = run.contract;
  if (duplicateIntent === 'unspecified') return true;
  if (duplicateIntent !== 'replay' || duplicateWindowMs <= 0) return false;
  const shapes = new Set(one.attempts.filter(isNameless).map(shapeOf));
  return two.attempts.some((attempt) => isNameless(attempt) && shapes.has(shapeOf(attempt)));
}

function isNameless({ invoke }: Attempt): boolean {
  return invoke.clientRedemptionId === undefined;
}

function shapeOf({ invoke }: Attempt): string {
  return `${invoke.reward} ${invoke.points} ${invoke.redemptionType ?? ''}`;
}

/** An answer that names what ledger or list have under another claim's key or name: answers or rows were mixed up. */
function judgeForeign(claim: Claim, theCase: CustomerCase, findings: Findings): void {
  for (const attempt of claim.attempts) {
    const redemption = namedBy(attempt);
    const effect = redemption === undefined ? undefined : theCase.effects.get(redemption);
    if (effect === undefined) continue;
    const owner = foreignOwner(effect, attempt, claim, theCase);
    const other = theCase.claims.find(({ intents }) => owner !== undefined && intents.includes(owner));
    if (owner === undefined || other === undefined || mayBeOne(other, claim, theCase)) continue;
    // That two answers name it was told above.
    if (other.attempts.some((each) => namedBy(each) === redemption)) continue;
    findings.violate({
      rule: 'lost-debit',
      summary: "an intent was answered with a redemption that stands under another one's name",
      ...about(attempt.intent, [attempt]),
      expected: 'an effect of its own',
      found: `${redemption}, which is ${owner.id}'s by ledger or list`,
    });
    return;
  }
}

/** Whose it is by ledger or list, or by the name alone under which the list shows it, where that is another claim's. */
function foreignOwner(
  { owner, listedName }: Effect,
  { invoke }: Attempt,
  claim: Claim,
  { claims }: CustomerCase,
): Intent | undefined {
  if (owner !== undefined && !claim.intents.includes(owner)) return owner;
  const { clientRedemptionId: name } = invoke;
  if (listedName === undefined || name === undefined || listedName === name) return undefined;
  return claims
    .filter((each) => each !== claim)
    .flatMap(({ attempts }) => attempts)
    .find((each) => each.invoke.clientRedemptionId === listedName)?.intent;
}

/** A key that is sent for the first time is never answered with an effect from before the run. */
function judgeOld(claim: Claim, theCase: CustomerCase, findings: Findings): void {
  const { customer } = theCase;
  if (customer.openingList === undefined && customer.openingLedger === undefined) return;
  for (const attempt of claim.attempts) {
    const redemption = namedBy(attempt);
    if (redemption === undefined || !wasThereBefore(redemption, customer)) continue;
    if (isKnownToEndpoint(redemption, attempt, theCase)) {
      findings.doubt('run-id-used', attempt.intent.id);
      continue;
    }
    findings.violate({
      rule: 'lost-debit',
      summary: 'an intent was answered with a redemption from before it was sent',
      ...about(attempt.intent, [attempt]),
      expected: 'an effect of its own',
      found: `${redemption}, which was there before the first request`,
    });
    return;
  }
}

/** The endpoint had this very redemption under its name or key, or says that it replays: it had been asked before. */
function isKnownToEndpoint(redemption: string, attempt: Attempt, { customer }: CustomerCase): boolean {
  const { invoke, complete } = attempt;
  if (complete?.replayed === true) return true;
  const own = invoke.clientRedemptionId;
  const listed = customer.openingList?.value.find((item) => item.redemption === redemption);
  const debited = customer.openingLedger?.value.find((debit) => debit.redemption_id === redemption);
  if (own !== undefined && (listed?.clientRedemptionId === own || debited?.client_redemption_id === own))
    return true;
  return debited?.idempotency_key !== undefined && debited.idempotency_key === attempt.key;
}

/** The effect that an answer names gives what was asked for. (Its points: money.ts; with two payloads: payload.ts.) */
function judgeAsked(claim: Claim, theCase: CustomerCase, findings: Findings): void {
  for (const attempt of claim.attempts) {
    const redemption = namedBy(attempt);
    const effect = redemption === undefined ? undefined : theCase.effects.get(redemption);
    if (effect === undefined || attempt.keyKind !== 'key') continue;
    const { reward, points } = attempt.invoke;
    const isOtherReward = effect.reward !== undefined && effect.reward !== reward;
    const isOtherPoints = effect.points !== undefined && effect.points !== points;
    if (!isOtherReward && !isOtherPoints) continue;
    // Told by the rule of its owner's points, or of the key that came with two payloads.
    if (!isOtherReward && effect.owner !== undefined && claim.intents.includes(effect.owner)) continue;
    if (hasOtherPayload(attempt, theCase)) continue;
    // Told above: it is another claim's.
    if (effect.owner !== undefined && !claim.intents.includes(effect.owner)) continue;
    findings.violate({
      rule: 'conservation',
      summary: isOtherReward
        ? 'another reward was given than the intent asked for'
        : 'an answer names a redemption of other points',
      ...about(attempt.intent, [attempt]),
      expected: `${reward} for ${points} points`,
      found: `${shownAnswer(attempt.complete)}: ${effect.reward ?? 'a reward'} for ${effect.points ?? 'unknown'} points`,
    });
    return;
  }
}

function hasOtherPayload(attempt: Attempt, { keys, run }: CustomerCase): boolean {
  const binding = bindingOf(run.contract, attempt.invoke);
  const sameKey = keys.get(attempt.key)?.attempts ?? [];
  return (
    sameKey.some((other) => other.attempt.invoke.payloadHash !== attempt.invoke.payloadHash) ||
    sameKey.some((other) => bindingOf(run.contract, other.attempt.invoke) !== binding)
  );
}
