/** When the answers of an intent decide it: the server has told how it ended. */

import type { Contract } from '../model/contract.ts';
import { areDecisive, meaningOf, type Answer } from '../model/refusals.ts';
import { isOwn, type Attempt, type Intent } from './customer.ts';

/** A 200, and every refusal that the contract knows but "in progress"; a stored 5xx where the contract stores them. */
export function decides({ complete }: Attempt, contract: Contract): boolean {
  if (complete === undefined) return false;
  const meaning = meaningOf(contract, complete);
  return meaning === 'done' || meaning === 'refused';
}

export function isDecided(intent: Intent, contract: Contract): boolean {
  return areDecided(intent.attempts, contract);
}

export function areDecided(attempts: readonly Attempt[], contract: Contract): boolean {
  const answers: Answer[] = [];
  for (const { complete } of attempts) {
    if (complete === undefined) continue;
    // Nearly every intent has one: no list is made for it.
    if (complete.outcome === 'ok' && complete.by === 'server') return true;
    answers.push(complete);
  }
  return areDecisive(contract, answers);
}

/** Without a key of its own a repetition would be a new redemption, so that nobody can settle such an intent. */
export function canBeSettled(intent: Intent): boolean {
  return intent.attempts.some((attempt) => attempt.keyKind === 'key' && isOwn(attempt));
}

/** Nothing that may have an effect can be in flight any more for any of them. */
export function allDecided(intents: Iterable<Intent>, contract: Contract): boolean {
  for (const intent of intents)
    if (!isDecided(intent, contract) && mayHaveEffect(intent, contract)) return false;
  return true;
}

/** By the contract a request without a proper key of its own has none. */
function mayHaveEffect(intent: Intent, contract: Contract): boolean {
  if (canBeSettled(intent)) return true;
  return intent.attempts.some(
    ({ keyKind }) =>
      typeof (keyKind === 'missing' ? contract.missingKey : contract.malformedKey) !== 'object',
  );
}
