/** Twins that play by other rows of the contract. */

import type { Contract } from '../../../harness/model/contract.ts';
import { ALL_SCENARIOS, type Twin } from './twin.ts';

function byRows(name: string, description: string, rows: Partial<Contract>): Twin {
  return { name, description, scenarios: ALL_SCENARIOS, rows };
}

const nameless: Twin = {
  name: 'nameless',
  description: 'is given no name for an intent: two that look the same are two',
  scenarios: ALL_SCENARIOS,
  rows: { duplicateIntent: 'uncovered', duplicateWindowMs: 0 },
  config: (usual) => ({
    ...usual,
    redeem: {
      ...usual.redeem,
      body: {
        customer_id: '{customer_id}',
        reward_id: '{reward_id}',
        points_amount: '{points_amount}',
        redemption_type: '{redemption_type}',
      },
    },
  }),
};

const tellsNothing: Twin = {
  ...nameless,
  name: 'tells-nothing-apart',
  description: 'is given neither a name for an intent nor a type: many that look the same are as many',
  config: (usual) => ({
    ...usual,
    redeem: {
      ...usual.redeem,
      body: { customer_id: '{customer_id}', reward_id: '{reward_id}', points_amount: '{points_amount}' },
    },
  }),
};

export const ROW_TWINS: readonly Twin[] = [
  byRows('right', 'is the right endpoint as it is', {}),
  byRows('global-keys', 'knows a key whoever sends it, and shows nobody else its redemption', {
    keyScope: 'global',
  }),
  byRows('bytes-count', 'takes a body in other bytes for another payload', { fingerprint: 'bytes' }),
  byRows('keys-start-anew', 'takes an expired key for a new one', { expiredKey: 'new', tombstoneMs: 0 }),
  byRows('tombstones-from-expiry', 'counts the tombstone of a key from its end', {
    tombstoneFrom: 'expiry',
    ttlMs: 3_600_000,
    tombstoneMs: 7_200_000,
  }),
  byRows('short-keys', 'takes keys of 64 characters at most, as they are', {
    keyMaxLength: 64,
    quotedKeysEqual: false,
  }),
  byRows('stores-refusals', 'stores every refusal under its key', {
    storesRefusals: true,
    storesInsufficientPoints: true,
  }),
  byRows('replays-duplicates', 'answers a duplicate under another key with the original', {
    duplicateIntent: 'replay',
  }),
  byRows('shows-the-latest', 'shows in a repetition the balance of now', {
    replayState: 'latest',
    replayEquality: 'redemption',
  }),
  byRows('needs-no-key', 'takes requests without a key', { missingKey: 'accept' }),
  byRows('common-clock', 'has one test clock for all customers', { clockScope: 'common' }),
  byRows('no-marker', 'does not mark a repetition', { replayMarker: 'none' }),
  nameless,
  tellsNothing,
];
