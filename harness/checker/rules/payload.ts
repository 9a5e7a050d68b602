/** payload-binding: a key belongs to the payload that it was first accepted with. */

import { bindingOf } from '../binding.ts';
import type { CustomerCase } from '../case.ts';
import type { Contract } from '../../model/contract.ts';
import { completedAt, mayBeRefused, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import type { KeyLife } from '../key-lives.ts';
import { isOnly, matches, refusalOf, shownAnswer, shownRefusal } from '../../model/refusals.ts';
import { about } from './rule.ts';

export function judgePayloads(theCase: CustomerCase, findings: Findings): void {
  const { contract } = theCase.run;
  if (contract.otherPayload === 'unspecified' || contract.fingerprint === 'unspecified') return;
  for (const life of theCase.keys.values())
    if (hasSeveralPayloads(life, contract)) judgeKey(life, theCase, findings);
}

function hasSeveralPayloads({ attempts }: KeyLife, contract: Contract): boolean {
  const [first, ...others] = attempts;
  if (first === undefined || others.length === 0) return false;
  const binding = bindingOf(contract, first.attempt.invoke);
  return others.some(({ attempt }) => bindingOf(contract, attempt.invoke) !== binding);
}

function judgeKey(life: KeyLife, theCase: CustomerCase, findings: Findings): void {
  for (const attempts of lives(life)) {
    const mixed = mixedUp(attempts, theCase);
    if (mixed) {
      report(mixed.winner, mixed.other, 'was carried out, or replayed as if it matched', theCase, findings);
      continue;
    }
    for (const attempt of [...wronglyRefused(attempts, theCase), ...saidInFlight(attempts, theCase)])
      report(undefined, attempt, 'was refused otherwise than the contract says', theCase, findings);
  }
}

/** Attempts of one certain life each. */
function lives({ attempts }: KeyLife): Attempt[][] {
  const groups = new Map<number, Attempt[]>();
  for (const { attempt, life } of attempts) {
    if (life === undefined) continue;
    const group = groups.get(life);
    if (group) group.push(attempt);
    else groups.set(life, [attempt]);
  }
  return [...groups.values()];
}

/** Two payloads that were both confirmed or both done; or one confirmed by the redemption of the other. */
function mixedUp(
  attempts: readonly Attempt[],
  theCase: CustomerCase,
): { readonly winner: Attempt; readonly other: Attempt } | undefined {
  const done = new Map<string, Attempt>();
  for (const attempt of attempts) {
    if (!wasDone(attempt, theCase)) continue;
    const binding = bindingOf(theCase.run.contract, attempt.invoke);
    const [winner] = [...done].filter(([other]) => other !== binding).map(([, first]) => first);
    if (winner) return { winner, other: attempt };
    if (!done.has(binding)) done.set(binding, attempt);
  }
  const strange = attempts.find((attempt) => isOthersRedemption(attempt, theCase));
  return strange && { winner: strange, other: strange };
}

function wasDone(attempt: Attempt, { effectsOf, run }: CustomerCase): boolean {
  if (attempt.complete?.outcome === 'ok') return true;
  // The effect of an intent that was sent in several writings says nothing of this one.
  const binding = bindingOf(run.contract, attempt.invoke);
  if (attempt.intent.attempts.some(({ invoke }) => bindingOf(run.contract, invoke) !== binding)) return false;
  return (effectsOf.get(attempt.intent) ?? []).some(
    (effect) => effect.debits > 0 && (effect.points === undefined || effect.points === attempt.invoke.points),
  );
}

/** Confirmed with a redemption whose points, reward or name are not what was asked for. */
function isOthersRedemption({ complete, invoke }: Attempt, { effects }: CustomerCase): boolean {
  if (complete?.outcome !== 'ok' || complete.redemption === undefined) return false;
  const effect = effects.get(complete.redemption);
  if (effect === undefined) return false;
  const isOther = (told: string | number | undefined, asked: string | number | undefined) =>
    told !== undefined && asked !== undefined && told !== asked;
  return (
    isOther(effect.points, invoke.points) ||
    isOther(effect.reward, invoke.reward) ||
    isOther(effect.clientRedemptionId, invoke.clientRedemptionId)
  );
}

/** Sent after another payload of the key had been confirmed: only one refusal is right. */
function wronglyRefused(attempts: readonly Attempt[], { run }: CustomerCase): Attempt[] {
  const refusal = refusalOf(run.contract, 'otherPayload');
  if (refusal === undefined) return [];
  const confirmed = attempts.filter(({ complete }) => complete?.outcome === 'ok');
  return attempts.filter((attempt) => {
    const { complete, invoke } = attempt;
    if (mayBeRefused(attempt)) return false;
    if (complete?.outcome !== 'fail' || complete.by !== 'server' || matches(refusal, complete)) return false;
    return confirmed.some(
      (first) =>
        bindingOf(run.contract, first.invoke) !== bindingOf(run.contract, invoke) &&
        completedAt(first) < invoke.at,
    );
  });
}

/**
 * The first request of its payload was told that it was in progress: that can only be another payload's, and whoever waits
 * for it waits in vain. Payloads are compared before anything is said of the key's state.
 */
function saidInFlight(attempts: readonly Attempt[], theCase: CustomerCase): Attempt[] {
  const { contract } = theCase.run;
  return attempts.filter((attempt) => {
    const { complete, invoke, intent } = attempt;
    if (complete?.outcome !== 'fail' || complete.by !== 'server' || mayBeRefused(attempt)) return false;
    if (!isOnly(contract, complete, 'inFlight') || !isSentOnce(attempt, theCase)) return false;
    const binding = bindingOf(contract, invoke);
    const isOnlyOne = attempts.every(
      (other) =>
        other === attempt || other.invoke.at > complete.at || bindingOf(contract, other.invoke) !== binding,
    );
    // "In progress" can be said of another key's redemption, too, when it is the same one.
    return isOnlyOne && intent.attempts.every(({ key }) => key === attempt.key) && !hasTwin(attempt, theCase);
  });
}

function isSentOnce({ arrivals, invoke }: Attempt, { run }: CustomerCase): boolean {
  if (invoke.via === 'settle') return false;
  return run.capabilities.arrivals ? arrivals.length === 1 : run.engine.startsWith('embedded');
}

/** Another key asked for what this one asks for, by name or by the fallback. */
function hasTwin({ invoke, key }: Attempt, { customer }: CustomerCase): boolean {
  return customer.attempts.some(
    (other) =>
      other.key !== key &&
      (invoke.clientRedemptionId === undefined
        ? other.invoke.reward === invoke.reward && other.invoke.points === invoke.points
        : other.invoke.clientRedemptionId === invoke.clientRedemptionId),
  );
}

function report(
  winner: Attempt | undefined,
  other: Attempt,
  what: string,
  { run }: CustomerCase,
  findings: Findings,
): void {
  const refusal = refusalOf(run.contract, 'otherPayload');
  findings.violate({
    rule: 'payload-binding',
    summary: `a key that was used came with another payload, and this ${what}`,
    ...about(other.intent, winner ? [...new Set([winner, other])] : [other]),
    expected: refusal ? shownRefusal(refusal) : 'a refusal',
    found: shownAnswer(other.complete),
  });
}
