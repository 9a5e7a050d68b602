/**
 * What a server may lawfully finish after the books were closed. A request that got no answer can have been accepted and
 * left half done; whoever takes the work up again (a lease that ran out, a sweeper) finishes it once, also when its key
 * has expired meanwhile and no retry is answered any more.
 */

import type { CustomerCase } from './case.ts';
import { isOwn, type Intent } from './customer.ts';
import { saysNoEffect } from '../model/refusals.ts';
import { debitCount } from './rules/rule.ts';
import type { Statement, Unfinished } from './statements.ts';

export function unfinishedOf({ customer, effectsOf, run }: CustomerCase): Unfinished {
  let count = 0;
  let points = 0;
  for (const intent of customer.intents.values()) {
    if (debitCount(effectsOf.get(intent) ?? []) > 0 || !isUnfinished(intent, run)) continue;
    count += 1;
    points += intent.attempts[0]?.invoke.points ?? 0;
  }
  return { count, points };
}

function isUnfinished({ attempts }: Intent, { contract }: CustomerCase['run']): boolean {
  const isWithoutAnswer = attempts.some(
    (attempt) =>
      attempt.keyKind === 'key' &&
      isOwn(attempt) &&
      (attempt.complete === undefined || attempt.complete.outcome === 'info'),
  );
  const isTold = attempts.some(
    ({ complete }) =>
      complete !== undefined && (complete.outcome === 'ok' || saysNoEffect(contract, complete)),
  );
  return isWithoutAnswer && !isTold;
}

type Readings = Pick<Statement, 'count' | 'balance'>;

/** Whether what came since is no more than what was left unfinished. `hasBoth`: each effect stands in ledger and list. */
export function couldFinish(
  { unfinished, ...closed }: Statement,
  found: Readings,
  hasBoth: boolean,
): boolean {
  const came = (found.count - closed.count) / (hasBoth ? 2 : 1);
  if (came < 0 || came > unfinished.count || unfinished.count === 0) return false;
  if (Number.isNaN(closed.balance) || Number.isNaN(found.balance)) return came > 0;
  const fell = closed.balance - found.balance;
  return fell > 0 && fell <= unfinished.points;
}
