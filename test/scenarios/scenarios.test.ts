import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { SCENARIOS } from '../../harness/plan/plan.ts';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { part } from '../support/depth.ts';
import { k6, play, startServer, type Played, type Server } from './support.ts';

let server: Server;
/** Knows nothing of what the first one has met: the same keys can be sent to it. */
let another: Server;

beforeAll(async () => {
  [server, another] = await Promise.all([startServer(), startServer()]);
});

afterAll(async () => {
  await Promise.all([server.close(), another.close()]);
});

/** Few iterations, but at least one of each kind that a scenario takes in turn. */
const SIZES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'retry-storm': { INTENTS: '40' },
  'duplicated-requests': { INTENTS: '20' },
  'double-click': { INTENTS: '20' },
  'lost-answer': { INTENTS: '15' },
  'key-expiry': { INTENTS: '16' },
  'key-reuse': { INTENTS: '18' },
  'near-zero': { INTENTS: '10' },
  soak: { DURATION: '2s', VUS: '4' },
};

/** Moments that each scenario brings about by itself, with hooks and without a hop. */
const MOMENTS: Readonly<Record<string, readonly string[]>> = {
  'retry-storm': ['retries_seen', 'replays_seen', 'overlaps_seen'],
  'duplicated-requests': ['overlaps_seen', 'replays_seen'],
  'double-click': ['overlaps_seen', 'two_keys_seen', 'separate_redemptions_seen', 'duplicates_refused_seen'],
  'lost-answer': ['retries_seen', 'replays_seen', 'abandoned_seen', 'lost_answers_seen'],
  'key-expiry': [
    'replays_seen',
    'expiry_before_seen',
    'expiry_at_seen',
    'expiry_after_seen',
    'expiry_in_flight_seen',
    'tombstone_end_seen',
  ],
  'key-reuse': [
    'other_payload_seen',
    'other_customer_seen',
    'reordered_seen',
    'missing_key_seen',
    'malformed_key_seen',
    'new_token_seen',
  ],
  'near-zero': ['points_ran_out_seen', 'top_ups_seen'],
  soak: ['replays_seen', 'overlaps_seen'],
};

describe.each([
  ['the embedded engine', 'embedded', false],
  [`the real k6${k6 === undefined ? ' (not run: no k6 on the PATH)' : ''}`, 'k6', k6 === undefined],
] as const)('against the right server on %s', (_name, engine, isMissing) => {
  test.skipIf(isMissing).each(SCENARIOS)('%s finds nothing wrong and meets its moments', async (scenario) => {
    const played = await play(scenario, { ...server.env, ...SIZES[scenario] }, engine);
    expect(played.reason).toBeUndefined();
    expect(played.exitCode).toBe(0);
    for (const moment of MOMENTS[scenario] ?? []) {
      expect.soft(played.counted(moment), moment).toBeGreaterThan(0);
    }
    expect(played.stdout).toContain(`${scenario}: nothing violated`);
  });

  test.skipIf(isMissing)('every line of a history is an event, from run to end', async () => {
    const { events } = await play('retry-storm', { ...server.env, INTENTS: '5' }, engine);
    expect(events[0]?.type).toBe('run');
    expect(events.at(-1)?.type).toBe('end');
    const customers = new Set(invokes(events).map(({ customer }) => customer));
    expect(customers.size).toBe(5);
    for (const customer of customers) {
      expect(storyOf(events, customer)).toMatch(
        /^(credit )?observe observe (clock )*invoke .*observe observe retire$/,
      );
    }
  });
});

test.each(
  part(
    SCENARIOS.filter((name) => name !== 'soak'),
    0,
    4,
    6,
  ),
)(
  '%s makes the same intents and keys for one seed and run id, and new keys for another run id',
  async (scenario) => {
    const env = { ...SIZES[scenario], INTENTS: '9', SEED: '5' };
    const one = keysByIntent(await play(scenario, { ...server.env, ...env, RUN_ID: 'same' }));
    const again = keysByIntent(await play(scenario, { ...another.env, ...env, RUN_ID: 'same' }));
    const other = keysByIntent(await play(scenario, { ...server.env, ...env, RUN_ID: 'other' }));
    expect(again).toEqual(one);
    expect([...one.keys()]).toEqual([...other.keys()]);
    const keys = [...one.values()].flat().filter((key) => key !== '' && key !== 'none');
    expect([...other.values()].flat().filter((key) => keys.includes(key))).toEqual([]);
  },
);

test('composite keys name intent and customer, and differ for every intent', async () => {
  const played = await play('lost-answer', { ...server.env, INTENTS: '6', KEY_SHAPE: 'composite' });
  expect(played.exitCode).toBe(0);
  const keys = new Set<string>();
  for (const event of invokes(played.events)) {
    expect(event.key).toContain(event.customer);
    expect(String(event.key).length).toBeLessThanOrEqual(255);
    keys.add(String(event.key));
  }
  expect(keys.size).toBe(6);
});

test.each(['retry-storm', 'key-expiry'])(
  'the literal client of the seed redeems twice in %s, and the scenario says so; the safe one does not',
  async (scenario) => {
    const env = { ...server.env, SEED: '2', ...SIZES[scenario] };
    const literal = await play(scenario, { ...env, CLIENT: 'seed-literal' });
    expect(literal.counted('new_keys_made')).toBeGreaterThan(0);
    expect(literal.counted('double_debits')).toBeGreaterThan(0);
    expect(literal.exitCode).toBe(99);
    const safe = await play(scenario, { ...env, CLIENT: 'seed' });
    expect(safe.counted('double_debits')).toBe(0);
    expect(safe.exitCode).toBe(0);
  },
);

test.each(['ietf', 'stripe'])(
  'the scenarios judge a server by the %s profile when they are told so',
  async (profile) => {
    const own = await startServer('--profile', profile);
    try {
      for (const scenario of ['double-click', 'key-expiry', 'key-reuse']) {
        const env = { ...own.env, ...SIZES[scenario], CONTRACT: JSON.stringify({ profile }) };
        const played = await play(scenario, env);
        expect(played.reason, scenario).toBeUndefined();
      }
    } finally {
      await own.close();
    }
  },
);

test('the load can be an arrival rate', async () => {
  const played = await play('duplicated-requests', { ...server.env, RATE: '20', DURATION: '1s', VUS: '4' });
  expect(played.exitCode).toBe(0);
  expect(played.counted('intents_completed')).toBeGreaterThan(0);
});

function invokes(events: readonly HistoryEvent[]) {
  return events.filter((event) => event.type === 'invoke');
}

function keysByIntent({ events }: Played): Map<string, string[]> {
  const keys = new Map<string, Set<string>>();
  for (const { intent, key } of invokes(events)) {
    const known = keys.get(intent) ?? new Set();
    keys.set(intent, known.add(String(key ?? 'none')));
  }
  const sorted = [...keys].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([intent, set]) => [intent, [...set].toSorted()]));
}

/** The types of one customer's events in order; attempts by the customer that they are for. */
function storyOf(events: readonly HistoryEvent[], customer: string): string {
  const attempts = new Set(
    invokes(events)
      .filter((event) => event.customer === customer)
      .map(({ attempt }) => attempt),
  );
  const own = events.filter((event) =>
    event.type === 'complete'
      ? attempts.has(event.attempt)
      : 'customer' in event && event.customer === customer,
  );
  return own.map(({ type }) => type).join(' ');
}
