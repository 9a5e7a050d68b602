/** Which open customer holds a key: one key at two customers is a moment of its own, seen while both are open. */

import type { Contract } from '../model/contract.ts';
import type { StoreClock } from './clocks.ts';
import { completedAt, isOwn, type Attempt, type Customer } from './customer.ts';

export class KeyHolders {
  readonly #customerOf = new Map<string, string>();

  /** Whose key it was already, when that is another customer. */
  hold({ keyKind, key, invoke }: Attempt): string | undefined {
    if (keyKind !== 'key') return undefined;
    const holder = this.#customerOf.get(key);
    if (holder === undefined) this.#customerOf.set(key, invoke.customer);
    return holder === invoke.customer ? undefined : holder;
  }

  letGo({ key, invoke }: Attempt): void {
    if (this.#customerOf.get(key) === invoke.customer) this.#customerOf.delete(key);
  }
}

/** Whether another customer had certainly finished the key when it was sent, well within its life. */
export function isFinishedBy(
  customer: Customer | undefined,
  { key, invoke }: { readonly key: string; readonly invoke: { readonly at: number } },
  { ttlMs }: Contract,
  clock: StoreClock,
): boolean {
  if (customer === undefined || customer.clocks.length > 0) return false;
  return customer.attempts.some((other) => {
    if (other.key !== key || !isOwn(other) || other.complete?.outcome !== 'ok') return false;
    const isAlive = ttlMs === 'unspecified' || (invoke.at - other.invoke.at) * 1.001 + 2 < ttlMs;
    return (
      completedAt(other) + clock.uncertaintyMs < invoke.at &&
      isAlive &&
      !clock.canHaveJumped(other.invoke.at, invoke.at)
    );
  });
}
