import { describe, expect, test } from 'vitest';
import { isAllowedHost } from '../../harness/config/hosts.ts';
import { DEFAULTS } from '../../harness/config/defaults.ts';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { PROFILES } from '../../harness/model/contract.ts';
import { redeemRequest } from '../../harness/model/redeem-request.ts';
import { resolved, SMALLEST } from './configs.ts';

test('the smallest config is completed with the documented defaults', () => {
  const { auth, ...config } = resolved();
  expect(auth.kind).toBe('none');
  expect(config).toEqual({
    file: '/project/onceproof.config.ts',
    target: {
      baseUrl: 'http://127.0.0.1:8080',
      redeem: {
        method: 'POST',
        path: '/redeem',
        keyHeader: 'Idempotency-Key',
        headers: {},
        body: { points: '{points_amount}' },
      },
      answer: { redemption: '/id' },
      rewards: [{ id: 'coffee', points: 120 }],
      redemptionTypes: [],
      sendsClientRedemptionId: false,
    },
    contract: expect.objectContaining({ profile: 'seed', inFlight: { status: 409 } }) as unknown,
    capabilities: {
      balance: false,
      redemptions: false,
      ledger: false,
      clock: false,
      provision: false,
      credit: false,
      replicas: 1,
    },
    customers: [{ id: 'c-1' }],
    hooks: {},
    limits: DEFAULTS.limits,
    allowedHosts: ['127.0.0.1:8080'],
    baseUrls: ['http://127.0.0.1:8080'],
    reach: {},
    stores: [],
  });
});

test('what can be read and done follows from the members that are there', () => {
  const nothing = () => undefined;
  const { capabilities } = resolved({
    customers: undefined,
    balance: { path: '/b', value: '/b' },
    redemptions: { path: '/r', items: '/r', redemption: '/id' },
    hooks: { provision: nothing, credit: nothing, ledger: nothing, advanceClock: nothing },
    replicas: 3,
  });
  expect(capabilities).toEqual({
    balance: true,
    redemptions: true,
    ledger: true,
    clock: true,
    provision: true,
    credit: true,
    replicas: 3,
  });
});

test('the base URL keeps its path and loses its slash', () => {
  const { target } = resolved({ baseUrl: 'http://LOCALHOST:9000/loyalty/v2//' });
  expect(target.baseUrl).toBe('http://localhost:9000/loyalty/v2');
});

test('texts come from the environment where they say so', () => {
  const config = resolved(
    {
      baseUrl: { env: 'URL' },
      redeem: { ...SMALLEST.redeem, headers: { 'X-Tenant': { env: 'TENANT' } } },
      customers: [{ id: 'a', token: { env: 'TOKEN_A' } }],
    },
    { URL: 'http://127.0.0.1:1', TENANT: 'blue', TOKEN_A: 'secret-a' },
  );
  expect(config.target.baseUrl).toBe('http://127.0.0.1:1');
  expect(config.target.redeem.headers).toEqual({ 'X-Tenant': 'blue' });
  expect(config.customers).toEqual([{ id: 'a', token: 'secret-a' }]);
});

test('a body template is kept as it is and filled later', () => {
  const body = {
    items: [{ sku: '{reward_id}', n: 1 }],
    who: 'm-{customer_id}',
    ref: '{client_redemption_id}',
  };
  const { target } = resolved({ redeem: { path: '/r/{reward_id}', body } });
  expect(target.sendsClientRedemptionId).toBe(true);
  const request = redeemRequest(target, { customer: 'a b', reward: 'x/y', points: 5 });
  expect(request.url).toBe('http://127.0.0.1:8080/r/x%2Fy');
  expect(request.body).toBe('{"items":[{"sku":"x/y","n":1}],"who":"m-a b"}');
});

test('redemption types are the four of the seed where the body asks for one', () => {
  const body = { points: '{points_amount}', type: '{redemption_type}' };
  const asks = { redeem: { path: '/r', body } };
  expect(resolved(asks).target.redemptionTypes).toEqual(['discount', 'voucher', 'gift_card', 'cashback']);
  expect(resolved({ ...asks, redemptionTypes: ['a'] }).target.redemptionTypes).toEqual(['a']);
});

test('limits that are left out are the default ones', () => {
  expect(resolved({ limits: { maxVus: 3 } }).limits).toEqual({ ...DEFAULTS.limits, maxVus: 3 });
});

describe('the contract', () => {
  const answer = { redemption: '/id', code: '/code' };

  test('a profile by name is that profile, where codes can be read', () => {
    expect(resolved({ answer, contract: 'seed' }).contract).toEqual(PROFILES.seed);
    expect(resolved({ answer, contract: 'paypal' }).contract).toEqual({
      ...PROFILES.paypal,
      keyHeader: 'PayPal-Request-Id',
    });
  });

  test.each(['ietf', 'stripe', 'stripe-v2', 'paypal', 'adyen'])(
    "%s promises an endpoint of one's own none of the bundled server's codes",
    (contract) => {
      expect(JSON.stringify(resolved({ answer, contract }).contract)).not.toContain('"code"');
    },
  );

  test("a code that a config names itself is judged, whatever the profile's others are", () => {
    const { contract } = resolved({
      answer,
      contract: { profile: 'stripe', inFlight: { status: 409, code: 'idempotency_key_in_use' } },
    });
    expect(contract.inFlight).toEqual({ status: 409, code: 'idempotency_key_in_use' });
    expect(contract.otherPayload).toEqual({ status: 400 });
  });

  test('rows replace those of the profile; a status alone promises no code', () => {
    const rows = {
      profile: 'ietf',
      inFlight: 'wait',
      otherPayload: 409,
      missingKey: { status: 428, code: 'K' },
    };
    expect(resolved({ answer, contract: rows }).contract).toEqual({
      ...resolved({ answer, contract: 'ietf' }).contract,
      inFlight: 'wait',
      otherPayload: { status: 409 },
      missingKey: { status: 428, code: 'K' },
    });
  });

  test('no row promises a code where the answers have none to read', () => {
    const { contract } = resolved({ contract: 'seed' });
    expect(JSON.stringify(contract)).not.toContain('"code"');
    expect(contract.missingKey).toEqual({ status: 409 });
  });

  test('every row can be left unspecified, where it is one that is judged', () => {
    const { contract } = resolved({
      contract: { ttlMs: 'unspecified', replayMarker: 'unspecified', badBody: 'unspecified' },
    });
    expect([contract.ttlMs, contract.replayMarker, contract.badBody]).toEqual(Array(3).fill('unspecified'));
  });

  test('what endpoints do otherwise than the profiles can be said, row by row', () => {
    const rows = {
      keyScope: 'global',
      fingerprint: 'bytes',
      waitsFirst: true,
      tryAgain: { statuses: [429, 503], max: 3, withinMs: 2000 },
      replayState: 'latest',
      storesRefusals: true,
      tombstoneFrom: 'expiry',
      tombstoneMs: 10,
      leaseMs: 30_000,
      duplicateIntent: 'replay',
      clockScope: 'common',
    } as const;
    expect(resolved({ contract: rows }).contract).toMatchObject(rows);
  });

  test('one name for the key header, wherever it was given', () => {
    const redeem = { ...SMALLEST.redeem, keyHeader: 'X-Key' };
    const one = resolved({ redeem });
    const other = resolved({ contract: { keyHeader: 'X-Key' } });
    for (const { contract, target } of [one, other]) {
      expect([contract.keyHeader, target.redeem.keyHeader]).toEqual(['X-Key', 'X-Key']);
    }
  });

  const ROWS: readonly (readonly [
    string,
    { readonly keyHeader?: string; readonly keyPointer?: string; readonly body?: object },
    object,
    unknown,
  ])[] = [
    ['the draft’s own header', {}, { profile: 'ietf' }, true],
    ['its name in other letters', { keyHeader: 'IDEMPOTENCY-KEY' }, { profile: 'ietf' }, true],
    ['another header', { keyHeader: 'X-Request-ID' }, { profile: 'ietf' }, 'unspecified'],
    ['another header of which it is said', { keyHeader: 'X-Key' }, { quotedKeysEqual: true }, true],
    ['a body', { keyPointer: '/key', body: { key: '{idempotency_key}' } }, { profile: 'ietf' }, false],
    ['Stripe’s pages', {}, { profile: 'stripe' }, 'unspecified'],
    ['PayPal’s', {}, { profile: 'paypal' }, 'unspecified'],
  ];
  test.each(ROWS)('what quotes around a key mean in %s', (_, redeem, contract, means) => {
    const target = { ...SMALLEST.redeem, ...redeem, body: { ...SMALLEST.redeem.body, ...redeem.body } };
    expect(resolved({ redeem: target, contract }).contract.quotedKeysEqual).toBe(means);
  });

  test('a short tombstone is no contradiction where an expired key is new at once', () => {
    expect(
      resolved({ contract: { ttlMs: 5000, tombstoneMs: 0, expiredKey: 'new' } }).contract.tombstoneMs,
    ).toBe(0);
  });
});

describe('allowed hosts', () => {
  test.each([
    ['http://127.0.0.1:8080', ['127.0.0.1:8080']],
    ['http://localhost', ['localhost']],
    ['http://api.localhost:1', ['api.localhost:1']],
    ['http://127.8.9.10:5', ['127.8.9.10:5']],
    ['http://[::1]:80', ['[::1]']],
  ])('%s is a loopback address and needs no naming', (baseUrl, hosts) => {
    expect(resolved({ baseUrl }).allowedHosts).toEqual(hosts);
  });

  test.each([
    'http://10.0.0.1',
    'http://127.0.0.1.example.com',
    'http://[::2]',
    'http://localhost.example.com',
    'http://0.0.0.0',
  ])('%s is no loopback address', (baseUrl) => {
    expect(() => resolved({ baseUrl })).toThrow(/its host is not a loopback address/);
  });

  test.each([
    ['https://api.example.com', ['api.example.com']],
    ['https://api.example.com:8443', ['api.example.com']],
    ['https://API.example.com', ['api.example.com:443']],
    ['http://api.example.com', ['Api.Example.Com:80']],
  ])('%s is allowed by %s', (baseUrl, allowedHosts) => {
    expect(resolved({ baseUrl, allowedHosts }).target.baseUrl).toBe(new URL(baseUrl).href.replace(/\/$/, ''));
  });

  test.each([
    ['http://a.test:81/', false],
    ['http://a.test/', true],
    ['http://b.test:9/', true],
    ['http://b.test.evil/', false],
    ['http://xa.test/', false],
  ])('of a.test:80 and b.test, %s is allowed: %s', (url, isAllowed) => {
    expect(isAllowedHost(['a.test:80', 'b.test'], new URL(url))).toBe(isAllowed);
  });
});

describe('hosts of the command line', () => {
  const FILE = { file: '/project/onceproof.config.ts', env: {} };
  const config = (members: Readonly<Record<string, unknown>>) => ({ ...SMALLEST, ...members });

  test('count beside those of the config', () => {
    const allowHosts = ['b.example:81'];
    expect(resolveConfig(config({}), { ...FILE, allowHosts }).allowedHosts).toEqual([
      '127.0.0.1:8080',
      'b.example:81',
    ]);
    const named = config({ baseUrl: 'http://a.example', allowedHosts: ['a.example'] });
    expect(resolveConfig(named, { ...FILE, allowHosts }).allowedHosts).toEqual(['a.example', 'b.example:81']);
  });

  test('name the endpoint itself where the config does not', () => {
    const far = config({ baseUrl: 'http://a.example' });
    expect(resolveConfig(far, { ...FILE, allowHosts: ['a.example'] }).allowedHosts).toEqual(['a.example']);
    expect(() => resolveConfig(far, { ...FILE, allowHosts: ['evil-a.example'] })).toThrow(
      /baseUrl: its host is not a loopback address/,
    );
  });
});
