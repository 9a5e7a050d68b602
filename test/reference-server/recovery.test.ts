import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../harness/model/protocol.ts';
import {
  arm,
  customerWith,
  effects,
  hook,
  redeem,
  serve,
  until,
  type Reply,
  type TestServer,
} from './harness.ts';
import { STORES } from './stores.ts';

describe.each(STORES)('crashes on $name', ({ skip, open }) => {
  let store: string;
  let stop: () => Promise<void>;
  let server: TestServer;

  beforeAll(async () => {
    if (!skip) ({ store, stop } = await open());
  });
  afterEach(() => server?.close());
  afterAll(() => stop?.());
  const test = it.skipIf(skip);

  test.each(CRASH_POINTS)('after a crash %s a retry finishes the same redemption, once', async (point) => {
    server = await serve({ store, leaseMs: 150, restartAfterMs: 20 });
    const { id } = await customerWith(server, 1000);
    await arm(server, { point, action: 'crash', key: 'k', customer_id: id });
    await expect(redeem(server, id, { key: 'k', clientId: 'c' })).rejects.toThrow();
    expect(server.events).toContainEqual(
      expect.objectContaining({ event: 'crash', replica: 1, point, customer: id, key: 'k' }),
    );
    const wasDebited = point === 'after-claim' ? 0 : 1;
    await until(async () => server.events.some(({ event }) => event === 'recovered'));
    const between = await effects(server, id);
    expect(between.debitCount).toBe(wasDebited);

    const reply = await retried(server, id);
    expect(reply.headers['idempotent-replayed']).toBe(point === 'before-reply' ? 'true' : undefined);
    expect(between.listed).toEqual(wasDebited ? [reply.body['redemption_id']] : []);
    expect(await effects(server, id)).toEqual({
      balance: 880,
      listed: [reply.body['redemption_id']],
      statuses: ['completed'],
      debitCount: 1,
      rewardCount: 1,
    });
    expect((await redeem(server, id, { key: 'k', clientId: 'c' })).text).toBe(reply.text);
  });

  test('while a lease of a dead owner runs, a retry is in progress and told when to come', async () => {
    server = await serve({ store, leaseMs: 60_000, restartAfterMs: 20 });
    const { id } = await customerWith(server, 1000);
    await arm(server, { point: 'after-debit', action: 'crash', customer_id: id });
    await expect(redeem(server, id, { key: 'k' })).rejects.toThrow();
    await until(async () => server.events.some(({ event }) => event === 'recovered'));
    const reply = await redeem(server, id, { key: 'k' });
    expect([reply.status, reply.code]).toEqual([409, 'redemption_in_progress']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(50);
  });

  test('an owner paused beyond its lease is overtaken, and answers with the same redemption', async () => {
    server = await serve({ store, leaseMs: 100 });
    const { id } = await customerWith(server, 1000);
    await arm(server, { point: 'after-claim', action: 'pause', pause_ms: 2000, customer_id: id });
    const slow = redeem(server, id, { key: 'k' });
    // The pause is over long after the lease: somebody else has finished by then.
    await until(async () => (await redeem(server, id, { key: 'k' })).status === 200);
    const reply = await slow;
    expect([reply.status, reply.headers['idempotent-replayed']]).toEqual([200, 'true']);
    expect(await effects(server, id)).toMatchObject({ balance: 880, debitCount: 1, rewardCount: 1 });
  });

  test('in flight: the same key is in progress, another payload is refused for its payload', async () => {
    server = await serve({ store, leaseMs: 60_000 });
    const { id } = await customerWith(server, 1000);
    await arm(server, { point: 'after-debit', action: 'pause', pause_ms: 2000, customer_id: id });
    const first = redeem(server, id, { key: 'k', clientId: 'c' });
    await until(async () => (await effects(server, id)).debitCount === 1);
    const same = await redeem(server, id, { key: 'k', clientId: 'c' });
    const other = await redeem(server, id, { key: 'k', clientId: 'c', points: 121 });
    const otherKey = await redeem(server, id, { key: 'k2', clientId: 'c' });
    expect([same.code, other.code, otherKey.code]).toEqual([
      'redemption_in_progress',
      'idempotency_key_reused',
      'redemption_in_progress',
    ]);
    expect((await first).status).toBe(200);
    expect((await redeem(server, id, { key: 'k2', clientId: 'c' })).code).toBe('duplicate_redemption');
  });

  test('a client that goes away does not stop its redemption', async () => {
    server = await serve({ store, fulfilMs: 1500, leaseMs: 60_000 });
    const { id } = await customerWith(server, 1000);
    const gone = new AbortController();
    const sent = redeem(server, id, { key: 'k', signal: gone.signal });
    await until(async () => (await effects(server, id)).debitCount === 1);
    gone.abort();
    await expect(sent).rejects.toThrow();
    await until(async () => (await effects(server, id)).statuses[0] === 'completed');
    expect((await redeem(server, id, { key: 'k' })).headers['idempotent-replayed']).toBe('true');
  });

  test('crash points wait for their customer, as often as they were armed, and can be cleared', async () => {
    server = await serve({ store, leaseMs: 50, restartAfterMs: 10 });
    const [one, two] = [await customerWith(server, 1000), await customerWith(server, 1000)];
    await arm(server, { point: 'after-debit', action: 'crash', customer_id: one.id, times: 2 });
    expect((await redeem(server, two.id, { key: 'k' })).status).toBe(200);
    await retried(server, one.id);
    expect(server.events.filter(({ event }) => event === 'crash')).toHaveLength(2);
    await arm(server, { point: 'after-debit', action: 'crash' });
    await hook(server, 'DELETE', '/hooks/crash-points');
    expect((await redeem(server, two.id, { key: 'k2', points: 300 })).status).toBe(200);
  });
});

describe('replicas over one memory store', () => {
  it('a crash of one leaves the other working, and the work of the dead one is resumed there', async () => {
    const server = await serve({ replicas: 2, leaseMs: 100, restartAfterMs: 60_000 });
    try {
      const [first, second] = server.replicas;
      const { id } = await customerWith(server, 1000);
      await arm(server, { point: 'after-fulfil', action: 'crash', replica: 1 });
      await expect(redeem(server, id, { key: 'k' })).rejects.toThrow();
      await expect(redeem(server, id, { key: 'k', at: first?.url ?? '' })).rejects.toThrow('ECONNREFUSED');
      await until(async () => (await redeem(server, id, { key: 'k', at: second?.url ?? '' })).status === 200);
    } finally {
      await server.close();
    }
  });
});

/** Retries as a client does, whatever comes, until it is answered with 200. */
async function retried(server: TestServer, id: string): Promise<Reply> {
  let answered: Reply | undefined;
  await until(async () => {
    const reply = await redeem(server, id, { key: 'k', clientId: 'c' }).catch(() => undefined);
    if (reply?.status === 200) answered = reply;
    return answered !== undefined;
  });
  if (!answered) throw new Error('never answered');
  return answered;
}
