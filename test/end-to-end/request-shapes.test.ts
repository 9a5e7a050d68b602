/** Requests that look otherwise than the reference server's, the whole way: config, run, hop, audit, verdict. */

import { afterAll, afterEach, expect, test } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { runForVerdict, temporaryFolder, told } from '../support/cli.ts';
import { part } from '../support/depth.ts';
import { startShop, type Asked, type Shop, type ShopOptions } from '../support/shop.ts';
import { CONTRACT, writeShopConfig } from '../support/shop-config.ts';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { findProgram } from '../../harness/base/program.ts';
import { startConnectProxy } from '../support/http-proxy.ts';

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
  contract: CONTRACT.replace(
    "duplicateIntent: 'unspecified'",
    "duplicateIntent: { status: 409, code: 'ALREADY_REDEEMED' }",
  ),
  redeem:
    "{ path: '/{customer_id}/redemptions', method: 'PUT', keyPointer: '/meta/request', body: { reward: '{reward_id}' }, headers: { 'X-Order': '{client_redemption_id}' } }",
};
const BODY_SHOP = {
  keyOf: inBody,
  method: 'PUT',
  nameOf: ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) => headers['x-order'],
};

test.each(part(['duplicated-requests', 'double-click', 'key-reuse', 'lost-answer'], 0, 2))(
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

const SIGN = `async sign({ method, path, headers, body }) {
  const at = String(Date.now());
  const mac = createHmac('sha256', process.env.SHOP_SECRET);
  return { 'X-At': at, 'X-Signature': mac.update([at, method, path, headers['idempotency-key'] ?? '', body].join('\\n')).digest('hex') };
},`;
const SECRET = { SHOP_SECRET: 'hmac-secret-000111' };

/** Whether a request carries the signature of its very self. */
function isSigned({ method, url, headers, text }: Asked): boolean {
  const mac = createHmac('sha256', SECRET.SHOP_SECRET);
  const parts = [headers['x-at'], method, url.pathname + url.search, headers['idempotency-key'] ?? '', text];
  return headers['x-signature'] === mac.update(parts.join('\n')).digest('hex');
}

test.each([['right', 'valid'] as const, ['check-then-act', 'invalid'] as const])(
  'signed requests, reads and settling too: the edition %s is %s',
  async (edition, word) => {
    const shop = await shopOf({ admits: isSigned, edition });
    const config = writeShopConfig(out.path, shop.url, {}, { hooks: SIGN });
    const { verdict } = await judge(config, { env: SECRET, intents: 40 });
    expect(verdict.verdict, told(verdict)).toBe(word);
    if (word === 'invalid') expect(rulesOf(verdict)).toContain('double-debit');
    expect(shop.asked.every(isSigned)).toBe(true);
    expect(verdict.run.target).toBe(shop.url);
  },
);

test('a hook that cannot sign ends the run with exit code 3 and its own words', async () => {
  const shop = await shopOf({ admits: isSigned });
  const config = writeShopConfig(
    out.path,
    shop.url,
    {},
    { hooks: "sign() { throw new Error('no key today'); }," },
  );
  await expect(judge(config, { intents: 2 })).rejects.toThrow('hook sign: no key today');
});

const openssl = findProgram('openssl');
const noOpenssl = openssl === undefined ? ' (skipped: no openssl is installed)' : '';
const withOpenssl = test.skipIf(openssl === undefined);

/** An authority of its own, and a certificate of the server and of a client by it. */
function certificates(): Record<'ca' | 'server' | 'serverKey' | 'client' | 'clientKey', string> {
  const at = (name: string): string => join(out.path, name);
  const run = (...args: readonly string[]) => execFileSync(openssl ?? '', args, { stdio: 'ignore' });
  const fresh = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const san = ['-addext', 'subjectAltName=DNS:localhost'];
  run('req', '-x509', ...fresh, '-subj', '/CN=ours', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  for (const name of ['server', 'client']) {
    const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key')];
    run(
      'req',
      '-x509',
      ...fresh,
      '-subj',
      `/CN=${name}`,
      ...san,
      ...by,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
    );
  }
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  return {
    ca: read('ca.pem'),
    server: read('server.pem'),
    serverKey: read('server.key'),
    client: read('client.pem'),
    clientKey: read('client.key'),
  };
}

withOpenssl(
  `mutual TLS with an authority of one's own, directly and through an HTTP proxy${noOpenssl}`,
  async () => {
    const { ca, server, serverKey } = certificates();
    const tls = { ca, cert: server, key: serverKey, requestCert: true, rejectUnauthorized: true };
    const right = await shopOf({ tls });
    const wrong = await shopOf({ tls, edition: 'check-then-act' });
    const books = await shopOf({ shares: right });
    const wrongBooks = await shopOf({ shares: wrong });
    const members = { tls: "{ ca: 'ca.pem', cert: 'client.pem', key: { env: 'CLIENT_KEY' } }" };
    const env = { CLIENT_KEY: join(out.path, 'client.key') };
    const first = writeShopConfig(out.path, right.url, members, { admin: books.url });
    expect(told((await judge(first, { env })).verdict)).toBe(VALID);
    const second = writeShopConfig(out.path, wrong.url, members, { admin: wrongBooks.url });
    expect(rulesOf((await judge(second, { env, intents: 40 })).verdict)).toContain('double-debit');

    const proxy = await startConnectProxy('me:pass-word-99');
    try {
      const httpProxy = "{ env: 'SHOP_PROXY' }";
      const through = { ...env, SHOP_PROXY: `http://me:pass-word-99@127.0.0.1:${proxy.port}` };
      const third = writeShopConfig(out.path, right.url, { ...members, httpProxy }, { admin: books.url });
      expect(told((await judge(third, { env: through, intents: 8 })).verdict)).toBe(VALID);
      expect(proxy.asked.every((line) => line.startsWith('CONNECT localhost:'))).toBe(true);
      const plain = writeShopConfig(out.path, books.url, { httpProxy }, {});
      expect(told((await judge(plain, { env: through, intents: 8 })).verdict)).toBe(VALID);
      expect(proxy.asked.some((line) => line.startsWith(`GET ${books.url}/`))).toBe(true);
    } finally {
      await proxy.close();
    }
    expect(written()).not.toContain('pass-word-99');
  },
);

test('several base URLs are replicas of one endpoint: all are asked, and the wrong edition is invalid', async () => {
  const one = await shopOf({});
  const two = await shopOf({ shares: one });
  const config = (first: Shop, second: Shop): string =>
    writeShopConfig(out.path, first.url, {
      baseUrl: 'undefined',
      baseUrls: JSON.stringify([first.url, second.url]),
    });
  const right = await judge(config(one, two));
  expect(told(right.verdict)).toBe(VALID);
  expect([one, two].every(({ asked }) => asked.length > 20)).toBe(true);
  const bad = await shopOf({ edition: 'check-then-act' });
  const worse = await shopOf({ edition: 'check-then-act', shares: bad });
  const wrong = await judge(config(bad, worse), { intents: 40 });
  expect(rulesOf(wrong.verdict)).toContain('double-debit');
});

const TWO_CALLS = {
  // A confirmation does not say the client's name again, and the shop does not keep it.
  redemptions:
    "{ path: '/{customer_id}/redemptions', items: '/items', redemption: '/id', reward: '/reward', points: '/points' }",
  redeem: `{ calls: [
    { path: '/{customer_id}/reservations', body: { reward: '{reward_id}', note: '{client_redemption_id}' }, take: { reservation: '/reservation/id' } },
    { path: '/{customer_id}/reservations/{reservation}/confirm', method: 'PUT', body: {} },
  ] }`,
};

test.each(part(['lost-answer', 'duplicated-requests', 'key-reuse', 'near-zero'], 0, 2))(
  'a redemption of two calls, reserve and confirm: the right edition is valid under %s',
  async (scenario) => {
    const shop = await shopOf({ method: 'any' });
    const { verdict } = await judge(writeShopConfig(out.path, shop.url, TWO_CALLS), {
      scenario,
      intents: 32,
    });
    expect(told(verdict)).toBe(VALID);
    expect(shop.asked.every(({ headers }) => !('onceproof-step' in headers))).toBe(true);
  },
);

test('a redemption of two calls: an edition that reserves twice is invalid by double-debit', async () => {
  const shop = await shopOf({ method: 'any', edition: 'check-then-act' });
  const config = writeShopConfig(out.path, shop.url, TWO_CALLS);
  const { verdict } = await judge(config, { scenario: 'double-click', intents: 60 });
  expect(rulesOf(verdict)).toContain('double-debit');
});

const FAIL_NEXT = `async failNext({ key, how, delayMs }) {
  await fetch(admin + 'any', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key, how, delayMs }) });
},`;

test('failures of the handler are part of the schedule: the right edition is valid, one that forgets is not', async () => {
  const right = await shopOf({});
  const config = writeShopConfig(out.path, right.url, {}, { hooks: FAIL_NEXT });
  const valid = await judge(config, { scenario: 'retry-storm', intents: 40 });
  expect(told(valid.verdict)).toBe(VALID);
  const forgetful = await shopOf({ edition: 'forgets-on-failure' });
  const other = writeShopConfig(out.path, forgetful.url, {}, { hooks: FAIL_NEXT });
  const invalid = await judge(other, { scenario: 'retry-storm', intents: 80 });
  expect(rulesOf(invalid.verdict)).toContain('double-debit');
});
