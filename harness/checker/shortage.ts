/**
 * Whether an answer said that there were too few points. Where its status and code fit several rows, what the request
 * was and what else happened to its customer can leave one reading only.
 */

import { bindingOf } from './binding.ts';
import type { CustomerCase } from './case.ts';
import { hasCredits, isOk, isOwn, wasCreditedBefore, type Attempt } from './customer.ts';
import { canBe, isOnly, rowsOf, type RefusalRow } from '../model/refusals.ts';

export function wasShort(attempt: Attempt, theCase: CustomerCase): boolean {
  const { complete } = attempt;
  if (complete?.outcome !== 'fail') return false;
  const { contract } = theCase.run;
  const { insufficientPoints: row } = contract;
  const hasCode = complete.code !== undefined;
  // Both sides name a code: then it tells.
  if (typeof row === 'object' && row.code !== undefined && hasCode)
    return canBe(contract, complete, 'insufficientPoints');
  if (isOnly(contract, complete, 'insufficientPoints')) return true;
  const isPossible = row === 'unspecified' || canBe(contract, complete, 'insufficientPoints');
  if (!isPossible) return false;
  return /insufficient|not[_ -]?enough/i.test(complete.code ?? '') || isOneReading(attempt, theCase);
}

function isOneReading(attempt: Attempt, theCase: CustomerCase): boolean {
  const { complete, keyKind } = attempt;
  const { contract } = theCase.run;
  if (complete?.by !== 'server' || keyKind !== 'key' || !isOwn(attempt)) return false;
  const others = rowsOf(contract, complete).filter((row) => row !== 'insufficientPoints');
  return others.every((row) => isRuledOut(row, attempt, theCase)) && mayHaveRunOut(attempt, theCase);
}

/** The other rows that share their status with a shortage, each by what it would need. */
function isRuledOut(row: RefusalRow, attempt: Attempt, theCase: CustomerCase): boolean {
  const { customer, run, keys } = theCase;
  const { invoke } = attempt;
  switch (row) {
    case 'missingKey':
    case 'malformedKey':
    case 'otherCustomersData':
      return true;
    case 'otherPayload': {
      const binding = bindingOf(run.contract, invoke);
      const sameKey = keys.get(attempt.key)?.attempts ?? [];
      return (
        run.contract.keyScope === 'customer' &&
        sameKey.every((other) => bindingOf(run.contract, other.attempt.invoke) === binding)
      );
    }
    case 'unknownCustomer':
    case 'badToken':
    case 'unsupportedMediaType':
      return customer.attempts.some(isOk);
    case 'unknownReward':
    case 'badBody':
      return customer.attempts.some(
        (other) =>
          isOk(other) && other.invoke.reward === invoke.reward && other.invoke.points === invoke.points,
      );
    default:
      return false;
  }
}

/** With everything that can have been debited by then the points would not have sufficed, and nothing came of it. */
function mayHaveRunOut(attempt: Attempt, theCase: CustomerCase): boolean {
  const { intent, invoke, complete } = attempt;
  const { customer, openingBalance, effectsOf } = theCase;
  const until = complete?.at ?? -Infinity;
  if (openingBalance === undefined) return false;
  if (effectsOf.has(intent) && !hasCredits(customer)) return false;
  let left = openingBalance;
  for (const credit of customer.credits) if (wasCreditedBefore(credit, attempt)) left += credit.points;
  for (const other of customer.intents.values()) {
    const [first] = other.attempts;
    if (other === intent || first === undefined || first.invoke.at > until) continue;
    if (other.attempts.some(({ complete: told }) => told?.outcome !== 'fail')) left -= first.invoke.points;
  }
  return left < invoke.points;
}
