/** Claims: what is asked for once by the contract, under however many intents and keys. The books close per claim. */

import type { Contract } from '../model/contract.ts';
import { bindingOf } from './binding.ts';
import type { Effect } from './effects.ts';
import type { Attempt, Customer, Intent } from './customer.ts';

/** Intents that are one redemption by the contract: they share the client's own name for it, or key and payload. */
export interface Asked {
  readonly intents: readonly Intent[];
  readonly attempts: readonly Attempt[];
}

export interface Claim extends Asked {
  readonly effects: readonly Effect[];
}

/** So many attempts are few enough to compare each with each. */
const FEW = 16;
const NONE: readonly Effect[] = [];

/** The claims with what was done for them. */
export function claimsOf(
  asked: readonly Asked[],
  effectsOf: ReadonlyMap<Intent, readonly Effect[]>,
): Claim[] {
  return asked.map(({ intents, attempts }) => {
    const [only] = intents;
    const effects =
      intents.length === 1 && only !== undefined
        ? (effectsOf.get(only) ?? NONE)
        : intents.flatMap((intent) => effectsOf.get(intent) ?? NONE);
    return { intents, attempts, effects };
  });
}

/** Every intent of a customer is in one claim, and in no other. */
export function askedOf({ intents, attempts }: Customer, contract: Contract): Asked[] {
  // Nearly always: each intent is a claim of its own.
  if (intents.size === 1 || (attempts.length <= FEW && areApart(attempts))) return eachAlone(intents);
  let groups: Groups | undefined;
  const byClient = new Map<string, Intent>();
  const byKey = new Map<string, Attempt>();
  for (const intent of intents.values()) {
    for (const attempt of intent.attempts) {
      const { clientRedemptionId } = attempt.invoke;
      if (clientRedemptionId !== undefined) {
        const first = byClient.get(clientRedemptionId);
        if (first === undefined) byClient.set(clientRedemptionId, intent);
        else if (first !== intent) (groups ??= new Groups()).join(intent, first);
      }
      if (attempt.keyKind !== 'key') continue;
      const first = byKey.get(attempt.key);
      if (first === undefined) byKey.set(attempt.key, attempt);
      else if (bindingOf(contract, first.invoke) !== bindingOf(contract, attempt.invoke))
        (groups ??= new Groups()).joinByName(intent, `${attempt.key} ${bindingOf(contract, attempt.invoke)}`);
      else if (first.intent !== intent) (groups ??= new Groups()).join(intent, first.intent);
    }
  }
  if (groups === undefined) return eachAlone(intents);
  return groups.all(intents.values()).map((group) => ({
    intents: group,
    attempts: group.flatMap((intent) => intent.attempts),
  }));
}

function eachAlone(intents: Customer['intents']): Asked[] {
  const asked: Asked[] = [];
  for (const intent of intents.values()) asked.push({ intents: [intent], attempts: intent.attempts });
  return asked;
}

/** No two intents have a name or a key in common. Each is compared with each: for few. */
function areApart(attempts: readonly Attempt[]): boolean {
  for (let index = 1; index < attempts.length; index++) {
    const attempt = attempts[index] as Attempt;
    const { clientRedemptionId } = attempt.invoke;
    for (let before = 0; before < index; before++) {
      const other = attempts[before] as Attempt;
      if (other.intent === attempt.intent) continue;
      if (clientRedemptionId !== undefined && clientRedemptionId === other.invoke.clientRedemptionId)
        return false;
      if (attempt.keyKind === 'key' && other.keyKind === 'key' && attempt.key === other.key) return false;
    }
  }
  return true;
}

/** Union of intents by names that they share. */
class Groups {
  readonly #parent = new Map<Intent, Intent>();
  readonly #firstOf = new Map<string, Intent>();

  join(intent: Intent, other: Intent): void {
    if (intent !== other) this.#parent.set(this.#root(intent), this.#root(other));
  }

  joinByName(intent: Intent, name: string): void {
    const first = this.#firstOf.get(name);
    if (first === undefined) this.#firstOf.set(name, intent);
    else this.join(intent, first);
  }

  all(intents: Iterable<Intent>): Intent[][] {
    const groups = new Map<Intent, Intent[]>();
    for (const intent of intents) {
      const root = this.#root(intent);
      const group = groups.get(root);
      if (group) group.push(intent);
      else groups.set(root, [intent]);
    }
    return [...groups.values()];
  }

  #root(intent: Intent): Intent {
    let root = intent;
    for (
      let parent = this.#parent.get(root);
      parent !== undefined && parent !== root;
      parent = this.#parent.get(root)
    )
      root = parent;
    return root;
  }
}
