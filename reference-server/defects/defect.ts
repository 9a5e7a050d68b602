/** What a wrong edition is: one decision of the right server, replaced. */

import type { RedeemParts } from '../redeem.ts';

/**
 * What must be there before it shows: attempts at once, an injected fault, a clock that can be moved, the end of a
 * process, a second replica, a store of its own kind. None: one client in order is enough.
 */
export type DefectNeed = 'concurrency' | 'fault' | 'clock' | 'restart' | 'replicas' | 'redis';

/** The cheapest way known that shows it, as a command would ask for it. */
export type DefectWay = RunWay | SweepWay;

interface WayParts {
  /** Default memory. */
  readonly store?: 'memory' | 'redis';
  /** Default 2. */
  readonly replicas?: number;
  /** Default seed. */
  readonly profile?: 'seed' | 'ietf' | 'stripe';
}

export interface RunWay extends WayParts {
  readonly kind: 'run';
  readonly scenario: string;
  /** Name of a built-in schedule. */
  readonly faults: string;
  /** Default: as many as the scenario has. */
  readonly intents?: number;
}

export interface SweepWay extends WayParts {
  readonly kind: 'sweep';
}

/** A defect as plain data: what the catalogue gives to whoever starts this server as a program. */
export interface DefectFacts {
  readonly name: string;
  readonly description: string;
  /** Why a sensible engineer would write it, as a sentence. */
  readonly reason: string;
  /** Rules of the checker any of which catches it; the first is the one that must. */
  readonly rules: readonly [string, ...string[]];
  /** Numbers of docs' table of bug classes. */
  readonly bugClasses: readonly [number, ...number[]];
  readonly needs: readonly DefectNeed[];
  readonly way: DefectWay;
}

export interface Defect extends DefectFacts {
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
