import { describe, expect, test } from 'vitest';
import { HarnessError } from '../../harness/base/errors.ts';
import { answerFrom } from '../../harness/describe/sample.ts';
import { draftOfCurl } from '../../harness/describe/curl.ts';
import { curlRequest } from '../../harness/describe/curl-request.ts';
import { shellWords } from '../../harness/describe/shell-words.ts';

describe('words, as a POSIX shell splits them', () => {
  test.each([
    ['a b  c', ['a', 'b', 'c']],
    [`'a b' "c d"`, ['a b', 'c d']],
    [`a'b'"c"d`, ['abcd']],
    [String.raw`a\ b`, ['a b']],
    ['a \\\n  b', ['a', 'b']],
    ['a \\\r\n  b', ['a', 'b']],
    [String.raw`"a \"b\" \n $c"`, [String.raw`a "b" \n $c`]],
    [String.raw`'it'\''s'`, ["it's"]],
    [String.raw`'a\'`, ['a\\']],
    [String.raw`$'it\'s\n\u00e9'`, ["it's\né"]],
    [`''`, ['']],
    ['', []],
  ])('%j', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });

  test.each([`'a`, `"a`, `$'a`, 'a | b', 'a; b', 'a $(b)', 'a `b`', 'a > b'])('%j is refused', (text) => {
    expect(() => shellWords(text)).toThrow(HarnessError);
  });
});

describe('what a curl command asks for', () => {
  test.each([
    [`curl http://h/p -d '{}'`, 'POST', '{}'],
    [`curl -X PUT http://h/p --data-raw '{}'`, 'PUT', '{}'],
    [`curl -XPATCH http://h/p --json '{"a":1}'`, 'PATCH', '{"a":1}'],
    [`curl -sSL --compressed -d'{}' http://h/p`, 'POST', '{}'],
    [`curl --url http://h/p -o /dev/null --max-time 3 -d '{"a":' -d '1}'`, 'POST', '{"a":&1}'],
    ['curl h/p', 'GET', undefined],
  ])('%s', (command, method, body) => {
    expect(curlRequest(command)).toMatchObject({ method, body });
    expect(curlRequest(command).url.href).toBe('http://h/p');
  });

  test.each([
    ['wget http://h/p', /is no curl command/],
    ['curl', /has no address/],
    ['curl ftp://h/p', /has no address/],
    ['curl http://h/p -d @file', /takes its body from a file/],
    ['curl http://h/p -H', /--header lacks its value/],
    ['curl http://h/p --proxy-nonsense x', /an option that is not known here.*--proxy-nonsense/],
  ])('%s is refused', (command, line) => {
    expect(() => curlRequest(command)).toThrow(line);
  });
});

test('a command becomes a config, and its secrets become variables', () => {
  const { draft, env } = draftOfCurl(`curl -X POST 'https://test.example.com/v1/members/M-1001/redemptions' \\
    -H 'Authorization: Bearer tok-of-the-curl-test' -H "Idempotency-Key: 4f0c" -H 'X-Api-Key: key-of-the-curl-test' \\
    -H 'Content-Type: application/json' -H 'X-Channel: app' \\
    --data-raw '{"reward":{"id":"MUG"},"points":300,"reference":"r-1","note":"it'\\''s"}'`);
  expect(draft).toMatchObject({
    baseUrl: 'https://test.example.com',
    auth: { env: 'API_TOKEN' },
    headers: { 'X-Api-Key': { env: 'X_API_KEY' }, 'X-Channel': 'app' },
    redeem: {
      path: '/v1/members/{customer_id}/redemptions',
      keyHeader: 'Idempotency-Key',
      body: {
        reward: { id: '{reward_id}' },
        points: '{points_amount}',
        reference: '{client_redemption_id}',
        note: "it's",
      },
    },
    rewards: [{ id: 'MUG', points: 300 }],
    customers: ['M-1001'],
  });
  expect(env).toEqual({ API_TOKEN: 'tok-of-the-curl-test', X_API_KEY: 'key-of-the-curl-test' });
  expect(JSON.stringify(draft)).not.toMatch(/of-the-curl-test/);
});

test('a key in the body, and Basic, are said as such', () => {
  const { draft } = draftOfCurl(
    `curl -u ann:secret-of-ann localhost:8080/redeem -d '{"idempotency_key":"k","user_id":7,"offer":"x","amount":5}'`,
  );
  expect(draft.redeem.body).toEqual({
    idempotency_key: '{idempotency_key}',
    user_id: '{customer_id}',
    offer: '{reward_id}',
    amount: '{points_amount}',
  });
  expect(draft.auth).toEqual({ basic: { user: { env: 'API_USER' }, password: { env: 'API_PASSWORD' } } });
  expect(draft.customers).toEqual(['7']);
});

test.each([
  [`-H 'X-Api-Key: of-the-test'`, '', { apiKey: { header: 'X-Api-Key', value: { env: 'X_API_KEY' } } }],
  ['', '?api_key=of-the-test', { apiKey: { query: 'api_key', value: { env: 'API_KEY' } } }],
  [
    `-H 'Authorization: Token of-the-test'`,
    '',
    { env: 'API_TOKEN', sentAs: { header: 'Authorization', scheme: 'Token' } },
  ],
  [`-H 'Authorization: of-the-test'`, '', { env: 'API_TOKEN', sentAs: { header: 'Authorization' } }],
  [
    `-H 'Authorization: Basic ${Buffer.from('ann:of-the-test').toString('base64')}'`,
    '',
    { basic: { user: { env: 'API_USER' }, password: { env: 'API_PASSWORD' } } },
  ],
  [
    `-H 'Authorization: Bearer of-the-test' -H 'Cookie: session=of-the-test'`,
    '?access_token=of-the-test',
    { env: 'API_TOKEN' },
  ],
])('%s%s is who asks', (header, query, auth) => {
  const { draft, env } = draftOfCurl(`curl 'http://h/redeem${query}' ${header} -d '{"user":"u","sku":"s"}'`);
  expect(draft.auth).toEqual(auth);
  expect(draft.redeem.path).toBe('/redeem');
  expect(JSON.stringify(draft)).not.toContain('of-the-test');
  expect(JSON.stringify(env)).toContain('of-the-test');
});

test('a form, a name of the intent and a customer in headers', () => {
  const { draft } = draftOfCurl(
    `curl http://h/redeem -H 'X-User: u-7' -H 'X-Order-Id: o-1' -H 'X-Tenant: acme' -d 'user_id=u-7&offer=mug' -d points=120`,
  );
  expect(draft.headers).toEqual({ 'X-User': '{customer_id}', 'X-Tenant': 'acme' });
  expect(draft.redeem).toEqual({
    path: '/redeem',
    headers: { 'X-Order-Id': '{client_redemption_id}' },
    bodyAs: 'form',
    body: { user_id: '{customer_id}', offer: '{reward_id}', points: '{points_amount}' },
  });
  expect(draft.rewards).toEqual([{ id: 'mug', points: 120 }]);
});

test.each([
  ['/accounts/ada/burns', '/accounts/{customer_id}/burns', 'ada'],
  ['/v2/users/grace/redemptions', '/v2/users/{customer_id}/redemptions', 'grace'],
  ['/accounts/me/burns', '/accounts/me/burns', 'customer-1'],
  ['/customers/redeem', '/customers/redeem', 'customer-1'],
  ['/address/home/burns', '/address/home/burns', 'customer-1'],
])('%s: one of several customers by its name, or nobody', (path, template, customer) => {
  const { draft } = draftOfCurl(`curl http://h${path} -H 'X-Request-ID: k' -d '{"item":"mug"}'`);
  expect(draft.redeem.path).toBe(template);
  expect(draft.customers).toEqual([customer]);
});

test('of what no command shows nothing is promised', () => {
  const { draft } = draftOfCurl(`curl http://h/redeem -H 'Idempotency-Key: k' -d '{"item":"mug"}'`);
  expect(draft.contract).toMatchObject({
    missingKey: 'unspecified',
    malformedKey: 'unspecified',
    quotedKeysEqual: 'unspecified',
    ttlMs: 'unspecified',
  });
});

describe('what a command was answered with', () => {
  const draft = () =>
    draftOfCurl(`curl http://h/accounts/ada/burns -H 'X-Request-ID: k' -d '{"item":"mug"}'`).draft;

  test('an address alone names the redemption', () => {
    expect(answerFrom(draft(), undefined, true)).toMatchObject({ answer: { from: 'location' } });
    expect(answerFrom(draft(), { burn_id: 'b-1' }, true).answer).toEqual({ redemption: '/burn_id' });
    expect(answerFrom(draft(), undefined, false).answer).toEqual({ redemption: '/id' });
  });

  test('decimals in texts say how amounts are written', () => {
    const seen = answerFrom(draft(), { id: 'b-1', cost: '12.50', balance: '387.50' }, false);
    expect(seen).toMatchObject({
      unit: 100,
      amounts: 'text',
      answer: { redemption: '/id', balance: '/balance' },
      rewards: [{ id: 'mug', points: 1250 }],
    });
    const whole = answerFrom(draft(), { id: 'b-1', cost: 12, balance: 387 }, false);
    expect(whole).toMatchObject({ rewards: [{ id: 'mug', points: 12 }] });
    expect(whole).not.toHaveProperty('unit');
    expect(whole).not.toHaveProperty('amounts');
  });
});
