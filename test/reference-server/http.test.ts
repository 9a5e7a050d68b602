import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOOK_PATHS, PATHS } from '../../harness/model/protocol.ts';
import {
  arm,
  clock,
  credit,
  customerWith,
  effects,
  get,
  hook,
  HOOKS_TOKEN,
  redeem,
  redeemRaw,
  send,
  serve,
  TOKEN,
  type TestServer,
} from './harness.ts';

describe('the HTTP face', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await serve({
      tokens: [
        { token: TOKEN, customers: 'all' },
        { token: 'narrow', customers: ['alice'] },
      ],
    });
  });
  afterAll(() => server?.close());

  it('describes itself in OpenAPI 3.1', async () => {
    const { body } = await get(server, '/openapi.json');
    expect(body['openapi']).toBe('3.1.0');
    const paths = body['paths'] as Record<string, Record<string, { readonly security?: unknown }>>;
    expect(Object.keys(paths).toSorted()).toEqual(
      [PATHS.balance, PATHS.redemptions, PATHS.redeem].toSorted(),
    );
    expect(paths[PATHS.redeem]?.['post']?.security).toEqual([{ bearer: [] }]);
    expect(JSON.stringify(paths[PATHS.redeem])).toContain('idempotency-key');
  });

  it('has a page for people that loads nothing from elsewhere', async () => {
    const { text, headers } = await get(server, '/docs');
    expect(headers['content-type']).toContain('text/html');
    expect(text).toContain(PATHS.redeem);
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('answers for operations without a token', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs'])
      expect((await send(server.url + path, 'GET')).status).toBe(200);
  });

  it('counts results, and shows neither keys nor customers in its metrics', async () => {
    const { id } = await customerWith(server, 1000);
    await redeem(server, id, { key: 'very-secret-key' });
    await redeem(server, id, { key: 'very-secret-key' });
    const { text } = await get(server, '/metrics');
    expect(text).toMatch(/redeem_requests_total\{result="fresh"\} [1-9]/);
    expect(text).toMatch(/redeem_requests_total\{result="replay"\} [1-9]/);
    expect(text).not.toContain('very-secret-key');
    expect(text).not.toContain(id);
  });

  it('a fixed token acts for the customers it names', async () => {
    await hook(server, 'POST', HOOK_PATHS.customers, { customer_id: 'alice', points: 1000 });
    const { id } = await customerWith(server, 1000);
    expect((await redeem(server, 'alice', { key: 'k', token: 'narrow' })).status).toBe(200);
    expect((await redeem(server, id, { key: 'k', token: 'narrow' })).status).toBe(403);
  });

  it('a body over the limit is 413 and has no effect', async () => {
    const { id } = await customerWith(server, 1000);
    const reply = await redeemRaw(server, JSON.stringify({ customer_id: id, pad: 'x'.repeat(20_000) }), {
      key: 'k',
    });
    expect([reply.status, reply.code]).toEqual([413, 'payload_too_large']);
  });

  it('headers over the limit are 431, as a problem', async () => {
    const reply = await send(server.url + PATHS.redeem, 'POST', { 'x-large': 'x'.repeat(20_000) }, '{}');
    expect([reply.status, reply.code]).toEqual([431, 'headers_too_large']);
  });

  it('what is no HTTP is 400, as a problem', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end('NONSENSE\r\n\r\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/);
    socket.destroy();
  });

  it('an unknown path is 404, as a problem', async () => {
    const reply = await get(server, '/nothing');
    expect([reply.status, reply.code]).toEqual([404, 'not_found']);
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'])(
    'takes the media type %s',
    async (type) => {
      const { id } = await customerWith(server, 1000);
      const body = JSON.stringify({ customer_id: id, reward_id: 'reward_coffee', points_amount: 120 });
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type, 'idempotency-key': 'k' };
      expect((await send(server.url + PATHS.redeem, 'POST', headers, body)).status).toBe(200);
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'x'])(
    'refuses the media type %s',
    async (type) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type, 'idempotency-key': 'k' };
      const reply = await send(server.url + PATHS.redeem, 'POST', headers, '{}');
      expect([reply.status, reply.code]).toEqual([415, 'unsupported_media_type']);
    },
  );

  describe('hooks', () => {
    it('are on a port and a token of their own', async () => {
      expect((await send(`${server.hooksUrl}${HOOK_PATHS.stats}`, 'GET')).status).toBe(401);
      const asAdmin = await send(`${server.hooksUrl}${HOOK_PATHS.stats}`, 'GET', {
        authorization: `Bearer ${TOKEN}`,
      });
      expect(asAdmin.status).toBe(401);
      const onPublic = await send(server.url + HOOK_PATHS.stats, 'GET', {
        authorization: `Bearer ${HOOKS_TOKEN}`,
      });
      expect(onPublic.status).toBe(404);
    });

    it('are absent unless asked for', async () => {
      const bare = await serve({ isBare: true });
      expect(bare.hooksUrl).toBeUndefined();
      await bare.close();
    });

    it('say what they can', async () => {
      const { body } = await hook(server, 'GET', HOOK_PATHS.capabilities);
      expect(body).toEqual({ provision: true, credit: true, clock: true, ledger: true, crash: true });
    });

    it('a known customer stays as it is and gets a further token, unless it is reset', async () => {
      const { id, token } = await customerWith(server, 1000);
      await redeem(server, id, { key: 'k', token });
      const again = await hook(server, 'POST', HOOK_PATHS.customers, { customer_id: id, points: 5 });
      expect(again.body).toMatchObject({ customer_id: id, balance: 880 });
      expect(again.body['token']).not.toBe(token);
      for (const each of [token, String(again.body['token'])])
        expect((await redeem(server, id, { key: 'k', token: each })).status).toBe(200);
      await hook(server, 'POST', HOOK_PATHS.customers, { customer_id: id, points: 5, reset: true });
      expect(await effects(server, id)).toEqual({
        balance: 5,
        listed: [],
        statuses: [],
        debitCount: 0,
        rewardCount: 0,
      });
    });

    it('credit, freeze, set and let go', async () => {
      const { id } = await customerWith(server, 10);
      expect((await credit(server, id, 5)).body).toEqual({ balance: 15 });
      expect((await clock(server, id, { now_ms: 1000, frozen: true })).body).toEqual({
        now_ms: 1000,
        frozen: true,
      });
      expect((await clock(server, id, { advance_ms: 5 })).body).toEqual({ now_ms: 1005, frozen: true });
      expect((await clock(server, id, { frozen: true })).body).toEqual({ now_ms: 1005, frozen: true });
      expect((await clock(server, id, { frozen: false })).body).toMatchObject({ frozen: false });
    });

    it('refuse what they do not understand, and customers they do not know', async () => {
      const { id } = await customerWith(server, 1);
      for (const body of [{}, { advance_ms: -1 }, { now_ms: 'x' }, { frozen: true, extra: 1 }])
        expect((await clock(server, id, body)).code).toBe('invalid_request');
      expect((await arm(server, { point: 'somewhere', action: 'crash' })).code).toBe('invalid_request');
      expect((await credit(server, 'nobody', 5)).code).toBe('customer_not_found');
      expect((await clock(server, 'nobody', { frozen: true })).code).toBe('customer_not_found');
    });
  });
});
