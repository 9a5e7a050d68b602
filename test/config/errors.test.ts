import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { HarnessError } from '../../harness/base/errors.ts';
import { resolved, SMALLEST } from './configs.ts';

/** Members that are laid over the smallest config, and the whole line that has to come of it. */
type Line = readonly [members: Readonly<Record<string, unknown>>, line: string];

const IN = 'in onceproof.config.ts';
const REFUSAL = "expected a status from 400 to 599, {status, code?}, 'unspecified'";

function lineOf(members: Readonly<Record<string, unknown>>): string {
  try {
    resolved(members);
  } catch (error) {
    if (error instanceof HarnessError && error.kind === 'usage') return error.message;
    throw error;
  }
  return 'no error';
}

function redeem(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { redeem: { ...SMALLEST.redeem, ...members } };
}

function tableOf(name: string, lines: readonly Line[]): void {
  describe(name, () => {
    test.each(lines.map(([members, line]) => ({ line, members })))('$line', ({ line, members }) => {
      expect(lineOf(members)).toBe(line);
    });
  });
}

tableOf('base URL and hosts', [
  [{ baseUrl: undefined }, `baseUrl: missing ${IN}; expected a text, or { env: 'NAME' }`],
  [{ baseUrl: 8080 }, `baseUrl: wrong ${IN}; expected a text, or { env: 'NAME' }; found 8080`],
  [{ baseUrl: 'localhost' }, `baseUrl: wrong ${IN}; expected an http or https URL; found "localhost"`],
  [
    { baseUrl: 'ftp://127.0.0.1' },
    `baseUrl: wrong ${IN}; expected an http or https URL; found "ftp://127.0.0.1"`,
  ],
  [
    { baseUrl: 'http://me:secret@127.0.0.1' },
    `baseUrl: wrong ${IN}; expected a URL without a user or password (see auth); found "a value of type string"`,
  ],
  [
    { baseUrl: 'http://127.0.0.1/?a=1' },
    `baseUrl: wrong ${IN}; expected a URL without query and fragment; found "http://127.0.0.1/?a=1"`,
  ],
  [
    { baseUrl: { env: 'NOWHERE' } },
    'baseUrl.env: environment variable NOWHERE is not set; expected NOWHERE in the environment',
  ],
  [
    { baseUrl: { env: 'NO-NAME' } },
    `baseUrl.env: wrong ${IN}; expected the name of an environment variable; found "NO-NAME"`,
  ],
  [
    { baseUrl: 'https://api.example.com/v1' },
    `baseUrl: its host is not a loopback address and is not named ${IN}; expected allowedHosts: ['api.example.com']; found "api.example.com"`,
  ],
  [{ allowedHosts: [] }, `allowedHosts: wrong ${IN}; expected an array of hosts; found []`],
  [{ allowedHosts: 'localhost' }, `allowedHosts: wrong ${IN}; expected an array of hosts; found "localhost"`],
  [
    { allowedHosts: ['http://localhost'] },
    `allowedHosts[0]: wrong ${IN}; expected host or host:port, without scheme and path; found "http://localhost"`,
  ],
  [
    { allowedHosts: ['127.0.0.1:9000', 'localhost'] },
    `allowedHosts: wrong ${IN}; expected 127.0.0.1:8080 (the host of baseUrl) among them; found ["127.0.0.1:9000","localhost"]`,
  ],
]);

tableOf('the redeem call', [
  [{ redeem: undefined }, `redeem: missing ${IN}; expected an object`],
  [{ redeem: 'POST /redeem' }, `redeem: wrong ${IN}; expected an object; found "POST /redeem"`],
  [redeem({ method: 'GET' }), `redeem.method: wrong ${IN}; expected POST, PUT or PATCH; found "GET"`],
  [redeem({ path: undefined }), `redeem.path: missing ${IN}; expected a path that starts with /`],
  [redeem({ path: 'v1' }), `redeem.path: wrong ${IN}; expected a path that starts with /; found "v1"`],
  [
    redeem({ path: '/{customer}/redeem' }),
    `redeem.path: unknown placeholder {customer} ${IN}; expected {customer_id} (did you mean that?); found "/{customer}/redeem"`,
  ],
  [
    redeem({ keyHeader: 'X Key' }),
    `redeem.keyHeader: wrong ${IN}; expected the name of a header; found "X Key"`,
  ],
  [
    redeem({ keyheader: 'X-Key' }),
    `redeem.keyheader: unknown member ${IN}; expected keyHeader (did you mean that?); found "keyheader"`,
  ],
  [
    redeem({ headers: [] }),
    `redeem.headers: wrong ${IN}; expected an object of header names and values; found []`,
  ],
  [
    redeem({ headers: { 'X Y': '1' } }),
    `redeem.headers."X Y": wrong ${IN}; expected the name of a header; found "X Y"`,
  ],
  [
    redeem({ headers: { 'X-Tenant': 'a\r\nb' } }),
    `redeem.headers.X-Tenant: wrong ${IN}; expected a value of visible ASCII on one line; found "a value of type string"`,
  ],
  [
    redeem({ headers: { Authorization: 'Basic x' } }),
    `redeem.headers.Authorization: set by the tool itself, not ${IN}; expected auth instead`,
  ],
  [
    redeem({ keyHeader: 'X-Key', headers: { 'x-key': '1' } }),
    `redeem.headers.x-key: set by the tool itself, not ${IN}; expected another header; found "x-key"`,
  ],
  [redeem({ body: undefined }), `redeem.body: missing ${IN}; expected an object (the body as JSON)`],
  [
    redeem({ body: 'a={points_amount}' }),
    `redeem.body: wrong ${IN}; expected an object (the body as JSON); found "a={points_amount}"`,
  ],
  [
    redeem({ body: { points: () => 5 } }),
    `redeem.body.points: wrong ${IN}; expected a JSON value, with {placeholders} in its texts; found "a function"`,
  ],
  [
    redeem({ body: { at: [new Date(0)] } }),
    `redeem.body.at[0]: wrong ${IN}; expected a JSON value, with {placeholders} in its texts; found "1970-01-01T00:00:00.000Z"`,
  ],
  [
    redeem({ body: { points: Number.NaN } }),
    `redeem.body.points: wrong ${IN}; expected a JSON value, with {placeholders} in its texts; found "NaN"`,
  ],
  [
    redeem({ body: { points: '{points}' } }),
    `redeem.body.points: unknown placeholder {points} ${IN}; expected {points_amount} (did you mean that?); found "{points}"`,
  ],
]);

tableOf('answers and readings', [
  [{ answer: undefined }, `answer: missing ${IN}; expected an object`],
  [
    { answer: { redemption: 'id' } },
    `answer.redemption: wrong ${IN}; expected a JSON pointer: '' or one that starts with /; found "id"`,
  ],
  [
    { answer: { redemption: '/id', code: '/a~2b' } },
    `answer.code: wrong ${IN}; expected a JSON pointer: '' or one that starts with /; found "/a~2b"`,
  ],
  [{ balance: {} }, `balance.path: missing ${IN}; expected a path that starts with /`],
  [
    { balance: { path: '/b/{reward_id}', value: '/b' } },
    `balance.path: unknown placeholder {reward_id} ${IN}; expected {customer_id} or {account_id}; found "/b/{reward_id}"`,
  ],
  [
    { balance: { path: '/b', pointer: '/b' } },
    `balance.pointer: unknown member ${IN}; expected path or value; found "pointer"`,
  ],
  [
    { redemptions: { path: '/r', redemption: '/id' } },
    `redemptions.items: missing ${IN}; expected a JSON pointer: '' or one that starts with /`,
  ],
  [
    { redemptions: { path: '/r', items: '', redemption: '/id', cursorParameter: 'a&b' } },
    `redemptions.cursorParameter: wrong ${IN}; expected the name of a query parameter; found "a&b"`,
  ],
  [{ rewards: [] }, `rewards: wrong ${IN}; expected an array with at least one { id, points }; found []`],
  [
    { rewards: [{ id: 'coffee', points: 1.5 }] },
    `rewards[0].points: wrong ${IN}; expected a whole number of points from 1 to 1000000000; found 1.5`,
  ],
  [{ rewards: [{ points: 5 }] }, `rewards[0].id: missing ${IN}; expected a text`],
  [{ redemptionTypes: 'gift' }, `redemptionTypes: wrong ${IN}; expected an array of texts; found "gift"`],
]);

tableOf('the contract', [
  [
    { contract: 'sed' },
    `contract: wrong ${IN}; expected seed, ietf, stripe, stripe-v2, paypal or adyen; found "sed"`,
  ],
  [
    { contract: { profile: 'strype' } },
    `contract.profile: wrong ${IN}; expected seed, ietf, stripe, stripe-v2, paypal or adyen; found "strype"`,
  ],
  [
    { contract: { inflight: 409 } },
    `contract.inflight: unknown member ${IN}; expected inFlight (did you mean that?); found "inflight"`,
  ],
  [
    { contract: { keyHeader: '' } },
    `contract.keyHeader: wrong ${IN}; expected the name of a header; found ""`,
  ],
  [
    { ...redeem({ keyHeader: 'X-Key' }), contract: { keyHeader: 'X-Other' } },
    `contract.keyHeader: wrong ${IN}; expected X-Key, as redeem.keyHeader says; found "X-Other"`,
  ],
  [
    { contract: { keyMaxLength: 0 } },
    `contract.keyMaxLength: wrong ${IN}; expected a whole number of characters from 1 to 8192; found 0`,
  ],
  [
    { contract: { quotedKeysEqual: 1 } },
    `contract.quotedKeysEqual: wrong ${IN}; expected true, false or 'unspecified'; found 1`,
  ],
  [
    { contract: { missingKey: 200 } },
    `contract.missingKey: wrong ${IN}; expected a status from 400 to 599, {status, code?}, 'accept' or 'unspecified'; found 200`,
  ],
  [{ contract: { malformedKey: 'no' } }, `contract.malformedKey: wrong ${IN}; ${REFUSAL}; found "no"`],
  [
    { contract: { inFlight: { status: '409' } } },
    `contract.inFlight.status: wrong ${IN}; expected a status from 400 to 599; found "409"`,
  ],
  [
    { contract: { otherPayload: { status: 422, code: '' } } },
    `contract.otherPayload.code: wrong ${IN}; expected a text; found ""`,
  ],
  [
    { contract: { expiredKey: 'wait' } },
    `contract.expiredKey: wrong ${IN}; expected a status from 400 to 599, {status, code?}, 'new' or 'unspecified'; found "wait"`,
  ],
  [
    { contract: { ttlMs: 0 } },
    `contract.ttlMs: wrong ${IN}; expected a whole number of ms from 1 to 31622400000; found 0`,
  ],
  [
    { contract: { tombstoneMs: -1 } },
    `contract.tombstoneMs: wrong ${IN}; expected a whole number of ms from 0 to 31622400000; found -1`,
  ],
  [
    { contract: { ttlMs: 5000, tombstoneMs: 4999 } },
    `contract.tombstoneMs: wrong ${IN}; expected at least contract.ttlMs (5000), or contract.tombstoneFrom 'expiry', or contract.expiredKey 'new'; found 4999`,
  ],
  [
    { contract: { replayMarker: true } },
    `contract.replayMarker: wrong ${IN}; expected the name of a header, 'none' or 'unspecified'; found true`,
  ],
  [
    { contract: { replayEquality: 'same' } },
    `contract.replayEquality: wrong ${IN}; expected bytes, redemption or unspecified; found "same"`,
  ],
  [
    { contract: { duplicateIntent: 'none' } },
    `contract.duplicateIntent: wrong ${IN}; expected a status from 400 to 599, {status, code?}, 'replay', 'uncovered' or 'unspecified'; found "none"`,
  ],
  [
    { contract: { keyScope: 'tenant' } },
    `contract.keyScope: wrong ${IN}; expected customer, path, global or unspecified; found "tenant"`,
  ],
  [
    { contract: { tryAgain: 503 } },
    `contract.tryAgain: wrong ${IN}; expected {statuses, max, withinMs}, 'never' or 'unspecified'; found 503`,
  ],
  [
    { contract: { tryAgain: { statuses: [404], max: 1, withinMs: 5 } } },
    `contract.tryAgain.statuses: wrong ${IN}; expected a list of 429 and statuses from 500 to 599; found [404]`,
  ],
  [
    { contract: { tryAgain: { statuses: [429], max: 0, withinMs: 5 } } },
    `contract.tryAgain.max: wrong ${IN}; expected a whole number of answers from 1 to 100; found 0`,
  ],
  [
    { contract: { duplicateWindowMs: '5s' } },
    `contract.duplicateWindowMs: wrong ${IN}; expected a whole number of ms from 0 to 31622400000; found "5s"`,
  ],
  [
    { contract: { storesInsufficientPoints: 'no' } },
    `contract.storesInsufficientPoints: wrong ${IN}; expected true, false or 'unspecified'; found "no"`,
  ],
  [
    { contract: { storesServerErrors: null } },
    `contract.storesServerErrors: wrong ${IN}; expected true, false or 'unspecified'; found null`,
  ],
  ...(
    [
      'insufficientPoints',
      'storeDown',
      'unknownCustomer',
      'unknownReward',
      'badBody',
      'badToken',
      'otherCustomersData',
      'unsupportedMediaType',
    ] as const
  ).map((row): Line => [
    { contract: { [row]: 'new' } },
    `contract.${row}: wrong ${IN}; ${REFUSAL}; found "new"`,
  ]),
]);

tableOf('customers, hooks and limits', [
  [
    { customers: undefined },
    `customers: missing ${IN}; expected a list of customers that exist, or hooks.provision that makes them`,
  ],
  [{ customers: [] }, `customers: wrong ${IN}; expected an array with at least one customer; found []`],
  [{ customers: [7] }, `customers[0]: wrong ${IN}; expected a customer's id, or { id, token }; found 7`],
  [{ customers: [{ token: 'x' }] }, `customers[0].id: missing ${IN}; expected a text`],
  [
    { customers: [{ id: 'a', token: 42 }] },
    `customers[0].token: wrong ${IN}; expected a text, or { env: 'NAME' }; found "a value of type number"`,
  ],
  [
    { customers: ['a', 'b', { id: 'a' }] },
    `customers[2]: wrong ${IN}; expected each customer once; found "a"`,
  ],
  [{ hooks: [] }, `hooks: wrong ${IN}; expected an object; found []`],
  [
    { hooks: { advanceclock: () => 0 } },
    `hooks.advanceclock: unknown member ${IN}; expected advanceClock (did you mean that?); found "advanceclock"`,
  ],
  [{ hooks: { ledger: '/ledger' } }, `hooks.ledger: wrong ${IN}; expected a function; found "/ledger"`],
  [
    { limits: { maxRequestsPerSecond: 0 } },
    `limits.maxRequestsPerSecond: wrong ${IN}; expected a whole number of requests a second from 1 to 1000000; found 0`,
  ],
  [
    { limits: { maxVus: 1.5 } },
    `limits.maxVus: wrong ${IN}; expected a whole number of virtual users from 1 to 10000; found 1.5`,
  ],
  [
    { limits: { timeoutMs: '5s' } },
    `limits.timeoutMs: wrong ${IN}; expected a whole number of ms from 1 to 600000; found "5s"`,
  ],
  [
    { limits: { timeout: 5 } },
    `limits.timeout: unknown member ${IN}; expected timeoutMs (did you mean that?); found "timeout"`,
  ],
  [{ replicas: 0 }, `replicas: wrong ${IN}; expected a whole number from 1 to 1000; found 0`],
  [
    { custommers: ['a'] },
    `custommers: unknown member ${IN}; expected customers (did you mean that?); found "custommers"`,
  ],
]);

const AUTH_KINDS =
  "expected 'none' or an object with one of token, env, basic, apiKey, command, oauth or tokenFor";
const OAUTH = { tokenUrl: 'http://127.0.0.1:8080/token', clientId: 'me', clientSecret: 'very-secret' };

tableOf('auth', [
  [{ auth: 'very-secret' }, `auth: wrong ${IN}; ${AUTH_KINDS}; found "a value of type string"`],
  [{ auth: {} }, `auth: wrong ${IN}; ${AUTH_KINDS}; found "none of them"`],
  [{ auth: { token: 'a', env: 'B' } }, `auth: wrong ${IN}; ${AUTH_KINDS}; found "token and env"`],
  [
    { auth: { tokn: 'a' } },
    `auth.tokn: unknown member ${IN}; expected token (did you mean that?); found "tokn"`,
  ],
  [
    { auth: { token: 'very secret' } },
    `auth.token: wrong ${IN}; expected visible ASCII without blanks; found "a value of type string"`,
  ],
  [
    { auth: { env: 'MISSING' } },
    'auth.env: environment variable MISSING is not set; expected MISSING in the environment',
  ],
  [
    { auth: { command: 'echo token' } },
    `auth.command: wrong ${IN}; expected an array: program, then its arguments; found "echo token"`,
  ],
  [
    { auth: { command: ['echo', 5] } },
    `auth.command[1]: wrong ${IN}; expected a text (program or argument); found 5`,
  ],
  [
    { auth: { command: ['echo'], ttlMs: 0 } },
    `auth.ttlMs: wrong ${IN}; expected a whole number of ms from 1 to 31622400000; found 0`,
  ],
  [
    { auth: { tokenFor: 'x' } },
    `auth.tokenFor: wrong ${IN}; expected a function; found "a value of type string"`,
  ],
  [
    { auth: { oauth: { ...OAUTH, tokenUrl: '/token' } } },
    `auth.oauth.tokenUrl: wrong ${IN}; expected an http or https URL; found "/token"`,
  ],
  [
    { auth: { oauth: { ...OAUTH, tokenUrl: 'https://login.example.com/token' } } },
    `auth.oauth.tokenUrl: its host is not an allowed one ${IN}; expected login.example.com in allowedHosts; found "login.example.com"`,
  ],
  [
    { auth: { oauth: { ...OAUTH, clientSecret: ['very-secret'] } } },
    `auth.oauth.clientSecret: wrong ${IN}; expected a text, or { env: 'NAME' }; found "an array"`,
  ],
  [
    { auth: { oauth: { ...OAUTH, clientAuth: 'jwt' } } },
    `auth.oauth.clientAuth: wrong ${IN}; expected basic or body; found "jwt"`,
  ],
]);

test.each([
  [undefined, 'missing', ''],
  [null, 'wrong', '; found null'],
  [[], 'wrong', '; found []'],
  [() => SMALLEST, 'wrong', '; found "a function"'],
])('a config that is no object is refused: %s', (config, how, found) => {
  const resolve = () => resolveConfig(config, { file: '/project/onceproof.config.ts', env: {} });
  expect(resolve).toThrow(`the config: ${how} ${IN}; expected an object (the default export)${found}`);
});

test('a member that is nothing like a known one is answered with the whole list', () => {
  expect(lineOf({ limits: { zzzzzzzz: 1 } })).toBe(
    `limits.zzzzzzzz: unknown member ${IN}; expected maxRequestsPerSecond, maxVus, timeoutMs, settleMs, quietMs, readLagMs, lateMs or maxAnswerBytes; found "zzzzzzzz"`,
  );
});

test('no error shows a secret', () => {
  const lines = [
    lineOf({ auth: { token: 'very secret\n' } }),
    lineOf({ auth: 'very-secret' }),
    lineOf({ auth: ['very-secret'] }),
    lineOf({ auth: { oauth: { ...OAUTH, tokenUrl: 'nowhere' } } }),
    lineOf({ customers: [{ id: 'a', token: ['very-secret'] }] }),
    lineOf(redeem({ headers: { 'X-Api-Key': 'very-secret\n' } })),
  ];
  for (const line of lines) expect(line).not.toMatch(/very.secret/);
});

const AUTH_PLACE = "expected { header: 'X-Api-Key' }, perhaps with a scheme, or { query: 'api_key' }";
tableOf('where credentials, headers and the key stand', [
  [{ auth: { apiKey: { value: 'k' } } }, `auth.apiKey: wrong ${IN}; ${AUTH_PLACE}; found {}`],
  [
    { auth: { apiKey: { header: 'X', query: 'y', value: 'k' } } },
    `auth.apiKey: wrong ${IN}; ${AUTH_PLACE}; found {"header":"X","query":"y"}`,
  ],
  [
    { auth: { apiKey: { header: 'X-Key', value: 'a b' } } },
    `auth.apiKey.value: wrong ${IN}; expected visible ASCII without blanks; found "a value of type string"`,
  ],
  [
    { auth: { apiKey: { header: 'Host', value: 'abc' } } },
    `auth.apiKey.header: wrong ${IN}; expected a header that can carry a credential; found "Host"`,
  ],
  [
    { auth: { token: 'abc', sentAs: { query: 'x&y' } } },
    `auth.sentAs.query: wrong ${IN}; expected the name of a query parameter; found "x&y"`,
  ],
  [
    { auth: { basic: { user: 'me:you', password: 'secret' } } },
    `auth.basic.user: wrong ${IN}; expected a user without a colon; found "a value of type string"`,
  ],
  [
    { auth: { basic: { user: 'me' } } },
    `auth.basic.password: missing ${IN}; expected a text, or { env: 'NAME' }`,
  ],
  [
    { auth: { basic: { user: 'me', password: { env: 'NOWHERE' } } } },
    'auth.basic.password.env: environment variable NOWHERE is not set; expected NOWHERE in the environment',
  ],
  [
    { auth: { apiKey: { header: 'X-Key', value: 'abc' } }, headers: { 'x-key': '1' } },
    `headers.x-key: set by the tool itself, not ${IN}; expected another header; found "x-key"`,
  ],
  [
    { auth: { apiKey: { query: 'key', value: 'abc' } }, query: { key: '1' } },
    `query.key: wrong ${IN}; expected another one than that of auth; found "key"`,
  ],
  [
    { query: { 'a&b': '1' } },
    `query."a&b": wrong ${IN}; expected the name of a query parameter; found "a&b"`,
  ],
  [{ headers: { A: '1', a: '2' } }, `headers.a: wrong ${IN}; expected each header once; found "a"`],
  [
    { headers: { 'X-User': '{customer}' } },
    `headers.X-User: unknown placeholder {customer} ${IN}; expected {customer_id} (did you mean that?); found "{customer}"`,
  ],
  [
    redeem({ keyPointer: 'key' }),
    `redeem.keyPointer: wrong ${IN}; expected a JSON pointer that starts with /; found "key"`,
  ],
  [
    redeem({ keyPointer: '/key', keyHeader: 'X-Key' }),
    `redeem.keyPointer: not beside redeem.keyHeader ${IN}; expected the key in a header or in the body`,
  ],
  [
    redeem({ keyPointer: '/points' }),
    `redeem.keyPointer: wrong ${IN}; expected a member that redeem.body leaves free, in an object; found "/points"`,
  ],
  [
    redeem({ keyPointer: '/b', body: { a: '{idempotency_key}' } }),
    `redeem.keyPointer: wrong ${IN}; expected /a, where the body has {idempotency_key}; found "/b"`,
  ],
  [
    redeem({ body: { a: 'k-{idempotency_key}' } }),
    `redeem.body.a: wrong ${IN}; expected {idempotency_key} alone: the key as it is; found "k-{idempotency_key}"`,
  ],
  [
    redeem({ bodyAs: 'form', body: { a: { b: '1' } } }),
    `redeem.body.a: wrong ${IN}; expected a text, a number or a truth value, as in a form; found {"b":"1"}`,
  ],
  [redeem({ bodyAs: 'xml' }), `redeem.bodyAs: wrong ${IN}; expected json or form; found "xml"`],
]);

tableOf('how the endpoint is reached', [
  [{ baseUrls: ['http://127.0.0.1:1'] }, `baseUrl: not beside baseUrls ${IN}; expected baseUrl, or baseUrls`],
  [
    { baseUrl: undefined, baseUrls: [] },
    `baseUrls: wrong ${IN}; expected an array with at least one URL; found []`,
  ],
  [
    { baseUrl: undefined, baseUrls: ['http://127.0.0.1:1/a', 'http://127.0.0.1:2/b'] },
    `baseUrls[1]: wrong ${IN}; expected the scheme and path of the first one (http://…/a); found "http://127.0.0.1:2/b"`,
  ],
  [
    { baseUrl: undefined, baseUrls: ['http://127.0.0.1:1', 'http://127.0.0.1:1'] },
    `baseUrls[1]: wrong ${IN}; expected each replica once; found "http://127.0.0.1:1/"`,
  ],
  [
    { baseUrl: undefined, baseUrls: ['http://127.0.0.1:1', 'http://shop.example'] },
    `baseUrls: its host is not a loopback address and is not named ${IN}; expected allowedHosts: ['shop.example']; found "shop.example"`,
  ],
  [
    { baseUrl: undefined, baseUrls: ['http://127.0.0.1:1', 'http://127.0.0.1:2'], replicas: 3 },
    `replicas: wrong ${IN}; expected as many as baseUrls (2), or none here; found 3`,
  ],
  [
    { tls: { ca: 'ca.pem' } },
    `tls: wrong ${IN}; expected an https baseUrl beside it; found "http://127.0.0.1:8080/"`,
  ],
  [
    { baseUrl: 'https://127.0.0.1:1', tls: { cert: 'client.pem' } },
    `tls.key: missing ${IN}; expected cert and key together`,
  ],
  [
    { baseUrl: 'https://127.0.0.1:1', tls: { ca: '/nowhere/ca.pem' } },
    'tls.ca: cannot be read; expected a PEM file; found "ENOENT"',
  ],
  [
    { baseUrl: 'https://127.0.0.1:1', tls: { ca: import.meta.filename } },
    `tls.ca: wrong ${IN}; expected a PEM file; found ${JSON.stringify(import.meta.filename)}`,
  ],
  [
    { httpProxy: 'socks5://127.0.0.1:1' },
    `httpProxy: wrong ${IN}; expected http://host:port of a proxy; found "socks5://127.0.0.1:1"`,
  ],
  [
    { httpProxy: 'http://proxy.example:3128' },
    `httpProxy: its host is not an allowed one ${IN}; expected proxy.example:3128 in allowedHosts; found "proxy.example:3128"`,
  ],
  [{ hooks: { sign: 'hmac' } }, `hooks.sign: wrong ${IN}; expected a function; found "hmac"`],
]);

const CALLS = { path: '/a', body: {} };
tableOf('a list of calls', [
  [{ redeem: { calls: [] } }, `redeem.calls: wrong ${IN}; expected an array of at least one call; found []`],
  [
    { redeem: { calls: [CALLS], path: '/a' } },
    `redeem.path: not beside redeem.calls ${IN}; expected it in one of the calls`,
  ],
  [
    { redeem: { calls: [CALLS, { ...CALLS, path: '/{hold}' }] } },
    `redeem.calls[1].path: unknown placeholder {hold} ${IN}; expected {customer_id}, {reward_id}, {points_amount}, {redemption_type} or {client_redemption_id}; found "/{hold}"`,
  ],
  [
    { redeem: { calls: [{ ...CALLS, take: { hold: 'id' } }, CALLS] } },
    `redeem.calls[0].take.hold: wrong ${IN}; expected a JSON pointer: '' or one that starts with /; found "id"`,
  ],
  [
    { redeem: { calls: [{ ...CALLS, take: { reward_id: '/id' } }, CALLS] } },
    `redeem.calls[0].take.reward_id: wrong ${IN}; expected a name of its own; found "reward_id"`,
  ],
  [
    { redeem: { calls: [{ ...CALLS, take: { hold: '/id' } }] } },
    `redeem.calls[0].take: wrong ${IN}; expected none in the last call: its answer is read by \`answer\`; found {"hold":"/id"}`,
  ],
]);
