import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../harness/model/contract.ts';
import { parseOptions } from '../../reference-server/options.ts';
import {
  arm,
  clock,
  credit,
  customerWith,
  effects,
  redeem,
  redeemRaw,
  serve,
  until,
  type Reply,
  type TestServer,
  type TestServerOptions,
} from './harness.ts';
import { STORES } from './stores.ts';

const DAY_MS = 86_400_000;
const DAYS_7 = 7 * DAY_MS;

function isMarked({ headers }: Reply): boolean {
  return headers['idempotent-replayed'] === 'true';
}

describe.each(STORES)('what a contract can say beyond the profiles, played on $name', ({ skip, open }) => {
  let store: string;
  let stop: () => Promise<void>;
  let server: TestServer;

  beforeAll(async () => {
    if (!skip) ({ store, stop } = await open());
  });
  afterEach(() => server?.close());
  afterAll(() => stop?.());

  const serveBy = async (rows: Partial<Contract>, options: TestServerOptions = {}) => {
    server = await serve({ store, rows, leaseMs: 60_000, ...options });
    return (await customerWith(server, 1000)).id;
  };

  describe('keyScope', () => {
    it.skipIf(skip).each(['global', 'path'] as const)(
      "%s: another customer's key is another payload's, and nothing of it is shown",
      async (keyScope) => {
        const ada = await serveBy({ keyScope });
        const { id: bob } = await customerWith(server, 1000);
        const key = `common-${ada}`;
        const first = await redeem(server, ada, { key });
        const other = await redeem(server, bob, { key });
        expect([first.status, other.status, other.code]).toEqual([200, 422, 'idempotency_key_reused']);
        expect(other.text).not.toContain(String(first.body['redemption_id']));
        expect((await effects(server, bob)).debitCount).toBe(0);
        expect(isMarked(await redeem(server, ada, { key }))).toBe(true);
      },
    );

    it.skipIf(skip)('global: of two customers at once one has the key', async () => {
      const ada = await serveBy({ keyScope: 'global' });
      const { id: bob } = await customerWith(server, 1000);
      const key = `raced-${ada}`;
      const answers = await Promise.all([ada, bob].map((id) => redeem(server, id, { key })));
      expect(answers.map(({ status }) => status).toSorted((one, two) => one - two)).toEqual([200, 422]);
    });

    it.skipIf(skip)('customer: the same key is two redemptions', async () => {
      const ada = await serveBy({});
      const { id: bob } = await customerWith(server, 1000);
      const answers = await Promise.all([ada, bob].map((id) => redeem(server, id, { key: `own-${ada}` })));
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    });
  });

  describe('fingerprint', () => {
    const writings = (id: string) => [
      JSON.stringify({ customer_id: id, reward_id: 'reward_coffee', points_amount: 120 }),
      JSON.stringify({ points_amount: 120, reward_id: 'reward_coffee', customer_id: id }),
    ];

    it.skipIf(skip).each([
      ['members', 200],
      ['bytes', 422],
      ['none', 200],
    ] as const)('%s: another writing is answered %i', async (fingerprint, status) => {
      const id = await serveBy({ fingerprint });
      const answers = [];
      for (const body of writings(id)) answers.push(await redeemRaw(server, body, { key: 'k' }));
      expect(answers.map((answer) => answer.status)).toEqual([200, status]);
      expect((await redeemRaw(server, writings(id)[0] ?? '', { key: 'k' })).status).toBe(200);
      expect((await effects(server, id)).debitCount).toBe(1);
    });

    it.skipIf(skip)('bytes: what is no JSON is a bad body as ever', async () => {
      const id = await serveBy({ fingerprint: 'bytes' });
      expect((await redeemRaw(server, '{"customer_id":', { key: 'k' })).status).toBe(400);
      expect((await effects(server, id)).debitCount).toBe(0);
    });

    it.skipIf(skip)('none: another payload is answered with the first redemption', async () => {
      const id = await serveBy({ fingerprint: 'none' });
      const first = await redeem(server, id, { key: 'k' });
      const other = await redeem(server, id, { key: 'k', points: 300 });
      expect([other.status, other.text, isMarked(other)]).toEqual([200, first.text, true]);
      expect((await effects(server, id)).balance).toBe(880);
    });

    it.skipIf(skip)('none: who takes a lapsed claim over goes on with what it was made for', async () => {
      const id = await serveBy({ fingerprint: 'none' }, { leaseMs: 100 });
      await arm(server, { point: 'after-claim', action: 'pause', pause_ms: 400, customer_id: id });
      const first = redeem(server, id, { key: 'k' });
      await until(async () => (await redeem(server, id, { key: 'k', points: 300 })).status === 200);
      expect((await first).body['points_amount']).toBe(120);
      expect(await effects(server, id)).toMatchObject({ balance: 880, debitCount: 1, rewardCount: 1 });
    });
  });

  describe('waitsFirst', () => {
    const overlapping = async (id: string, pauseMs: number) => {
      await arm(server, { point: 'after-debit', action: 'pause', pause_ms: pauseMs, customer_id: id });
      const first = redeem(server, id, { key: 'k' });
      await until(async () => (await effects(server, id)).debitCount === 1);
      const startedAt = performance.now();
      const second = await redeem(server, id, { key: 'k' });
      const tookMs = performance.now() - startedAt;
      return { first: await first, second, tookMs };
    };

    it.skipIf(skip)('replays when the first attempt ends in time', async () => {
      const id = await serveBy({ waitsFirst: true });
      const { first, second } = await overlapping(id, 200);
      expect([second.status, second.text, isMarked(second)]).toEqual([200, first.text, true]);
    });

    it.skipIf(skip)('refuses as in flight when it does not, and not at once', async () => {
      const id = await serveBy({ waitsFirst: true }, { waitMs: 100 });
      const { second, tookMs } = await overlapping(id, 1500);
      expect([second.status, second.code]).toEqual([409, 'redemption_in_progress']);
      expect(tookMs).toBeGreaterThanOrEqual(80);
    });
  });

  it.skipIf(skip)('tryAgain: each new key is asked once to come back, whoever asks', async () => {
    const id = await serveBy({ tryAgain: { statuses: [429], max: 1, withinMs: 1000 } });
    const both = await Promise.all([1, 2].map(() => redeem(server, id, { key: 'k' })));
    expect(both.filter(({ status }) => status === 429)).toHaveLength(1);
    expect(both.find(({ status }) => status === 429)?.headers['retry-after']).toBe('1');
    expect((await redeem(server, id, { key: 'k' })).status).toBe(200);
    expect((await redeem(server, id, { key: 'another' })).status).toBe(429);
    expect((await effects(server, id)).debitCount).toBe(1);
  });

  it.skipIf(skip)('replayState latest: a replay shows the balance as it is by now', async () => {
    const id = await serveBy({ replayState: 'latest' });
    const first = await redeem(server, id, { key: 'k' });
    await credit(server, id, 500);
    const again = await redeem(server, id, { key: 'k' });
    expect(again.body).toEqual({ ...first.body, balance_after: 1380 });
    expect(isMarked(again)).toBe(true);
  });

  describe('storesRefusals', () => {
    const refusedTwice = async (rows: Partial<Contract>) => {
      const id = await serveBy(rows);
      await redeem(server, id, { key: 'k', clientId: 'c' });
      const duplicates = [];
      for (let time = 0; time < 2; time++)
        duplicates.push(await redeem(server, id, { key: 'k2', clientId: 'c' }));
      const unknown = [];
      for (let time = 0; time < 2; time++)
        unknown.push(await redeem(server, id, { key: 'k3', reward: 'reward_none' }));
      const other = await redeem(server, id, { key: 'k3', points: 300 });
      return { duplicates, unknown, other, debits: (await effects(server, id)).debitCount };
    };

    it.skipIf(skip)('a stored refusal is replayed, byte for byte, and its key is taken', async () => {
      const { duplicates, unknown, other, debits } = await refusedTwice({ storesRefusals: true });
      for (const [first, again] of [duplicates, unknown]) {
        expect(again?.text).toBe(first?.text);
        expect([first, again].map((answer) => answer && isMarked(answer))).toEqual([false, true]);
      }
      expect(duplicates[0]?.status).toBe(409);
      expect([other.code, debits]).toEqual(['idempotency_key_reused', 1]);
    });

    it.skipIf(skip)('one that is not stored leaves its key free', async () => {
      const { duplicates, unknown, other, debits } = await refusedTwice({});
      expect([...duplicates, ...unknown].some(isMarked)).toBe(false);
      expect([other.status, debits]).toEqual([200, 2]);
    });
  });

  it.skipIf(skip).each([
    ['acceptance', DAYS_7 - 1, 409],
    ['acceptance', DAYS_7, 200],
    ['expiry', DAY_MS + DAYS_7 - 1, 409],
    ['expiry', DAY_MS + DAYS_7, 200],
  ] as const)(
    'tombstoneFrom %s: at age %i an old key is answered %i',
    async (tombstoneFrom, ageMs, status) => {
      const id = await serveBy({ tombstoneFrom, duplicateWindowMs: 0 });
      await clock(server, id, { frozen: true });
      await redeem(server, id, { key: 'k' });
      await clock(server, id, { advance_ms: ageMs });
      expect((await redeem(server, id, { key: 'k' })).status).toBe(status);
    },
  );

  it.skipIf(skip)('leaseMs: work that takes longer is taken over', async () => {
    const options = parseOptions(['--contract', '{"leaseMs":100}', '--token', 't']);
    const leaseMs = typeof options === 'string' ? 0 : options.leaseMs;
    expect(leaseMs).toBe(100);
    const id = await serveBy({ leaseMs }, { leaseMs });
    await arm(server, { point: 'after-claim', action: 'pause', pause_ms: 1000, customer_id: id });
    const order: string[] = [];
    const first = redeem(server, id, { key: 'k' }).then((answer) => (order.push('first'), answer));
    await until(async () => (await redeem(server, id, { key: 'k' })).status === 200);
    order.push('second');
    expect((await first).status).toBe(200);
    expect([order, (await effects(server, id)).debitCount]).toEqual([['second', 'first'], 1]);
  });

  describe('duplicateIntent replay', () => {
    it.skipIf(skip)('a second key is answered with the original, and made it once', async () => {
      const id = await serveBy({ duplicateIntent: 'replay' });
      const first = await redeem(server, id, { key: 'k', clientId: 'c' });
      for (let time = 0; time < 2; time++) {
        const other = await redeem(server, id, { key: 'k2', clientId: 'c' });
        expect([other.status, other.text, isMarked(other)]).toEqual([200, first.text, true]);
      }
      expect((await effects(server, id)).debitCount).toBe(1);
    });

    it.skipIf(skip)('the second key is bound to its payload from then on', async () => {
      const id = await serveBy({ duplicateIntent: 'replay' });
      await redeem(server, id, { key: 'k', clientId: 'c' });
      await redeem(server, id, { key: 'k2', clientId: 'c' });
      expect((await redeem(server, id, { key: 'k2', points: 300 })).code).toBe('idempotency_key_reused');
      expect((await effects(server, id)).debitCount).toBe(1);
    });

    it.skipIf(skip)('a name that another payload has shows nothing of it', async () => {
      const id = await serveBy({ duplicateIntent: 'replay' });
      const first = await redeem(server, id, { key: 'k', clientId: 'c' });
      const other = await redeem(server, id, { key: 'k2', clientId: 'c', points: 300 });
      expect(other.code).toBe('idempotency_key_reused');
      expect(other.text).not.toContain(String(first.body['redemption_id']));
    });

    it.skipIf(skip)('after the tombstone the old key is answered with the original, too', async () => {
      const id = await serveBy({ duplicateIntent: 'replay' });
      const first = await redeem(server, id, { key: 'k', clientId: 'c' });
      await clock(server, id, { advance_ms: DAYS_7 });
      const again = await redeem(server, id, { key: 'k', clientId: 'c' });
      expect([again.status, again.text]).toEqual([200, first.text]);
    });
  });

  it.skipIf(skip)('clockScope common: a move of one clock ages the keys of all', async () => {
    const ada = await serveBy({ clockScope: 'common' });
    const { id: bob } = await customerWith(server, 1000);
    await redeem(server, bob, { key: 'k' });
    try {
      await clock(server, ada, { advance_ms: DAY_MS });
      expect((await redeem(server, bob, { key: 'k' })).code).toBe('idempotency_key_expired');
      const { id: late } = await customerWith(server, 1000);
      await redeem(server, late, { key: 'k' });
      await clock(server, ada, { advance_ms: DAY_MS - 1 });
      expect((await redeem(server, late, { key: 'k' })).status).toBe(200);
      await clock(server, bob, { frozen: false });
      expect((await clock(server, late, { frozen: true })).body['now_ms']).toBeGreaterThan(
        Date.now() + DAY_MS,
      );
    } finally {
      // The store is all tests': its time is put right again.
      await clock(server, ada, { now_ms: Date.now(), frozen: false });
    }
  });

  it.skipIf(skip)("without that row a customer's clock is its own", async () => {
    const ada = await serveBy({});
    const { id: bob } = await customerWith(server, 1000);
    await redeem(server, bob, { key: 'k' });
    await clock(server, ada, { advance_ms: DAY_MS });
    expect((await redeem(server, bob, { key: 'k' })).status).toBe(200);
  });
});
