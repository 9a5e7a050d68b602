/** double-debit, duplicate-intent, and the effects that key-syntax and missing-key forbid: how often an intent was done. */

import { coversDuplicates, type Contract } from '../../model/contract.ts';
import type { CustomerCase } from '../case.ts';
import type { Effect } from '../effects.ts';
import type { Claim } from '../claims.ts';
import { isOwn } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { keysOf, permittedDebits } from '../permitted.ts';
import { windowOf } from '../windows.ts';
import { about, debitCount, shownEffects, times } from './rule.ts';

export function judgeDebits(theCase: CustomerCase, findings: Findings): void {
  judgeRewards(theCase, findings);
  if (theCase.effects.size === 0) return;
  for (const claim of theCase.claims) judgeClaim(claim, theCase, findings);
  judgeOrphans(theCase, findings);
}

function judgeClaim(claim: Claim, theCase: CustomerCase, findings: Findings): void {
  const count = debitCount(claim.effects);
  if (count === 0) return;
  const { contract } = theCase.run;
  const permitted = permittedDebits(claim, theCase);
  if (count <= permitted) {
    judgeEachKey(claim, theCase, findings);
    if (count > 1 && claim.intents.length === 1) findings.count('permittedDoubles');
    return;
  }
  const [intent] = claim.intents;
  if (intent === undefined) return;
  const found = shownEffects(claim.effects, noun(theCase));
  if (permitted === 0) {
    findings.violate({ ...forbidden(claim), ...about(intent, claim.attempts), expected: 'no effect', found });
    return;
  }
  const isCovered = coversDuplicates(contract);
  // Where each key is a redemption of its own, one of them was debited too often.
  if (!isCovered && judgeEachKey(claim, theCase, findings)) return;
  const isTwoKeys = isCovered && usesSeveralKeys(claim);
  findings.violate({
    rule: isTwoKeys ? 'duplicate-intent' : 'double-debit',
    summary: isTwoKeys
      ? `one redemption under ${keysOf(claim.attempts).size} keys was debited ${times(count)}`
      : `one intent was debited ${times(count)}`,
    ...about(intent, claim.attempts),
    expected: expectedDebits(permitted, contract),
    found,
  });
}

function expectedDebits(permitted: number, contract: Contract): string {
  if (permitted === 1) return 'exactly one debit';
  return `at most ${permitted} debits by the ${contract.profile} contract`;
}

function noun({ hasLedger }: CustomerCase): string {
  return hasLedger ? 'debit' : 'listed redemption';
}

/** The rule that forbids any effect of a claim none of whose attempts may have one. */
function forbidden(claim: Claim): { rule: 'key-scope' | 'key-syntax' | 'missing-key'; summary: string } {
  if (claim.attempts.every((attempt) => !isOwn(attempt)))
    return { rule: 'key-scope', summary: "a request with another customer's credentials was carried out" };
  if (claim.attempts.some(({ keyKind }) => keyKind === 'malformed'))
    return { rule: 'key-syntax', summary: 'a request with a malformed key was carried out' };
  return { rule: 'missing-key', summary: 'a request without a key was carried out' };
}

/** What the claim as a whole may have had can still be too much for one of its keys. Whether it was. */
function judgeEachKey(claim: Claim, theCase: CustomerCase, findings: Findings): boolean {
  let isFound = false;
  const byKey = new Map<string, Effect[]>();
  for (const effect of claim.effects) {
    if (effect.key === undefined) continue;
    const effects = byKey.get(effect.key);
    if (effects) effects.push(effect);
    else byKey.set(effect.key, [effect]);
  }
  for (const [key, effects] of byKey) {
    const permitted = theCase.keys.get(key)?.maxLives ?? 1;
    if (debitCount(effects) <= permitted) continue;
    const attempts = claim.attempts.filter((attempt) => attempt.key === key);
    const [intent] = claim.intents;
    if (intent === undefined || attempts.length === 0) continue;
    isFound = true;
    findings.violate({
      rule: 'double-debit',
      summary: `one key was debited ${times(debitCount(effects))}`,
      ...about(intent, attempts),
      expected: permitted === 1 ? 'exactly one debit' : `at most ${permitted} debits`,
      found: shownEffects(effects, noun(theCase)),
    });
  }
  return isFound;
}

/** Whether the effects came under different keys; without a ledger the answers must tell. */
function usesSeveralKeys({ effects, attempts }: Claim): boolean {
  if (keysOf(attempts).size < 2 || effects.some(({ debits }) => debits > 1)) return false;
  const known = new Set<string>();
  for (const effect of effects) if (effect.key !== undefined) known.add(effect.key);
  if (known.size > 0) return known.size > 1;
  const redemptions = new Map<string, Set<string>>();
  for (const { key, complete } of attempts) {
    if (complete?.outcome !== 'ok' || complete.redemption === undefined) continue;
    const named = redemptions.get(key) ?? new Set<string>();
    redemptions.set(key, named.add(complete.redemption));
  }
  return ![...redemptions.values()].some((named) => named.size > 1);
}

/** A debit that no intent asked for is one too many, whoever's it was. */
function judgeOrphans(theCase: CustomerCase, findings: Findings): void {
  const { orphans, customer, isOpeningKnown, run } = theCase;
  const firstAt = customer.attempts[0]?.invoke.at ?? Infinity;
  for (const effect of orphans) {
    if (effect.debits === 0) continue;
    // It may have been there before, unless a reading since the first request lacked it.
    if (!isOpeningKnown && windowOf(effect.redemption, customer, run.readLagMs).after < firstAt) continue;
    findings.violate({
      rule: 'double-debit',
      summary: 'a debit that no intent accounts for',
      customer: customer.id,
      ...(effect.key !== undefined && { key: effect.key }),
      attempts: [],
      expected: 'every debit to belong to an intent',
      found: `${shownEffects([effect], noun(theCase))}${effect.points === undefined ? '' : ` of ${effect.points} points`}`,
    });
  }
}

/** A reward given out twice for one redemption costs as much as a second redemption. */
function judgeRewards(theCase: CustomerCase, findings: Findings): void {
  for (const effect of theCase.effects.values()) {
    if (effect.rewardsIssued <= 1) continue;
    findings.violate({
      rule: 'double-debit',
      summary: `the reward of one redemption was issued ${times(effect.rewardsIssued)}`,
      ...(effect.owner ? about(effect.owner) : { customer: theCase.customer.id, attempts: [] }),
      expected: 'one reward for a redemption',
      found: `${effect.rewardsIssued} rewards for ${effect.redemption}`,
    });
  }
}
