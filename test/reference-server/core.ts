/** The redemption core over a bare store, for tests that need its steps in hand. */

import { randomUUID } from 'node:crypto';
import { PROFILES } from '../../harness/model/contract.ts';
import type { RedeemParts } from '../../reference-server/redeem.ts';
import { fingerprintOf } from '../../reference-server/rules.ts';
import type { Payload, Store } from '../../reference-server/store.ts';

/** Parts of the seed profile, with what a test replaces. */
export function partsOver(store: Store, replaced: Partial<RedeemParts> = {}): RedeemParts {
  return {
    store,
    contract: PROFILES.seed,
    fulfil: async () => {},
    step: async () => {},
    isRewardKnown: () => true,
    newId: randomUUID,
    fingerprint: fingerprintOf,
    leaseMs: 10_000,
    waitMs: 5000,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    clockErrorMs: () => 0,
    splitsDebit: () => false,
    ...replaced,
  };
}

export function payloadOf(customer: string, change: Partial<Payload> = {}): Payload {
  return { customer, reward: 'reward_coffee', points: 120, ...change };
}

/** A promise that others wait for, and the two ends of it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
