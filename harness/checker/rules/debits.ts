/** double-debit, duplicate-intent, and the effects that key-syntax and missing-key forbid: how often an intent was done. */

import type { Contract } from '../../model/contract.ts';
import type { StoreClock } from '../clocks.ts';
import { coversDuplicates } from '../binding.ts';
import type { CustomerCase } from '../case.ts';
import type { Effect } from '../effects.ts';
import type { Claim } from '../claims.ts';
import { isOwn, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import type { KeyLife } from '../key-lives.ts';
import { about, debitCount, shownEffects, times } from './rule.ts';

export function judgeDebits(theCase: CustomerCase, findings: Findings): void {
  judgeRewards(theCase, findings);
  if (theCase.effects.size === 0) return;
  for (const claim of theCase.claims) judgeClaim(claim, theCase, findings);
  if (theCase.isOpeningKnown) judgeOrphans(theCase, findings);
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
  const isTwoKeys = usesSeveralKeys(claim);
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

/** Upper bound of the debits that the contract lets a claim have; Infinity where nothing is promised. */
function permittedDebits(claim: Claim, theCase: CustomerCase): number {
  const { run } = theCase;
  const { contract } = run;
  let permitted = 0;
  for (const key of keysOf(claim.attempts)) permitted += theCase.keys.get(key)?.maxLives ?? 1;
  for (const attempt of claim.attempts) permitted += permittedWithoutKey(attempt, theCase);
  if (permitted <= 1 || !coversDuplicates(contract)) return permitted;
  // What the endpoint may do is not what the customer wanted: the literal client's new key is judged as the client's doing.
  if (run.client === 'seed-literal' && hasNewKeyAfterRefusal(claim)) return 1;
  // The client's own name for the redemption protects it for good, whatever happens to its keys.
  if (claim.attempts.every(({ invoke }) => invoke.clientRedemptionId !== undefined)) return 1;
  return isInsideWindow(claim, theCase) ? 1 : permitted;
}

/** "409 and the key does not match: generate a new key and retry", as the seed's text has it. */
function hasNewKeyAfterRefusal({ attempts }: Claim): boolean {
  return attempts.some(
    ({ complete, key }) =>
      complete?.status === 409 &&
      attempts.some((later) => later.key !== key && later.invoke.at >= complete.at),
  );
}

function permittedWithoutKey(attempt: Attempt, { run }: CustomerCase): number {
  if (attempt.keyKind === 'key' || !isOwn(attempt)) return 0;
  const row = attempt.keyKind === 'missing' ? run.contract.missingKey : run.contract.malformedKey;
  if (row === 'unspecified') return Infinity;
  if (row !== 'accept') return 0;
  // Each arrival is a redemption of its own; without a hop nobody knows how many there were.
  return run.capabilities.arrivals ? Math.max(1, attempt.arrivals.length) : Infinity;
}

/** Without a client's name the fallback holds: the same payload again within the window is the same redemption. */
function isInsideWindow(claim: Claim, { run, keys }: CustomerCase): boolean {
  const windowMs = run.contract.duplicateWindowMs;
  if (windowMs <= 0 || claim.intents.length > 1 || claim.attempts.some(({ keyKind }) => keyKind !== 'key'))
    return false;
  for (const key of keysOf(claim.attempts)) {
    const life = keys.get(key);
    if (life === undefined || life.maxLives > 1 || life.attempts.some(({ clockMoved }) => clockMoved))
      return false;
  }
  return isWithin(claim.attempts, windowMs, run.storeClock) && !hasClockMove(claim, keys);
}

function hasClockMove(claim: Claim, keys: ReadonlyMap<string, KeyLife>): boolean {
  for (const key of keysOf(claim.attempts))
    if (keys.get(key)?.attempts.some(({ clockMoved }) => clockMoved)) return true;
  return false;
}

/** From the first request to the last answer, by the store's clock. */
function isWithin(attempts: readonly Attempt[], windowMs: number, clock: StoreClock): boolean {
  let first = Infinity;
  let last = -Infinity;
  for (const { invoke, complete } of attempts) {
    first = Math.min(first, invoke.at);
    last = Math.max(last, complete?.at ?? Infinity);
  }
  return last - first < windowMs && !clock.canHaveJumped(first, last);
}

/** What the claim as a whole may have had can still be too much for one of its keys. */
function judgeEachKey(claim: Claim, theCase: CustomerCase, findings: Findings): void {
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
    findings.violate({
      rule: 'double-debit',
      summary: `one key was debited ${times(debitCount(effects))}`,
      ...about(intent, attempts),
      expected: permitted === 1 ? 'exactly one debit' : `at most ${permitted} debits`,
      found: shownEffects(effects, noun(theCase)),
    });
  }
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

function keysOf(attempts: readonly Attempt[]): Set<string> {
  const keys = new Set<string>();
  for (const attempt of attempts) if (attempt.keyKind === 'key' && isOwn(attempt)) keys.add(attempt.key);
  return keys;
}

/** A debit that no intent asked for is one too many, whoever's it was. */
function judgeOrphans(theCase: CustomerCase, findings: Findings): void {
  const { orphans, customer } = theCase;
  for (const effect of orphans) {
    if (effect.debits === 0) continue;
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
