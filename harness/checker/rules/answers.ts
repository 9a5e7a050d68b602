/** same-answer, replay-marker and key-scope: what the answers of one key say, next to each other and to others' data. */

import { bindingOf } from '../binding.ts';
import type { CustomerCase } from '../case.ts';
import type { Contract } from '../../model/contract.ts';
import { completedAt, isOwn, mayBeRefused, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import type { AgedAttempt, KeyLife } from '../key-lives.ts';
import { isOnly, refusalOf, shownAnswer, shownRefusal } from '../../model/refusals.ts';
import { about } from './rule.ts';

export function judgeAnswers(theCase: CustomerCase, findings: Findings): void {
  for (const life of theCase.keys.values()) {
    for (const oks of confirmedTogether(life, theCase.run.contract)) judgeSameAnswer(oks, theCase, findings);
    judgeStoredRefusals(life, theCase, findings);
    judgeMarkers(life, theCase, findings);
  }
  for (const attempt of theCase.customer.attempts) judgeScope(attempt, theCase, findings);
}

/** 200s of one key, one payload and one life of the key. */
function confirmedTogether({ attempts }: KeyLife, contract: Contract): Attempt[][] {
  if (attempts.length < 2) return [];
  const groups = new Map<string, Attempt[]>();
  for (const { attempt, life, phase } of attempts) {
    // A 200 for an expired key is wrong whatever it says: expiry tells.
    if (attempt.complete?.outcome !== 'ok' || life === undefined || phase === 'expired') continue;
    const name = `${life} ${bindingOf(contract, attempt.invoke)}`;
    const group = groups.get(name);
    if (group) group.push(attempt);
    else groups.set(name, [attempt]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function judgeSameAnswer(oks: readonly Attempt[], { run }: CustomerCase, findings: Findings): void {
  const { replayEquality, replayState } = run.contract;
  if (replayEquality === 'unspecified') return;
  const [first] = oks;
  if (first === undefined) return;
  const other = oks.find(({ complete }) => differs(first.complete?.redemption, complete?.redemption));
  const otherBytes =
    replayEquality === 'bytes' && replayState === 'first'
      ? oks.find(({ complete }) => differs(first.complete?.bodyHash, complete?.bodyHash))
      : undefined;
  const odd = other ?? otherBytes;
  if (odd === undefined) return;
  findings.violate({
    rule: 'same-answer',
    summary: other
      ? 'two answers of one key name different redemptions'
      : 'two answers of one key differ in their bytes',
    ...about(first.intent, [first, odd]),
    expected: other
      ? `every 200 of the key to name ${first.complete?.redemption}`
      : `every 200 of the key to have the bytes of the first (${first.complete?.bodyHash})`,
    found: other ? `${odd.complete?.redemption}` : `other bytes (${odd.complete?.bodyHash})`,
  });
}

/** Refusals that are kept under the key where the contract stores them: the key had been taken. */
const STORED = ['unknownReward', 'duplicateIntent'] as const;

/** A refusal that is stored is the answer of its key for as long as the key lives. */
function judgeStoredRefusals({ attempts }: KeyLife, { run }: CustomerCase, findings: Findings): void {
  const { contract } = run;
  if (contract.storesRefusals !== true || attempts.length < 2) return;
  const isStored = ({ complete }: Attempt) =>
    complete?.outcome === 'fail' &&
    complete.by === 'server' &&
    STORED.some((row) => isOnly(contract, complete, row));
  for (const { attempt, life, phase } of attempts) {
    if (attempt.complete?.outcome !== 'ok' || life === undefined || phase === 'expired') continue;
    const refused = attempts.find(
      (other) =>
        other.life === life && isStored(other.attempt) && completedAt(other.attempt) < attempt.invoke.at,
    );
    if (refused === undefined) continue;
    findings.violate({
      rule: 'same-answer',
      summary: 'a stored refusal of a key was followed by a 200',
      ...about(attempt.intent, [refused.attempt, attempt]),
      expected: `${shownAnswer(refused.attempt.complete)} again`,
      found: shownAnswer(attempt.complete),
    });
    return;
  }
}

function differs(one: string | undefined, two: string | undefined): boolean {
  return one !== undefined && two !== undefined && one !== two;
}

function judgeMarkers(life: KeyLife, theCase: CustomerCase, findings: Findings): void {
  const { replayMarker } = theCase.run.contract;
  if (replayMarker === 'none' || replayMarker === 'unspecified') return;
  judgeMarkedFirst(life, theCase, findings);
  for (const oks of confirmedTogether(life, theCase.run.contract)) {
    const fresh = oks.filter(({ complete }) => complete?.replayed === false);
    const [first, second] = fresh;
    if (first === undefined || second === undefined) continue;
    findings.violate({
      rule: 'replay-marker',
      summary: `${fresh.length} answers of one key are not marked as replays`,
      ...about(first.intent, fresh),
      expected: `at most one 200 of a key without ${replayMarker}: true`,
      found: `${fresh.length} without it`,
    });
  }
}

/**
 * The only request that there was is marked as a replay, and there is an effect: then it made the effect itself.
 * Only where nobody can have resent it: the hop saw one arrival, and no replica failed meanwhile.
 */
function judgeMarkedFirst({ attempts }: KeyLife, theCase: CustomerCase, findings: Findings): void {
  const [only] = attempts;
  if (only === undefined) return;
  const first = attempts.length === 1 ? only : firstAlone(attempts);
  const { attempt } = first ?? only;
  if (first === undefined || attempt.complete?.outcome !== 'ok' || attempt.complete.replayed !== true) return;
  if (!isSentOnce(attempt, theCase) || !theCase.effectsOf.has(attempt.intent)) return;
  // The effect may be another key's, whose answer this one was given.
  const isReplayed = theCase.run.contract.duplicateIntent === 'replay';
  if (isReplayed && attempt.intent.attempts.some(({ key }) => key !== attempt.key)) return;
  findings.violate({
    rule: 'replay-marker',
    summary: 'the first answer of a key is marked as a replay, and it made an effect',
    ...about(attempt.intent, [attempt]),
    expected: 'a replay marker only on a repeated answer',
    found: shownAnswer(attempt.complete),
  });
}

/** The first attempt, when it was over before any other of its key began. */
function firstAlone(attempts: readonly AgedAttempt[]): AgedAttempt | undefined {
  const [first, ...others] = attempts;
  if (first === undefined) return undefined;
  return others.every(({ attempt }) => attempt.invoke.at > completedAt(first.attempt)) ? first : undefined;
}

function isSentOnce(attempt: Attempt, { run }: CustomerCase): boolean {
  if (run.faults.wasOn('backend', attempt.invoke.at, completedAt(attempt), 1000)) return false;
  if (run.capabilities.arrivals) return attempt.arrivals.length === 1;
  // The embedded engine's client never resends; others may.
  return run.engine.startsWith('embedded');
}

function judgeScope(attempt: Attempt, theCase: CustomerCase, findings: Findings): void {
  const { complete, invoke } = attempt;
  if (complete === undefined) return;
  judgeLeaks(attempt, theCase, findings);
  if (complete.by === 'server' && complete.customer !== undefined && complete.customer !== invoke.customer)
    findings.violate({
      rule: 'key-scope',
      summary: "an answer holds another customer's redemption",
      ...about(attempt.intent, [attempt]),
      expected: `customer ${invoke.customer}`,
      found: `customer ${complete.customer}, ${shownAnswer(complete)}`,
    });
  if (!isOwn(attempt)) judgeForeignToken(attempt, theCase, findings);
  else {
    judgeForeignKey(attempt, theCase, findings);
    judgeGroundlessMismatch(attempt, theCase, findings);
  }
}

/** Where all customers share keys, a live one that another customer had finished is no first use. */
function judgeForeignKey(attempt: Attempt, { run }: CustomerCase, findings: Findings): void {
  const refusal = refusalOf(run.contract, 'otherPayload');
  const isJudged = run.contract.keyScope === 'global' && refusal !== undefined && attempt.isKeyForeign;
  if (!isJudged || attempt.complete?.outcome !== 'ok') return;
  findings.violate({
    rule: 'key-scope',
    summary: "a key that was another customer's was carried out, or replayed as if it were this one's",
    ...about(attempt.intent, [attempt]),
    expected: shownRefusal(refusal),
    found: shownAnswer(attempt.complete),
  });
}

function judgeLeaks(attempt: Attempt, theCase: CustomerCase, findings: Findings): void {
  const { keys, run } = theCase;
  const all = attempt.complete?.leaks ?? [];
  if (all.length === 0) return;
  const leaks = all.filter((leak) => !isOwnId(leak, attempt, theCase));
  if (leaks.length === 0) return;
  // Of the same customer it is the first payload of the key that shows, not somebody else's data.
  const sameKey = keys.get(attempt.key)?.attempts ?? [];
  const isOwnPayload = sameKey.some(
    (other) => other.attempt.invoke.payloadHash !== attempt.invoke.payloadHash,
  );
  // A key that is bound to no payload answers with the first one, whatever came.
  if (isOwnPayload && run.contract.fingerprint === 'none') return;
  findings.violate({
    rule: isOwnPayload ? 'payload-binding' : 'key-scope',
    summary: isOwnPayload
      ? 'the answer to another payload shows the first one'
      : "an answer shows another customer's data",
    ...about(attempt.intent, [attempt]),
    expected: 'an answer that holds nothing of the other request',
    found: `${leaks.slice(0, 5).join(', ')} in ${shownAnswer(attempt.complete)}`,
  });
}

/**
 * Ids may be each customer's own (1, 2, 3): the same one at two customers is then each one's own redemption. Where no
 * list says whose it is, only a number that is short can be met by chance.
 */
function isOwnId(
  leak: string,
  attempt: Attempt,
  { effects, hasLedger, hasList, keys }: CustomerCase,
): boolean {
  const { complete, intent, invoke, key } = attempt;
  if (leak !== complete?.redemption) return false;
  if (hasLedger || hasList) return effects.get(leak)?.owner === intent;
  const isOneWish = (keys.get(key)?.attempts ?? []).every(
    (other) => other.attempt.invoke.payloadHash === invoke.payloadHash,
  );
  return isOneWish && /^\d{1,5}$/.test(leak);
}

/** Another customer's credentials must never act. */
function judgeForeignToken(attempt: Attempt, { run }: CustomerCase, findings: Findings): void {
  const refusal = refusalOf(run.contract, 'otherCustomersData');
  if (refusal === undefined || attempt.complete?.outcome !== 'ok') return;
  findings.violate({
    rule: 'key-scope',
    summary: "another customer's credentials were accepted",
    ...about(attempt.intent, [attempt]),
    expected: shownRefusal(refusal),
    found: shownAnswer(attempt.complete),
  });
}

/**
 * "This key was used with another payload", and this customer never did: then it was somebody else. Where customers
 * share keys, that is what the other one is to be told.
 */
function judgeGroundlessMismatch(attempt: Attempt, { run, keys }: CustomerCase, findings: Findings): void {
  const { complete } = attempt;
  if (complete?.outcome !== 'fail' || complete.by !== 'server' || attempt.keyKind !== 'key') return;
  if (mayBeRefused(attempt)) return;
  if (!isOnly(run.contract, complete, 'otherPayload')) return;
  const { contract } = run;
  const sameKey = keys.get(attempt.key)?.attempts ?? [];
  const binding = bindingOf(contract, attempt.invoke);
  const hasOther = sameKey.some(
    (other) =>
      bindingOf(contract, other.attempt.invoke) !== binding && other.attempt.invoke.at <= complete.at,
  );
  if (hasOther) return;
  const isRewritten = sameKey.some((other) => other.attempt.invoke.bodyHash !== attempt.invoke.bodyHash);
  const isUnbound =
    contract.fingerprint === 'none' &&
    sameKey.some((other) => other.attempt.invoke.payloadHash !== attempt.invoke.payloadHash);
  const isOwnKey = isRewritten || isUnbound;
  if (isOwnKey ? contract.fingerprint === 'unspecified' : contract.keyScope !== 'customer') return;
  findings.violate({
    rule: isOwnKey ? 'payload-binding' : 'key-scope',
    summary: isUnbound
      ? 'a key that is bound to no payload was refused for another one'
      : isRewritten
        ? 'the same payload in another writing was refused as another payload'
        : 'a key was refused for a payload that this customer never sent',
    ...about(attempt.intent, [attempt]),
    expected: isOwnKey
      ? 'the key to replay, however the payload is written'
      : "another customer's key to say nothing",
    found: shownAnswer(complete),
  });
}
