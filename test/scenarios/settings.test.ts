import { describe, expect, test } from 'vitest';

import { keyOf } from '../../scenarios/lib/keys.ts';
import { readSettings, type Environment } from '../../scenarios/lib/settings.ts';

const ENOUGH = { BASE_URL: 'http://127.0.0.1:3000/', TOKEN: 't', CUSTOMERS: 'a, b' };

function problemsOf(env: Environment): string {
  try {
    readSettings(env);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('settings of a script', () => {
  test('an address, a token and customers are enough', () => {
    const settings = readSettings(ENOUGH);
    expect(settings.target.baseUrl).toBe('http://127.0.0.1:3000');
    expect(settings.customers).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(settings.contract.profile).toBe('seed');
    expect(settings).toMatchObject({
      seed: '1',
      client: 'seed',
      keyShape: 'uuid',
      backoffFactor: 1,
      timeoutMs: 5000,
    });
    expect(settings.standalone).toBe(true);
  });

  test('hooks make the token and the customers unnecessary', () => {
    const { BASE_URL } = ENOUGH;
    const { hooks } = readSettings({ BASE_URL, HOOKS_URL: 'http://127.0.0.1:1', HOOKS_TOKEN: 'h' });
    expect(hooks).toEqual({ url: 'http://127.0.0.1:1', token: 'h' });
  });

  test('customers can bring their own tokens as JSON', () => {
    const customers = [
      { id: 'a', token: 'ta' },
      { id: 'b', token: 'tb' },
    ];
    expect(
      readSettings({ BASE_URL: ENOUGH.BASE_URL, CUSTOMERS: JSON.stringify(customers) }).customers,
    ).toEqual(customers);
  });

  test('a contract starts from a profile and replaces rows', () => {
    const { contract } = readSettings({ ...ENOUGH, CONTRACT: '{"profile":"stripe","ttlMs":1000}' });
    expect(contract).toMatchObject({ profile: 'stripe', missingKey: 'accept', ttlMs: 1000 });
  });

  test('redemptions go through the proxy, reads go to the endpoint', () => {
    const settings = readSettings({ ...ENOUGH, PROXY_URL: 'http://127.0.0.1:8666' });
    expect(settings.redeemTarget.baseUrl).toBe('http://127.0.0.1:8666');
    expect(settings.target.baseUrl).toBe('http://127.0.0.1:3000');
    expect(settings.hasFaultyHop).toBe(true);
  });

  test.each([
    [{}, 'BASE_URL is missing'],
    [{}, 'CUSTOMERS or HOOKS_URL is missing'],
    [{ ...ENOUGH, TOKEN: '' }, 'TOKEN is missing'],
    [
      { ...ENOUGH, BASE_URL: '127.0.0.1:3000' },
      'BASE_URL is wrong: expected an http:// or https:// URL, found "127.0.0.1:3000"',
    ],
    [{ ...ENOUGH, HOOKS_URL: 'http://h' }, 'HOOKS_TOKEN is missing'],
    [{ ...ENOUGH, CLIENT: 'careful' }, 'CLIENT is wrong: expected seed or seed-literal, found "careful"'],
    [{ ...ENOUGH, VUS: '0' }, 'VUS is wrong: expected a number of at least 1, found "0"'],
    [{ ...ENOUGH, INTENTS: '1.5' }, 'INTENTS is wrong: expected a whole number, found "1.5"'],
    [{ ...ENOUGH, DURATION: '30' }, 'DURATION is wrong: expected a duration such as 30s, found "30"'],
    [{ ...ENOUGH, BACKOFF_FACTOR: 'fast' }, 'BACKOFF_FACTOR is wrong'],
    [{ ...ENOUGH, CONTRACT: 'seed' }, 'CONTRACT is wrong: expected a JSON object, found "seed"'],
    [{ ...ENOUGH, CUSTOMERS: '[1]' }, 'CUSTOMERS is wrong'],
    [{ ...ENOUGH, TARGET: '{}' }, 'TARGET lacks redeem or rewards'],
  ] as const)('%j is refused: %s', (env, problem) => {
    expect(problemsOf(env)).toContain(problem);
  });

  test('one line names all problems', () => {
    expect(problemsOf({ VUS: 'x' })).toMatch(
      /^onceproof settings: [^\n]*BASE_URL[^\n]*CUSTOMERS[^\n]*VUS[^\n]*$/,
    );
  });
});

describe('keys', () => {
  const parts = {
    seed: '1',
    runId: 'r',
    intent: 'rs-0-1',
    customer: 'cust',
    shape: 'uuid',
    maxLength: 255,
  } as const;

  test('a UUID key is the same for one seed, run id and intent, and another for any other', () => {
    expect(keyOf(parts)).toBe(keyOf({ ...parts }));
    expect(keyOf(parts)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const others = [{ seed: '2' }, { runId: 's' }, { intent: 'rs-0-2' }].map((other) =>
      keyOf({ ...parts, ...other }),
    );
    expect(new Set([keyOf(parts), keyOf(parts, 1), keyOf(parts, 2), ...others]).size).toBe(6);
  });

  test('a composite key joins UUID, redemption, customer and a hash of the planned time, in visible ASCII, within the limit', () => {
    const key = keyOf({ ...parts, shape: 'composite', customer: 'käthe o', clientRedemptionId: 'own' });
    expect(key).toMatch(/^[0-9a-f-]{36}\.own\.k_the_o\.[0-9a-f]{16}$/);
    expect(keyOf({ ...parts, shape: 'composite', customer: 'c'.repeat(300) })).toHaveLength(255);
  });
});
