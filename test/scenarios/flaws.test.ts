import { afterEach, expect, test } from 'vitest';

import { referenceTarget } from '../../harness/model/target.ts';
import { startEndpoint, type Endpoint, type Flaw } from './endpoint.ts';
import { play } from './support.ts';

const SCENARIOS = [
  'retry-storm',
  'duplicated-requests',
  'double-click',
  'lost-answer',
  'key-expiry',
  'key-reuse',
  'near-zero',
] as const;

/** Short-lived keys, so that an expiry can be waited for. */
const TTL_MS = 400;

let endpoint: Endpoint | undefined;

afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

async function judgeBy(
  scenario: string,
  flaw: Flaw,
  env: Readonly<Record<string, string>> = {},
  points = 1_000_000,
) {
  const ttlMs = env['CONTRACT'] === undefined ? 86_400_000 : TTL_MS;
  endpoint = await startEndpoint({ flaw, points, ttlMs });
  return play(scenario, {
    BASE_URL: endpoint.url,
    TOKEN: 'token',
    CUSTOMERS: 'anna,ben,carla',
    BACKOFF_FACTOR: '0.01',
    INTENTS: '18',
    ...env,
  });
}

const SHORT_LIVED = { CONTRACT: JSON.stringify({ ttlMs: TTL_MS, tombstoneMs: 60_000 }), INTENTS: '3' };

test.each(SCENARIOS)(
  '%s finds nothing wrong with a right endpoint, by listed customers alone',
  async (scenario) => {
    const played = await judgeBy(scenario, 'none');
    expect(played.reason).toBeUndefined();
    expect(played.exitCode).toBe(0);
    expect(played.counted('intents_completed')).toBeGreaterThan(0);
  },
);

test('a short life of keys is waited for when there is no clock', async () => {
  const played = await judgeBy('key-expiry', 'none', SHORT_LIVED);
  expect(played.reason).toBeUndefined();
  expect(played.exitCode).toBe(0);
});

test.each([
  ['redeems twice', 'lost-answer', 'double_debits'],
  ['debits more than it lists', 'lost-answer', 'unexplained_balance'],
  ['debits more than it lists', 'retry-storm', 'books_differ'],
  ['lists nothing', 'duplicated-requests', 'lost_debits'],
  ['debits nothing', 'double-click', 'lost_debits'],
  ['replays under another id', 'lost-answer', 'diverging_answers'],
  ['compares no payloads', 'key-reuse', 'payload_mixups'],
  ['executes what it refuses', 'key-reuse', 'refused_but_done'],
  ['takes equal wishes for one', 'double-click', 'false_duplicates'],
  ['needs no key', 'key-reuse', 'wrong_answers'],
  ['shows the first payload', 'key-reuse', 'leaked_values'],
] as const)('an endpoint that %s fails %s by %s', async (flaw, scenario, counter) => {
  const played = await judgeBy(scenario, flaw);
  expect(played.counted(counter)).toBeGreaterThan(0);
  expect(played.exitCode).toBe(99);
  expect(played.stdout).toContain(counter);
});

test.each(['duplicated-requests', 'key-reuse'] as const)(
  'an endpoint that forgets a key after a while fails %s by wrong_answers',
  async (scenario) => {
    const played = await judgeBy(scenario, 'forgets a key after a while', { INTENTS: '48' });
    expect(played.counted('wrong_answers')).toBeGreaterThan(0);
    expect(played.exitCode).toBe(99);
  },
);

test.each([
  ['none', 0],
  ['debits more than it lists', 1],
] as const)(
  'a list that shows points only when it is read again, and takes longer than its lag, of an endpoint with the flaw %s',
  async (flaw, least) => {
    endpoint = await startEndpoint({ flaw, pendingMs: 100, listMs: 200 });
    const played = await play('lost-answer', {
      ...{ BASE_URL: endpoint.url, TOKEN: 'token', CUSTOMERS: 'anna,ben,carla', BACKOFF_FACTOR: '0.01' },
      ...{ INTENTS: '6', LIST_LAG_MS: '150' },
    });
    expect(Math.min(1, played.counted('books_differ'))).toBe(least);
    expect(played.exitCode).toBe(least === 0 ? 0 : 99);
  },
);

test('an endpoint that checks no balance fails near-zero by overdrafts', async () => {
  const played = await judgeBy('near-zero', 'checks no balance', { INTENTS: '3' }, 1499);
  expect(played.counted('overdrafts')).toBeGreaterThan(0);
  expect(played.exitCode).toBe(99);
});

test.each(['never expires', 'expires at once'] as const)(
  'an endpoint whose key %s fails key-expiry by expiry_errors',
  async (flaw) => {
    const played = await judgeBy('key-expiry', flaw, SHORT_LIVED);
    expect(played.counted('expiry_errors')).toBeGreaterThan(0);
    expect(played.exitCode).toBe(99);
  },
);

test('an endpoint whose answers name no redemption is judged by its list and balance', async () => {
  endpoint = await startEndpoint();
  const target = referenceTarget(endpoint.url);
  const nameless = { ...target, answer: { redemption: '/not-there', code: '/code' } };
  const env = {
    TARGET: JSON.stringify(nameless),
    TOKEN: 'token',
    CUSTOMERS: 'anna,ben',
    BACKOFF_FACTOR: '0.01',
  };
  const played = await play('lost-answer', { ...env, INTENTS: '6' });
  expect(played.reason).toBeUndefined();
  expect(played.exitCode).toBe(0);
});

test('an endpoint without list and balance is not judged by them, and the summary says so', async () => {
  endpoint = await startEndpoint();
  const { baseUrl, redeem, answer, rewards, redemptionTypes } = referenceTarget(endpoint.url);
  const blind = { baseUrl, redeem, answer, rewards, redemptionTypes, sendsClientRedemptionId: false };
  const env = {
    TARGET: JSON.stringify(blind),
    TOKEN: 'token',
    CUSTOMERS: 'anna,ben',
    BACKOFF_FACTOR: '0.01',
  };
  const played = await play('duplicated-requests', { ...env, INTENTS: '4' });
  expect(played.exitCode).toBe(0);
  expect(played.counted('iterations_unjudged')).toBe(4);
  expect(played.stdout).toContain('could not be read back');
});
