import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillPath, PATHS } from '../../harness/model/protocol.ts';
import {
  clock,
  customerWith,
  effects,
  fresh,
  get,
  redeem,
  redeemRaw,
  send,
  serve,
  TOKEN,
  type TestServer,
} from './harness.ts';
import { STORES } from './stores.ts';

const DAY_MS = 86_400_000;

describe.each(STORES)('the seed profile on $name', ({ skip, open }) => {
  let server: TestServer;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    if (skip) return;
    const opened = await open();
    stop = opened.stop;
    server = await serve({ store: opened.store });
  });
  afterAll(async () => {
    await server?.close();
    await stop?.();
  });
  const test = it.skipIf(skip);

  test('a first use debits once, lists the redemption and issues one reward', async () => {
    const { id } = await customerWith(server, 1000);
    const reply = await redeem(server, id, { key: 'k', type: 'voucher', clientId: 'mine' });
    expect(reply.status).toBe(200);
    expect(reply.headers['idempotent-replayed']).toBeUndefined();
    expect(reply.body).toMatchObject({
      client_redemption_id: 'mine',
      customer_id: id,
      reward_id: 'reward_coffee',
      points_amount: 120,
      redemption_type: 'voucher',
      balance_after: 880,
      status: 'completed',
    });
    expect(await effects(server, id)).toEqual({
      balance: 880,
      listed: [reply.body['redemption_id']],
      statuses: ['completed'],
      debitCount: 1,
      rewardCount: 1,
    });
  });

  test('the same key gives the same bytes, marked, with no further effect', async () => {
    const { id } = await customerWith(server, 1000);
    const first = await redeem(server, id, { key: 'k' });
    await redeem(server, id, { key: 'other', points: 300 });
    const again = await redeem(server, id, { key: 'k' });
    expect(again.status).toBe(200);
    expect(again.text).toBe(first.text);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect((await effects(server, id)).balance).toBe(580);
  });

  test('a request without a key is refused as the seed says', async () => {
    const { id } = await customerWith(server, 1000);
    const reply = await redeem(server, id);
    expect(reply.status).toBe(409);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.body).toMatchObject({
      code: 'duplicate_request',
      error: 'duplicate_request',
      idempotency_key_required: true,
    });
    expect(reply.body['message']).toBeTypeOf('string');
    expect((await effects(server, id)).balance).toBe(1000);
  });

  test.each([
    ['an empty key', ''],
    ['a blank inside', 'a b'],
    ['256 characters', 'x'.repeat(256)],
    ['a character outside ASCII', 'k\u00e9y'],
    ['an open quote', '"k'],
    ['an empty quoted key', '""'],
    ['two header values', ['k1', 'k2']],
    ['the same value twice', ['k1', 'k1']],
  ])('%s is a malformed key', async (_what, key) => {
    const { id } = await customerWith(server, 1000);
    const reply = await redeem(server, id, { key });
    expect([reply.status, reply.body['code']]).toEqual([400, 'invalid_idempotency_key']);
    expect((await effects(server, id)).balance).toBe(1000);
  });

  test('a key of 255 characters, of any visible ones, is a key', async () => {
    const { id } = await customerWith(server, 1000);
    const key = `!~{}|,;"'\\%${'x'.repeat(244)}`;
    const first = await redeem(server, id, { key });
    const again = await redeem(server, id, { key });
    expect([first.status, again.text]).toEqual([200, first.text]);
  });

  test('quoted and bare are one key; upper and lower case are two', async () => {
    const { id } = await customerWith(server, 1000);
    const bare = await redeem(server, id, { key: 'abc', clientId: 'a' });
    const quoted = await redeem(server, id, { key: '"abc"', clientId: 'a' });
    const upper = await redeem(server, id, { key: 'ABC', clientId: 'b' });
    expect(quoted.text).toBe(bare.text);
    expect(upper.body['redemption_id']).not.toBe(bare.body['redemption_id']);
  });

  test('another payload under the key is refused and shows nothing of the first', async () => {
    const { id } = await customerWith(server, 1000);
    const first = await redeem(server, id, { key: 'k', clientId: 'secret-name' });
    for (const other of [
      { points: 121 },
      { reward: 'reward_67890' },
      { type: 'cashback' },
      { clientId: 'x' },
    ]) {
      const reply = await redeem(server, id, { key: 'k', clientId: 'secret-name', ...other });
      expect([reply.status, reply.body['code']]).toEqual([422, 'idempotency_key_reused']);
      expect(reply.text).not.toContain(String(first.body['redemption_id']));
      expect(reply.text).not.toContain('secret-name');
    }
    expect((await effects(server, id)).debitCount).toBe(1);
  });

  test('member order, white space and 120.0 for 120 do not change a payload', async () => {
    const { id } = await customerWith(server, 1000);
    const first = await redeem(server, id, { key: 'k' });
    const body = `{ "points_amount" : 120.0,\n "reward_id":"reward_coffee", "customer_id": "${id}" }`;
    const again = await redeemRaw(server, body, { key: 'k' });
    expect([again.status, again.text]).toEqual([200, first.text]);
  });

  test('the key of another customer says nothing', async () => {
    const one = await customerWith(server, 1000);
    const two = await customerWith(server, 1000);
    const key = fresh('shared');
    const first = await redeem(server, one.id, { key, token: one.token });
    const second = await redeem(server, two.id, { key, token: two.token });
    expect(second.status).toBe(200);
    expect(second.headers['idempotent-replayed']).toBeUndefined();
    expect(second.body['redemption_id']).not.toBe(first.body['redemption_id']);
    expect((await effects(server, two.id)).balance).toBe(880);
  });

  test('a new token of the same customer is the same scope', async () => {
    const { id, token } = await customerWith(server, 1000);
    const first = await redeem(server, id, { key: 'k', token });
    const again = await redeem(server, id, { key: 'k', token: TOKEN });
    expect(again.text).toBe(first.text);
  });

  test.each([
    ['1 ms before the TTL', DAY_MS - 1, 200, undefined],
    ['at the TTL', DAY_MS, 409, 'idempotency_key_expired'],
    ['1 ms after the TTL', DAY_MS + 1, 409, 'idempotency_key_expired'],
    ["1 ms before the tombstone's end", 7 * DAY_MS - 1, 409, 'idempotency_key_expired'],
    ["at the tombstone's end", 7 * DAY_MS, 200, undefined],
  ])('%s a key answers as the contract says', async (_when, ageMs, status, code) => {
    const { id } = await customerWith(server, 1000);
    const startMs = 1_700_000_000_000;
    await clock(server, id, { now_ms: startMs, frozen: true });
    const first = await redeem(server, id, { key: 'k' });
    expect(first.body['created_at']).toBe(new Date(startMs).toISOString());
    await clock(server, id, { now_ms: startMs + ageMs, frozen: true });
    const reply = await redeem(server, id, { key: 'k' });
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
    const isFresh = ageMs === 7 * DAY_MS;
    expect(reply.headers['idempotent-replayed']).toBe(status === 200 && !isFresh ? 'true' : undefined);
    expect((await effects(server, id)).debitCount).toBe(isFresh ? 2 : 1);
  });

  test('replays do not renew the age of a key', async () => {
    const { id } = await customerWith(server, 1000);
    await clock(server, id, { now_ms: 1_700_000_000_000, frozen: true });
    await redeem(server, id, { key: 'k' });
    await clock(server, id, { advance_ms: DAY_MS - 1 });
    expect((await redeem(server, id, { key: 'k' })).status).toBe(200);
    await clock(server, id, { advance_ms: 1 });
    expect((await redeem(server, id, { key: 'k' })).body['code']).toBe('idempotency_key_expired');
  });

  test("one customer's clock does not move another's", async () => {
    const one = await customerWith(server, 1000);
    const two = await customerWith(server, 1000);
    await redeem(server, two.id, { key: 'k' });
    await clock(server, one.id, { advance_ms: 30 * DAY_MS });
    expect((await redeem(server, two.id, { key: 'k' })).status).toBe(200);
  });

  test("after the tombstone's end a known client_redemption_id is still a duplicate", async () => {
    const { id } = await customerWith(server, 1000);
    const first = await redeem(server, id, { key: 'k', clientId: 'mine' });
    await clock(server, id, { advance_ms: 8 * DAY_MS });
    const reply = await redeem(server, id, { key: 'k', clientId: 'mine' });
    expect([reply.status, reply.body['code']]).toEqual([409, 'duplicate_redemption']);
    expect(reply.body['redemption_id']).toBe(first.body['redemption_id']);
    expect((await effects(server, id)).debitCount).toBe(1);
  });

  test('an expired key with another payload is refused for the payload', async () => {
    const { id } = await customerWith(server, 1000);
    await redeem(server, id, { key: 'k' });
    await clock(server, id, { advance_ms: 2 * DAY_MS });
    expect((await redeem(server, id, { key: 'k', points: 121 })).status).toBe(422);
  });

  test('one client_redemption_id under two keys is one redemption', async () => {
    const { id } = await customerWith(server, 1000);
    const first = await redeem(server, id, { key: 'k1', clientId: 'mine' });
    const reply = await redeem(server, id, { key: 'k2', clientId: 'mine' });
    expect([reply.status, reply.body['code']]).toEqual([409, 'duplicate_redemption']);
    expect(reply.body['redemption_id']).toBe(first.body['redemption_id']);
    expect((await effects(server, id)).debitCount).toBe(1);
  });

  test('two honest redemptions inside the window carry two names and both succeed', async () => {
    const { id } = await customerWith(server, 1000);
    expect((await redeem(server, id, { key: 'k1', clientId: 'one' })).status).toBe(200);
    expect((await redeem(server, id, { key: 'k2', clientId: 'two' })).status).toBe(200);
    expect((await effects(server, id)).balance).toBe(760);
  });

  test.each([
    ['1 ms before its end', 4999, 409],
    ['at its end', 5000, 200],
  ])('without a name, the window decides %s', async (_when, ageMs, status) => {
    const { id } = await customerWith(server, 1000);
    await clock(server, id, { now_ms: 1_700_000_000_000, frozen: true });
    await redeem(server, id, { key: 'k1' });
    await clock(server, id, { advance_ms: ageMs });
    expect((await redeem(server, id, { key: 'k2' })).status).toBe(status);
  });

  test('too few points store nothing: after a top-up the same key works', async () => {
    const { id } = await customerWith(server, 100);
    const reply = await redeem(server, id, { key: 'k', clientId: 'mine' });
    expect([reply.status, reply.body['code']]).toEqual([422, 'insufficient_points']);
    expect(await effects(server, id)).toMatchObject({
      balance: 100,
      listed: [],
      debitCount: 0,
      rewardCount: 0,
    });
    // Neither key nor name nor payload is taken.
    expect((await redeem(server, id, { key: 'k', points: 100, clientId: 'mine' })).status).toBe(200);
  });

  test('judges in the order of the contract', async () => {
    const { id } = await customerWith(server, 100);
    const url = server.url + PATHS.redeem;
    const auth = { authorization: `Bearer ${TOKEN}` };
    const json = { 'content-type': 'application/json' };
    const codeOf = async (headers: Record<string, string>, body: string) =>
      (await send(url, 'POST', headers, body)).body['code'];
    expect(await codeOf({ 'content-type': 'text/plain' }, 'x')).toBe('unauthorized');
    expect(await codeOf({ ...auth, 'content-type': 'text/plain' }, 'x')).toBe('unsupported_media_type');
    expect(await codeOf(auth, '')).toBe('unsupported_media_type');
    expect(await codeOf({ ...auth, ...json }, '{}')).toBe('invalid_request');
    const body = JSON.stringify({ customer_id: 'nobody', reward_id: 'none', points_amount: 1 });
    expect(await codeOf({ ...auth, ...json }, body)).toBe('duplicate_request');
    expect(await codeOf({ ...auth, ...json, 'idempotency-key': 'k' }, body)).toBe('customer_not_found');
    const known = body.replace('nobody', id);
    expect(await codeOf({ ...auth, ...json, 'idempotency-key': 'k' }, known)).toBe('reward_not_found');
  });

  test.each([
    ['a text for a number', '{"points_amount":"120"}'],
    ['a fraction', '{"points_amount":120.5}'],
    ['zero', '{"points_amount":0}'],
    ['a negative number', '{"points_amount":-1}'],
    ['more than 10^9', '{"points_amount":1000000001}'],
    ['null', '{"points_amount":null}'],
    ['an unknown member', '{"extra":1}'],
    ['an unknown type', '{"redemption_type":"cash"}'],
    ['an empty name', '{"client_redemption_id":""}'],
    ['a name of 65 characters', `{"client_redemption_id":"${'x'.repeat(65)}"}`],
    ['a missing member', '{"reward_id":null}'],
    ['an array', '[]'],
    ['a text', '"x"'],
    ['no JSON', '{'],
    ['a prototype', '{"__proto__":{"a":1}}'],
  ])('%s is a bad body', async (_what, change) => {
    const { id } = await customerWith(server, 1000);
    const base = `{"customer_id":"${id}","reward_id":"reward_coffee","points_amount":120}`;
    const isMember = change.startsWith('{"');
    const body = isMember ? mergedText(base, change) : change;
    const reply = await redeemRaw(server, body, { key: 'k' });
    expect([reply.status, reply.body['code']]).toEqual([400, 'invalid_request']);
    expect((await effects(server, id)).balance).toBe(1000);
    // Never stored: the key is still free.
    expect((await redeem(server, id, { key: 'k' })).status).toBe(200);
  });

  test('a token acts for its own customer only, for known and unknown others alike', async () => {
    const one = await customerWith(server, 1000);
    const two = await customerWith(server, 1000);
    for (const other of [two.id, 'nobody-at-all']) {
      const replies = [
        await redeem(server, other, { key: 'k', token: one.token }),
        await get(server, fillPath(PATHS.balance, { customer_id: other }), one.token),
        await get(server, fillPath(PATHS.redemptions, { customer_id: other }), one.token),
      ];
      for (const reply of replies) expect([reply.status, reply.body['code']]).toEqual([403, 'forbidden']);
    }
    expect((await effects(server, two.id)).balance).toBe(1000);
  });

  test.each(['', 'Basic abc', 'Bearer ', 'Bearer wrong', 'Bearer opc.YQ.x.AAAA'])(
    'the authorization %j is refused',
    async (authorization) => {
      const reply = await send(server.url + PATHS.redeem, 'POST', { authorization }, '{}');
      expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    },
  );

  test('lists newest first, in pages that later redemptions do not shift', async () => {
    const { id } = await customerWith(server, 10_000);
    const made: unknown[] = [];
    for (let n = 0; n < 5; n++)
      made.unshift((await redeem(server, id, { key: `k${n}`, clientId: `c${n}` })).body['redemption_id']);
    const path = fillPath(PATHS.redemptions, { customer_id: id });
    const first = await get(server, `${path}?limit=2`);
    expect(idsOf(first)).toEqual(made.slice(0, 2));
    await redeem(server, id, { key: 'later', clientId: 'later' });
    const second = await get(server, `${path}?limit=2&cursor=${String(first.body['next_cursor'])}`);
    expect(idsOf(second)).toEqual(made.slice(2, 4));
    const third = await get(server, `${path}?limit=2&cursor=${String(second.body['next_cursor'])}`);
    expect([idsOf(third), third.body['next_cursor']]).toEqual([made.slice(4), null]);
  });

  test('looks a redemption up by its key', async () => {
    const { id } = await customerWith(server, 1000);
    const { body } = await redeem(server, id, { key: 'k&=1' });
    const path = fillPath(PATHS.redemptions, { customer_id: id });
    const key = encodeURIComponent('k&=1');
    expect(idsOf(await get(server, `${path}?idempotency_key=${key}`))).toEqual([body['redemption_id']]);
    expect(idsOf(await get(server, `${path}?idempotency_key=%22${key}%22`))).toEqual([body['redemption_id']]);
    expect(idsOf(await get(server, `${path}?idempotency_key=none`))).toEqual([]);
  });

  test.each(['limit=0', 'limit=501', 'limit=x', 'cursor=-1', 'cursor=', 'extra=1'])(
    'the query %s is refused',
    async (query) => {
      const { id } = await customerWith(server, 1);
      const reply = await get(server, `${fillPath(PATHS.redemptions, { customer_id: id })}?${query}`);
      expect([reply.status, reply.body['code']]).toEqual([400, 'invalid_request']);
    },
  );

  test('balance and list of an unknown customer are 404', async () => {
    for (const path of [PATHS.balance, PATHS.redemptions]) {
      const reply = await get(server, fillPath(path, { customer_id: 'nobody' }));
      expect([reply.status, reply.body['code']]).toEqual([404, 'customer_not_found']);
    }
  });

  test('fifty simultaneous attempts of one key make one debit and no status outside the contract', async () => {
    const { id } = await customerWith(server, 100_000);
    const replies = await Promise.all(Array.from({ length: 50 }, () => redeem(server, id, { key: 'k' })));
    const statuses = new Set(replies.map(({ status, code }) => `${status} ${code}`));
    expect([...statuses].filter((text) => text !== '200 ' && text !== '409 redemption_in_progress')).toEqual(
      [],
    );
    const fresh200 = replies.filter((reply) => reply.status === 200 && !reply.headers['idempotent-replayed']);
    expect(fresh200).toHaveLength(1);
    for (const reply of replies)
      if (reply.status === 409) expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(await effects(server, id)).toMatchObject({ balance: 99_880, debitCount: 1, rewardCount: 1 });
  });

  test('fifty distinct intents racing for the points of ten: ten succeed', async () => {
    const { id } = await customerWith(server, 1200);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, n) => redeem(server, id, { key: `k${n}`, clientId: `c${n}` })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(replies.filter(({ body }) => body['code'] === 'insufficient_points')).toHaveLength(40);
    expect(await effects(server, id)).toMatchObject({ balance: 0, debitCount: 10, rewardCount: 10 });
  });
});

function idsOf({ body }: { readonly body: Readonly<Record<string, unknown>> }): string[] {
  return (body['redemptions'] as readonly { readonly redemption_id: string }[]).map(
    (item) => item.redemption_id,
  );
}

/** The members of `change` put over those of `base`, without losing what JSON.parse would normalise. */
function mergedText(base: string, change: string): string {
  const name = /^\{"(\w+)"/.exec(change)?.[1] ?? '';
  const kept = base
    .slice(1, -1)
    .split(',')
    .filter((member) => !member.startsWith(`"${name}"`));
  return `{${[...kept, change.slice(1, -1)].join(',')}}`;
}
