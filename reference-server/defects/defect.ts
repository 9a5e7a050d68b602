/** What a wrong edition is: one decision of the right server, replaced. */

import type { RedeemParts } from '../redeem.ts';

export interface Defect {
  readonly name: string;
  readonly description: string;
  /** Rules of the checker any of which catches it; the first is the one expected. */
  readonly rules: readonly string[];
  /** Numbers of docs' table of bug classes. */
  readonly bugClasses: readonly number[];
  /** The parts of a redemption with the one decision replaced. Works over any store. */
  readonly apply: (parts: RedeemParts) => RedeemParts;
}

/** The parts with some of the store's calls replaced. */
export function withStore(parts: RedeemParts, calls: Partial<RedeemParts['store']>): RedeemParts {
  const store = new Proxy(parts.store, {
    get: (target, name) => {
      const own: unknown = Reflect.get(calls, name);
      if (own !== undefined) return own;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { ...parts, store };
}
