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

/** The claims with what was done for them. */
export function claimsOf(
  asked: readonly Asked[],
  effectsOf: ReadonlyMap<Intent, readonly Effect[]>,
): Claim[] {
  return asked.map(({ intents, attempts }) => {
    const [only] = intents;
    const effects =
      intents.length === 1 && only !== undefined
        ? (effectsOf.get(only) ?? [])
        : intents.flatMap((intent) => effectsOf.get(intent) ?? []);
    return { intents, attempts, effects };
  });
}

/** Every intent of a customer is in one claim, and in no other. */
export function askedOf(customer: Customer, contract: Contract): Asked[] {
  if (customer.intents.size === 1) {
    const [intent] = customer.intents.values();
    return intent ? [{ intents: [intent], attempts: intent.attempts }] : [];
  }
  const groups = new Groups();
  const byClient = new Map<string, Intent>();
  const byKey = new Map<string, Attempt>();
  for (const intent of customer.intents.values()) {
    for (const attempt of intent.attempts) {
      const { clientRedemptionId } = attempt.invoke;
      const binding = bindingOf(contract, attempt.invoke);
      if (clientRedemptionId !== undefined) {
        const first = byClient.get(clientRedemptionId);
        if (first === undefined) byClient.set(clientRedemptionId, intent);
        else groups.join(intent, first);
      }
      if (attempt.keyKind !== 'key') continue;
      const first = byKey.get(attempt.key);
      if (first === undefined) byKey.set(attempt.key, attempt);
      else if (bindingOf(contract, first.invoke) === binding) groups.join(intent, first.intent);
      else groups.joinByName(intent, `${attempt.key} ${binding}`);
    }
  }
  return groups.all(customer.intents.values()).map((intents) => ({
    intents,
    attempts: intents.flatMap(({ attempts }) => attempts),
  }));
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
