/** Requests that look otherwise than the reference server's, the whole way: config, run, hop, audit, verdict. */

import { afterAll, afterEach, expect, test } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { runForVerdict, temporaryFolder, told } from '../support/cli.ts';
import { startShop, type Shop, type ShopOptions } from '../support/shop.ts';
import { writeShopConfig } from '../support/shop-config.ts';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const VALID = '{"verdict":"valid","reasons":[],"violations":[],"missed":[]}';
const out = temporaryFolder();
const shops: Shop[] = [];
afterEach(() => Promise.all(shops.splice(0).map((shop) => shop.close())));
afterAll(() => out.remove());

async function shopOf(options: ShopOptions): Promise<Shop> {
  const shop = await startShop(options);
  shops.push(shop);
  return shop;
}

interface Run {
  readonly scenario?: string;
  readonly intents?: number;
  readonly env?: Readonly<Record<string, string>>;
}

async function judge(config: string, { scenario = 'duplicated-requests', intents = 24, env = {} }: Run = {}) {
  const flags = ['--engine', 'embedded', '--proxy', 'embedded', '--seed', '1', '--intents', String(intents)];
  return await runForVerdict([scenario, '--target', config, '--out', out.path, ...flags], { env });
}

const rulesOf = ({ violations }: Verdict) => new Set(violations.map(({ rule }) => rule));

/** Everything that the runs have written. */
function written(folder = out.path): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) return '';
      return statSync(path).isDirectory() ? written(path) : readFileSync(path, 'utf8');
    })
    .join('\n');
}

test('an API key in a header, a second header with the customer, and a query member go with every request', async () => {
  const shop = await shopOf({
    admits: ({ headers, url }) =>
      headers['x-api-key'] === 'key-0123456789' &&
      headers['x-tenant'] === 'acme' &&
      headers['x-user'] === decodeURIComponent(url.pathname.split('/')[1] ?? '') &&
      url.searchParams.get('subscription') === 'sub-987654321' &&
      headers.authorization === undefined,
  });
  const config = writeShopConfig(out.path, shop.url, {
    auth: "{ apiKey: { header: 'X-Api-Key', value: { env: 'SHOP_KEY' } } }",
    headers: "{ 'X-Tenant': 'acme', 'X-User': '{customer_id}' }",
    query: "{ subscription: { env: 'SHOP_SUBSCRIPTION' } }",
  });
  const env = { SHOP_KEY: 'key-0123456789', SHOP_SUBSCRIPTION: 'sub-987654321' };
  const { verdict } = await judge(config, { env });
  expect(told(verdict)).toBe(VALID);
  const files = written();
  for (const secret of Object.values(env)) expect(files).not.toContain(secret);
});

test('Basic, by a user and a password from the environment', async () => {
  const basic = `Basic ${Buffer.from('till-7:pass word é').toString('base64')}`;
  const shop = await shopOf({ admits: ({ headers }) => headers.authorization === basic });
  const auth = "{ basic: { user: 'till-7', password: { env: 'SHOP_PASSWORD' } } }";
  const { verdict } = await judge(writeShopConfig(out.path, shop.url, { auth }), {
    env: { SHOP_PASSWORD: 'pass word é' },
    intents: 8,
  });
  expect(told(verdict)).toBe(VALID);
});

test('an API key in the query, made for each customer', async () => {
  const shop = await shopOf({
    admits: ({ url }) => url.searchParams.get('key') === `k-${url.pathname.split('/')[1]}`,
  });
  const auth = "{ tokenFor: (customer) => 'k-' + customer, sentAs: { query: 'key' } }";
  const { verdict } = await judge(writeShopConfig(out.path, shop.url, { auth }), { intents: 8 });
  expect(told(verdict)).toBe(VALID);
});

const inBody = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) =>
  (body['meta'] as Record<string, unknown> | undefined)?.['request'];
const KEY_IN_BODY = {
  redeem:
    "{ path: '/{customer_id}/redemptions', method: 'PUT', keyPointer: '/meta/request', body: { reward: '{reward_id}' }, headers: { 'X-Order': '{client_redemption_id}' } }",
};
const BODY_SHOP = {
  keyOf: inBody,
  method: 'PUT',
  nameOf: ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) => headers['x-order'],
};

test.each(['duplicated-requests', 'double-click', 'key-reuse', 'lost-answer'])(
  'the key in the body of a PUT, the name in a header: the right edition is valid under %s',
  async (scenario) => {
    const shop = await shopOf(BODY_SHOP);
    const { verdict } = await judge(writeShopConfig(out.path, shop.url, KEY_IN_BODY), {
      scenario,
      intents: 32,
    });
    expect(told(verdict)).toBe(VALID);
    expect(shop.asked.some(({ headers }) => 'idempotency-key' in headers)).toBe(false);
  },
);

test('the key in the body: the edition that checks, then acts is invalid by double-debit', async () => {
  const shop = await shopOf({ ...BODY_SHOP, edition: 'check-then-act' });
  const { verdict } = await judge(writeShopConfig(out.path, shop.url, KEY_IN_BODY), { intents: 40 });
  expect(verdict.verdict).toBe('invalid');
  expect(rulesOf(verdict)).toContain('double-debit');
});

test('a form with the key in it: right and wrong', async () => {
  const redeem =
    "{ path: '/{customer_id}/redemptions', bodyAs: 'form', body: { reward: '{reward_id}', nonce: '{idempotency_key}' } }";
  const keyOf = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) => body['nonce'];
  const right = await shopOf({ keyOf });
  const wrong = await shopOf({ keyOf, edition: 'check-then-act' });
  const valid = await judge(writeShopConfig(out.path, right.url, { redeem }), {
    scenario: 'key-reuse',
    intents: 32,
  });
  expect(told(valid.verdict)).toBe(VALID);
  const invalid = await judge(writeShopConfig(out.path, wrong.url, { redeem }), { intents: 40 });
  expect(rulesOf(invalid.verdict)).toContain('double-debit');
});
