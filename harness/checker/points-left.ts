/** How many points a customer had at least when one of its requests was refused for too few. */

import type { CustomerCase } from './case.ts';
import { completedAt, wasCreditedBefore, type Attempt, type Intent } from './customer.ts';
import type { Effect } from './effects.ts';
import { countAtMost } from './sorted.ts';

/**
 * Points, even if everything that can have been debited by the answer came first; undefined where the reads do not
 * tell. What was asked for later only cannot have been debited yet.
 */
export function pointsLeftAt(attempt: Attempt, theCase: CustomerCase): number | undefined {
  const { openingBalance, customer, isAudited, isOpeningKnown, hasLedger, hasList } = theCase;
  const opening = openingBalance ?? customer.madeWith;
  if (opening === undefined || !isAudited || !isOpeningKnown || (!hasLedger && !hasList)) return undefined;
  return (
    opening +
    creditedBefore(attempt, theCase) -
    spendingOf(theCase).until(completedAt(attempt) + theCase.run.storeClock.uncertaintyMs)
  );
}

/** Credits that the balance at first cannot have held, and that were there when the key was first asked for. */
function creditedBefore(attempt: Attempt, { customer, keys, openingBalance, run }: CustomerCase): number {
  if (customer.credits.length === 0) return 0;
  // A refusal that is stored comes back after the points have come.
  const isStored = run.contract.storesInsufficientPoints !== false;
  const first = isStored ? (keys.get(attempt.key)?.attempts[0]?.attempt ?? attempt) : attempt;
  const sinceAt = openingBalance === undefined ? -Infinity : (customer.attempts[0]?.invoke.at ?? Infinity);
  let points = 0;
  for (const credit of customer.credits) {
    const isThere = wasCreditedBefore(credit, first) && wasCreditedBefore(credit, attempt);
    if (isThere && credit.at > sinceAt) points += credit.points;
  }
  return points;
}

/** All debits of a customer in the order in which they can have come at the earliest. */
class Spending {
  readonly #since: number[] = [];
  readonly #points: number[] = [];

  constructor(theCase: CustomerCase) {
    const askedAt = new Map<Intent, number>();
    for (const { intents } of theCase.claims) {
      let at = Infinity;
      for (const { attempts } of intents) at = Math.min(at, attempts[0]?.invoke.at ?? -Infinity);
      for (const intent of intents) askedAt.set(intent, at);
    }
    const debits = [...theCase.effects.values()].map((effect) => ({
      at: earliest(effect, theCase, askedAt),
      points: Math.max(effect.debitedPoints, effect.points ?? Infinity),
    }));
    debits.sort((one, two) => one.at - two.at);
    let sum = 0;
    for (const { at, points } of debits) {
      sum += points;
      this.#since.push(at);
      this.#points.push(sum);
    }
  }

  /** The points of all that can have been debited by then. */
  until(at: number): number {
    return this.#points[countAtMost(this.#since, at) - 1] ?? 0;
  }
}

/** Not before its claim was first asked for, where the effect itself names whose it is; at any time otherwise. */
function earliest(
  { owner, redemption, key, clientRedemptionId }: Effect,
  { keys }: CustomerCase,
  askedAt: ReadonlyMap<Intent, number>,
): number {
  if (owner === undefined) return -Infinity;
  const isNamed = owner.attempts.some(
    ({ key: asked, invoke, complete }) =>
      (key !== undefined && asked === key) ||
      (clientRedemptionId !== undefined && invoke.clientRedemptionId === clientRedemptionId) ||
      (complete?.outcome === 'ok' && complete.redemption === redemption),
  );
  if (!isNamed) return -Infinity;
  const keyAt = key === undefined ? undefined : keys.get(key)?.attempts[0]?.attempt.invoke.at;
  return Math.min(askedAt.get(owner) ?? -Infinity, keyAt ?? Infinity);
}

const spendings = new WeakMap<CustomerCase, Spending>();

/** Asked for each refusal of a customer, and the same for all. */
function spendingOf(theCase: CustomerCase): Spending {
  let spending = spendings.get(theCase);
  if (spending === undefined) spendings.set(theCase, (spending = new Spending(theCase)));
  return spending;
}
