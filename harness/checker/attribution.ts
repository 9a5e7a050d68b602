/**
 * Whose an effect is. It is tied to an intent by its key, by the client's own name for it, or by an answer that named
 * it; what is left is tied by reward, points and time to a claim that can have made it (places.ts).
 */

import { isOwn, type Attempt, type Customer, type Intent } from './customer.ts';
import { joinParts, type Effect } from './effects.ts';
import { hasShape, ownersByShape, type PlacedBy } from './places.ts';

export interface Attribution {
  readonly effectsOf: Map<Intent, Effect[]>;
  readonly orphans: Effect[];
}

/** Each effect goes to one intent, or to none. */
export function attribute(
  customer: Customer,
  effects: ReadonlyMap<string, Effect>,
  by: PlacedBy,
): Attribution {
  const effectsOf = new Map<Intent, Effect[]>();
  const orphans: Effect[] = [];
  if (effects.size === 0) return { effectsOf, orphans };
  const index = new AttemptIndex(customer.attempts);
  const own = (effect: Effect, intent: Intent) => {
    effect.owner = intent;
    for (const { invoke } of intent.attempts) joinParts(effect, invoke.points);
    const owned = effectsOf.get(intent);
    if (owned) owned.push(effect);
    else effectsOf.set(intent, [effect]);
  };
  const nameless: Effect[] = [];
  for (const effect of effects.values()) {
    const intent = namedOwner(effect, index);
    if (intent) own(effect, intent);
    else nameless.push(effect);
  }
  if (nameless.length > 0) {
    const ownerOf = ownersByShape(nameless, customer, effectsOf, by);
    for (const effect of nameless) {
      const intent = ownerOf.get(effect);
      if (intent) own(effect, intent);
      else orphans.push(effect);
    }
  }
  return { effectsOf, orphans };
}

/** Attempts by what can name an effect; each index is built when the first effect needs it. */
class AttemptIndex {
  readonly #attempts: readonly Attempt[];
  #byKey: Map<string, Attempt[]> | undefined;
  #byClient: Map<string, Attempt[]> | undefined;
  #byRedemption: Map<string, Attempt[]> | undefined;

  constructor(attempts: readonly Attempt[]) {
    this.#attempts = attempts;
  }

  ofKey(key: string | undefined): readonly Attempt[] | undefined {
    if (key === undefined) return undefined;
    this.#byKey ??= this.#built((attempt, index) => {
      if (attempt.keyKind === 'key') add(index, attempt.key, attempt);
    });
    return this.#byKey.get(key);
  }

  ofClient(name: string | undefined): readonly Attempt[] | undefined {
    if (name === undefined) return undefined;
    this.#byClient ??= this.#built((attempt, index) => {
      const { clientRedemptionId } = attempt.invoke;
      if (clientRedemptionId !== undefined) add(index, clientRedemptionId, attempt);
    });
    return this.#byClient.get(name);
  }

  ofRedemption(redemption: string): readonly Attempt[] | undefined {
    this.#byRedemption ??= this.#built((attempt, index) => {
      const { complete, arrivals } = attempt;
      if (complete?.outcome === 'ok' && complete.redemption !== undefined)
        add(index, complete.redemption, attempt);
      for (const { answer, redemption: told } of arrivals)
        if (told !== undefined && answer !== undefined && answer < 300) add(index, told, attempt);
    });
    return this.#byRedemption.get(redemption);
  }

  #built(put: (attempt: Attempt, index: Map<string, Attempt[]>) => void): Map<string, Attempt[]> {
    const index = new Map<string, Attempt[]>();
    for (const attempt of this.#attempts) put(attempt, index);
    return index;
  }
}

function add(map: Map<string, Attempt[]>, name: string, attempt: Attempt): void {
  const group = map.get(name);
  if (group) group.push(attempt);
  else map.set(name, [attempt]);
}

function namedOwner(effect: Effect, index: AttemptIndex): Intent | undefined {
  const attempts =
    index.ofKey(effect.key) ??
    index.ofClient(effect.clientRedemptionId) ??
    index.ofRedemption(effect.redemption);
  return attempts && bestOf(attempts, effect).intent;
}

/** Of several attempts that could own an effect the one that fits it best; of equals the first that was sent. */
function bestOf(attempts: readonly Attempt[], effect: Effect): Attempt {
  let best = attempts[0] as Attempt;
  if (attempts.length === 1) return best;
  let bestScore = -1;
  for (const attempt of attempts) {
    const score = fitOf(attempt, effect);
    if (score > bestScore) {
      best = attempt;
      bestScore = score;
    }
  }
  return best;
}

function fitOf(attempt: Attempt, effect: Effect): number {
  const { invoke, complete } = attempt;
  let score = 0;
  if (isOwn(attempt)) score += 16;
  if (effect.clientRedemptionId === invoke.clientRedemptionId) score += 8;
  if (hasShape(attempt, effect)) score += 4;
  if (complete?.outcome === 'ok' && complete.redemption === effect.redemption) score += 2;
  if (complete?.outcome !== 'fail') score += 1;
  return score;
}
