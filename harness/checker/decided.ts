/** When the answers of an intent decide it: the server has told how it ended. */

import type { Contract } from '../model/contract.ts';
import { isOwn, type Attempt, type Intent } from './customer.ts';
import { mayBeInFlight } from './refusals.ts';

/** A 200, and every definite refusal but "in progress"; a stored 5xx where the contract stores them. */
export function decides(attempt: Attempt, contract: Contract): boolean {
  const { complete } = attempt;
  if (complete === undefined || complete.by !== 'server') return false;
  if (complete.outcome === 'ok') return true;
  if (complete.outcome === 'fail') return !mayBeInFlight(contract, complete);
  return contract.storesServerErrors === true && (complete.status ?? 0) >= 500 && complete.replayed === true;
}

export function isDecided(intent: Intent, contract: Contract): boolean {
  return intent.attempts.some((attempt) => decides(attempt, contract));
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
