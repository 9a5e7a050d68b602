/**
 * Effects that nothing names, and the claims that can have made them. If there is an assignment in which each effect has
 * a place, and each claim that was told "done" its effect, the books close, also where there are several such.
 */

/** Both in order of their deadlines: the earliest is served first. */
export interface Matching<Effect, Place> {
  readonly placeOf: ReadonlyMap<Effect, Place>;
  readonly unplaced: readonly Effect[];
}

const MOST_MOVED = 300;

/** A largest matching in which every place that needs an effect has one, wherever that is possible at all. */
export function assign<Effect, Place>(
  effects: readonly Effect[],
  places: readonly Place[],
  fits: (effect: Effect, place: Place) => boolean,
  isNeedy: (place: Place) => boolean,
): Matching<Effect, Place> {
  const placeOf = new Map<Effect, Place>();
  const effectOf = new Map<Place, Effect>();
  const put = (effect: Effect, place: Place): true => {
    placeOf.set(effect, place);
    effectOf.set(place, effect);
    return true;
  };
  // Whoever is in the way moves on where there is another place for it: beyond so many the first fit has to do.
  const canMove = effects.length <= MOST_MOVED;
  const serve = (place: Place, tried: Set<Effect>): boolean => {
    const fitting = effects.filter((effect) => !tried.has(effect) && fits(effect, place));
    const free = fitting.find((effect) => !placeOf.has(effect));
    if (free !== undefined) return put(free, place);
    for (const effect of canMove ? fitting : []) {
      if (tried.has(effect)) continue;
      tried.add(effect);
      const taken = placeOf.get(effect);
      if (taken !== undefined && serve(taken, tried)) return put(effect, place);
    }
    return false;
  };
  const settle = (effect: Effect, tried: Set<Place>): boolean => {
    const fitting = places.filter((place) => !tried.has(place) && fits(effect, place));
    const free = fitting.find((place) => !effectOf.has(place));
    if (free !== undefined) return put(effect, free);
    for (const place of canMove ? fitting : []) {
      if (tried.has(place)) continue;
      tried.add(place);
      const taken = effectOf.get(place);
      if (taken !== undefined && settle(taken, tried)) return put(effect, place);
    }
    return false;
  };
  for (const place of places) if (isNeedy(place)) serve(place, new Set());
  const unplaced = effects.filter((effect) => !placeOf.has(effect) && !settle(effect, new Set()));
  return { placeOf, unplaced };
}
