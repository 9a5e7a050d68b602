/** Whose an effect can be that nothing names: a claim of its reward and points that had the time, and not yet its due. */

import { assign } from './assignment.ts';
import type { Asked } from './claims.ts';
import { isOwn, type Attempt, type Customer, type Intent } from './customer.ts';
import { isInParts, type Effect } from './effects.ts';
import { permittedDebits, type PermittedBy } from './permitted.ts';
import { isConfirmedByHop, mayHaveBeenDone } from './possible.ts';
import { windowOf, type Window } from './windows.ts';

export interface PlacedBy extends PermittedBy {
  readonly asked: readonly Asked[];
  /** What was there before the first attempt is known, so that each effect is of this run. */
  readonly isOpeningKnown: boolean;
  readonly readLagMs: number;
}

/** Room for one effect of a claim, in its time. */
interface Place {
  readonly claim: Asked;
  readonly from: number;
  readonly until: number;
  /** An answer said "done" and named nothing: one effect there must be. */
  readonly isNeedy: boolean;
}

/** Owners of the effects that have one. What no claim has room for is still told of one that was there at the time. */
export function ownersByShape(
  effects: readonly Effect[],
  customer: Customer,
  effectsOf: ReadonlyMap<Intent, readonly Effect[]>,
  by: PlacedBy,
): ReadonlyMap<Effect, Intent> {
  const windows = new Map(
    effects.map((effect) => [effect, windowOf(effect.redemption, customer, by.readLagMs)]),
  );
  const timeOf = (effect: Effect) => windows.get(effect) ?? { after: -Infinity, before: Infinity };
  const sorted = [...effects].sort((one, two) => timeOf(one).before - timeOf(two).before);
  const places = by.asked
    .flatMap((claim) => placesOf(claim, effects.length, effectsOf, by))
    .sort((one, two) => one.until - two.until);
  const fits = (effect: Effect, place: Place) =>
    isInTime(timeOf(effect), place) && shapedIntent(place.claim, effect) !== undefined;
  const { placeOf, unplaced } = assign(sorted, places, fits, ({ isNeedy }) => isNeedy);
  const owners = new Map<Effect, Intent>();
  for (const [effect, { claim }] of placeOf) {
    const intent = shapedIntent(claim, effect);
    if (intent) owners.set(effect, intent);
  }
  const firstAt = customer.attempts[0]?.invoke.at ?? Infinity;
  for (const effect of unplaced) {
    const time = timeOf(effect);
    // It may have been there before: then it is nobody's here.
    if (!by.isOpeningKnown && time.after < firstAt) continue;
    const claim = by.asked.find(
      (each) =>
        each.attempts.some(({ complete }) => complete?.outcome !== 'fail') &&
        isInTime(time, spanOf(each.attempts)) &&
        shapedIntent(each, effect) !== undefined,
    );
    const intent = claim && shapedIntent(claim, effect);
    if (intent) owners.set(effect, intent);
  }
  return owners;
}

export function hasShape({ invoke }: Attempt, effect: Effect): boolean {
  if (effect.points !== undefined && effect.points !== invoke.points && !isInParts(effect, invoke.points))
    return false;
  return effect.reward === undefined || effect.reward === invoke.reward;
}

/** As many as the contract permits for what may have been done, less those that have their effect. */
function placesOf(
  claim: Asked,
  most: number,
  effectsOf: ReadonlyMap<Intent, readonly Effect[]>,
  by: PlacedBy,
): Place[] {
  const possible = claim.attempts.filter((attempt) => isOwn(attempt) && isPossible(attempt, by));
  if (possible.length === 0) return [];
  let made = 0;
  for (const intent of claim.intents)
    for (const { debits } of effectsOf.get(intent) ?? []) made += Math.max(1, debits);
  const room = Math.min(most, permittedDebits({ ...claim, attempts: possible }, by) - made);
  const isNeedy = made === 0 && possible.some(isDoneUnnamed);
  return Array.from({ length: Math.max(0, room) }, (_, index) => ({
    claim,
    ...spanOf(possible),
    isNeedy: isNeedy && index === 0,
  }));
}

function isPossible(attempt: Attempt, { run }: PlacedBy): boolean {
  return (
    attempt.complete?.outcome === 'ok' || isConfirmedByHop(attempt) || mayHaveBeenDone(attempt, run.contract)
  );
}

function isDoneUnnamed({ complete }: Attempt): boolean {
  return complete?.outcome === 'ok' && complete.by === 'server' && complete.redemption === undefined;
}

/** From the first request to the last answer; for ever where one is owed: whoever took it up may finish it at any time. */
function spanOf(attempts: readonly Attempt[]): { readonly from: number; readonly until: number } {
  let from = Infinity;
  let until = -Infinity;
  for (const { invoke, complete, arrivals } of attempts) {
    from = Math.min(from, invoke.at);
    until = Math.max(until, complete === undefined || complete.outcome === 'info' ? Infinity : complete.at);
    for (const { answer, endedAt } of arrivals)
      until = Math.max(until, answer === undefined || answer >= 500 ? Infinity : (endedAt ?? Infinity));
  }
  return { from, until };
}

function isInTime({ after, before }: Window, { from, until }: { from: number; until: number }): boolean {
  return from <= before && after <= until;
}

/** An intent of the claim that asked for just this, and had no other name for it. */
function shapedIntent({ attempts }: Asked, effect: Effect): Intent | undefined {
  return attempts.find(
    (attempt) =>
      hasShape(attempt, effect) &&
      (attempt.invoke.clientRedemptionId === undefined || effect.clientRedemptionId === undefined),
  )?.intent;
}
