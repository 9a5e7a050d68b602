import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Contract, ProfileName } from '../../harness/model/contract.ts';
import {
  arm,
  clock,
  credit,
  customerWith,
  effects,
  ledger,
  redeem,
  serve,
  until,
  type TestServer,
} from './harness.ts';
import { STORES } from './stores.ts';

const DAY_MS = 86_400_000;

/** What one customer with 1000 points meets: each situation gives back status, code and marker of its last answer. */
const SITUATIONS = {
  missing: async (server, id) => {
    await redeem(server, id);
    return redeem(server, id);
  },
  replay: async (server, id) => {
    await redeem(server, id, { key: 'k' });
    return redeem(server, id, { key: 'k' });
  },
  'other payload': async (server, id) => {
    await redeem(server, id, { key: 'k' });
    return redeem(server, id, { key: 'k', points: 121 });
  },
  expired: async (server, id) => {
    await redeem(server, id, { key: 'k' });
    await clock(server, id, { advance_ms: DAY_MS });
    return redeem(server, id, { key: 'k' });
  },
  'other key': async (server, id) => {
    await redeem(server, id, { key: 'k1', clientId: 'c' });
    return redeem(server, id, { key: 'k2', clientId: 'c' });
  },
  'in flight': async (server, id) => {
    await arm(server, { point: 'after-debit', action: 'pause', pause_ms: 1000, customer_id: id });
    const first = redeem(server, id, { key: 'k' });
    await until(async () => (await effects(server, id)).debitCount === 1);
    const second = await redeem(server, id, { key: 'k' });
    await first;
    return second;
  },
  'too few points, then a top-up': async (server, id) => {
    await redeem(server, id, { key: 'k', points: 5000 });
    await credit(server, id, 10_000);
    return redeem(server, id, { key: 'k', points: 5000 });
  },
} satisfies Record<string, (server: TestServer, id: string) => ReturnType<typeof redeem>>;

type Situation = keyof typeof SITUATIONS;
type Row = readonly [ProfileName, Partial<Contract>, Situation, string, number];

/** Profile, its replaced rows, situation, answer `status code marker`, debits. */
const TABLE: readonly Row[] = [
  ['seed', {}, 'missing', '409 duplicate_request -', 0],
  ['ietf', {}, 'missing', '400 idempotency_key_required -', 0],
  ['stripe', {}, 'missing', '200 - -', 2],
  ['seed', { missingKey: 'unspecified' }, 'missing', '409 duplicate_request -', 0],
  ['seed', {}, 'replay', '200 - marked', 1],
  ['ietf', {}, 'replay', '200 - -', 1],
  ['stripe', {}, 'replay', '200 - marked', 1],
  ['seed', { replayMarker: 'unspecified' }, 'replay', '200 - marked', 1],
  ['seed', {}, 'other payload', '422 idempotency_key_reused -', 1],
  ['ietf', {}, 'other payload', '422 idempotency_key_reused -', 1],
  ['stripe', {}, 'other payload', '400 idempotency_key_reused -', 1],
  ['seed', { otherPayload: { status: 409 } }, 'other payload', '409 idempotency_key_reused -', 1],
  ['seed', {}, 'expired', '409 idempotency_key_expired -', 1],
  ['ietf', {}, 'expired', '409 idempotency_key_expired -', 1],
  ['stripe', {}, 'expired', '200 - -', 2],
  ['seed', { tombstoneMs: 0 }, 'expired', '200 - -', 2],
  [
    'seed',
    { expiredKey: 'unspecified', ttlMs: 'unspecified' },
    'expired',
    '409 idempotency_key_expired -',
    1,
  ],
  ['seed', { ttlMs: 2 * DAY_MS }, 'expired', '200 - marked', 1],
  ['seed', {}, 'other key', '409 duplicate_redemption -', 1],
  ['ietf', {}, 'other key', '200 - -', 2],
  ['stripe', {}, 'other key', '200 - -', 2],
  ['seed', { duplicateIntent: 'unspecified' }, 'other key', '409 duplicate_redemption -', 1],
  ['seed', {}, 'in flight', '409 redemption_in_progress -', 1],
  ['ietf', {}, 'in flight', '409 redemption_in_progress -', 1],
  ['stripe', {}, 'in flight', '409 redemption_in_progress -', 1],
  ['seed', { inFlight: 'wait' }, 'in flight', '200 - marked', 1],
  ['seed', { inFlight: 'unspecified' }, 'in flight', '409 redemption_in_progress -', 1],
  ['seed', {}, 'too few points, then a top-up', '200 - -', 1],
  [
    'seed',
    { storesInsufficientPoints: true },
    'too few points, then a top-up',
    '422 insufficient_points marked',
    0,
  ],
];

describe.each(STORES)('rows of the contract on $name', ({ skip, open }) => {
  let store: string;
  let stop: () => Promise<void>;
  let server: TestServer;

  beforeAll(async () => {
    if (!skip) ({ store, stop } = await open());
  });
  afterEach(() => server?.close());
  afterAll(() => stop?.());

  it.skipIf(skip).each(TABLE)(
    '%s with %j, %s: %s, %i debits',
    async (profile, rows, situation, answer, debits) => {
      server = await serve({ store, profile, rows, leaseMs: 60_000 });
      const { id } = await customerWith(server, 1000);
      const reply = await SITUATIONS[situation](server, id);
      const marker = reply.headers['idempotent-replayed'] === 'true' ? 'marked' : '-';
      expect(`${reply.status} ${reply.code || '-'} ${marker}`).toBe(answer);
      expect((await effects(server, id)).debitCount).toBe(debits);
    },
  );

  it.skipIf(skip)('a redemption without a key has no key in the ledger, and each is its own', async () => {
    server = await serve({ store, profile: 'stripe' });
    const { id } = await customerWith(server, 1000);
    await redeem(server, id);
    expect((await ledger(server, id)).debits[0]).not.toHaveProperty('idempotency_key');
  });
});
