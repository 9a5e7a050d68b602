import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TimedFault } from '../../harness/faults/timed-fault.ts';
import { startEnvironment } from '../../harness/environment/environment.ts';
import { findRedisServer } from '../../harness/environment/redis.ts';
import { until } from '../../harness/environment/store.ts';
import type { Environment } from '../../harness/environment/types.ts';
import {
  balanceOf,
  optionsFor,
  provision,
  redeem,
  redeemUntilDone,
  testFolder,
} from '../environment/support.ts';
import { endless, leftovers, scheduleOf, shown, startNemesis, type Watched } from './nemesis-support.ts';

const folder = testFolder();
const hasRedis = findRedisServer() !== undefined;
const why = hasRedis ? '' : ' (skipped: redis-server is not installed)';
const STORE_TIMEOUT_MS = 400;

describe.skipIf(!hasRedis)(`what a Redis survives, and the server with it${why}`, () => {
  let environment: Environment;
  beforeAll(async () => {
    const options = optionsFor(folder, { store: 'redis', storeTimeoutMs: STORE_TIMEOUT_MS });
    environment = await startEnvironment(options);
  });
  afterAll(() => environment.close());

  /** A customer with a redemption from before, the fault, `meanwhile`, heal: everything acknowledged is there, once. */
  async function survived(
    fault: TimedFault,
    meanwhile: (customer: string, watched: Watched) => Promise<void>,
  ): Promise<readonly string[]> {
    const customer = `c-${fault.id.replace('#', '-')}`;
    await provision(environment, customer, 1000);
    expect((await redeem(environment, customer, `${customer}-before`)).status).toBe(200);
    const watched = startNemesis(environment, scheduleOf([fault]));
    await watched.seen(1);
    await meanwhile(customer, watched);
    await watched.nemesis.heal();
    expect(watched.nemesis.problems).toEqual([]);
    expect(await leftovers(environment)).toEqual([]);
    expect(await environment.waitReady(1)).toBe(true);
    expect((await redeem(environment, customer, `${customer}-before`, `${customer}.2`)).status).toBe(200);
    // Its first owner's lease may be on for a while.
    await redeemUntilDone(environment, customer, `${customer}-during`);
    expect(await balanceOf(environment, customer)).toBe(1000 - 2 * 120);
    return shown(watched.events);
  }

  async function storedBalance(customer: string): Promise<string | null> {
    const redis = new Redis(`redis://${environment.store.address ?? ''}`);
    try {
      const [key = ''] = await redis.keys(`*{${customer}}*acct`);
      return await redis.hget(key, 'balance');
    } finally {
      redis.disconnect();
    }
  }

  const told = (action: string): readonly string[] => [
    `start ${action} (store) store`,
    `end ${action} (store) store`,
  ];

  test('out of memory it refuses writes, and the server says 503 and debits nothing', async () => {
    const events = await survived(endless({ action: 'out-of-memory', where: 'store' }), async (customer) => {
      const isRefused = async (): Promise<boolean> =>
        (await redeem(environment, customer, `${customer}-during`)).status === 503;
      expect(await until(isRefused, 10_000)).toBe(true);
      // Reading needs no memory.
      expect(await balanceOf(environment, customer)).toBe(880);
    });
    expect(events).toEqual(told('out-of-memory'));
    expect(readFileSync(join(folder, 'server.log'), 'utf8')).toContain('redis: OOM command not allowed');
  });

  test('slow it is waited for, by every replica', async () => {
    const fault = endless({ action: 'slow', where: 'store', detail: { latency: 60 } });
    const events = await survived(fault, async (customer) => {
      const hasAll = async (): Promise<boolean> =>
        [...new Set(await leftovers(environment))].join() === 'slow#1 at store-1,slow#1 at store-2';
      expect(await until(hasAll, 10_000)).toBe(true);
      expect((await redeem(environment, customer, `${customer}-during`)).status).toBe(200);
    });
    expect(events).toEqual(told('slow'));
  });

  test("later than the server's time-out: the server says 503, the debit has happened, and the retry finds it", async () => {
    const detail = { latency: 50 * STORE_TIMEOUT_MS };
    const fault = endless({ id: 'late#1', action: 'slow', where: 'store', detail });
    const events = await survived(fault, async (customer) => {
      const hasAll = async (): Promise<boolean> => new Set(await leftovers(environment)).size === 2;
      expect(await until(hasAll, 10_000)).toBe(true);
      expect((await redeem(environment, customer, `${customer}-during`)).status).toBe(503);
      // Asked directly: the server's own way to it is slow.
      expect(await storedBalance(customer)).toBe('760');
    });
    expect(events).toEqual(told('slow'));
  });

  test('while it loads it says -LOADING, the server hears that and says 503', async () => {
    const log = (): string => readFileSync(join(folder, 'server.log'), 'utf8');
    const fault = endless({ action: 'loading', where: 'store', durationMs: 2000 });
    const events = await survived(fault, async (customer) => {
      const isHeard = async (): Promise<boolean> => {
        await redeem(environment, customer, `${customer}-during`).catch(() => {});
        return log().includes('redis: LOADING Redis is loading the dataset in memory');
      };
      expect(await until(isHeard, 20_000)).toBe(true);
    });
    expect(events).toEqual(told('loading'));
  });

  test('restarted in good order it has everything', async () => {
    const events = await survived(endless({ action: 'restart', where: 'store' }), async () => {
      expect(await until(async () => !environment.store.isUp(), 10_000)).toBe(true);
    });
    expect(events).toEqual(told('restart'));
  });

  test('without power it loses nothing, since it syncs each write before it says so', async () => {
    expect(await survived(endless({ action: 'power-loss', where: 'store' }), async () => {})).toEqual(
      told('power-loss'),
    );
  });
});

describe.skipIf(!hasRedis)(`what makes a store lose what it acknowledged${why}`, () => {
  test.each([
    ['lose-disk', {}],
    ['failover', {}],
    ['evict', { percent: 100 }],
  ] as const)('%s: the server goes on with what the store has left', async (action, detail) => {
    const own = optionsFor(join(folder, action), { store: 'redis' });
    const environment = await startEnvironment(own);
    try {
      await provision(environment, 'before', 1000);
      const { nemesis, events, seen } = startNemesis(
        environment,
        scheduleOf([endless({ action, where: 'store', detail })]),
      );
      await seen(1);
      await nemesis.heal();
      expect(nemesis.problems).toEqual([]);
      expect(shown(events)).toEqual([`start ${action} (store) store`, `end ${action} (store) store`]);
      // The lagging one has what came before its link was cut; what came after, redis-losses.test.ts shows.
      expect(await balanceOf(environment, 'before')).toBe(action === 'failover' ? 1000 : undefined);
      await provision(environment, 'new', 500);
      expect((await redeem(environment, 'new', 'new-1')).status).toBe(200);
      expect(await balanceOf(environment, 'new')).toBe(380);
    } finally {
      await environment.close();
    }
  });

  test('a memory store takes none of them', async () => {
    const environment = await startEnvironment(optionsFor(join(folder, 'memory'), { replicas: 1 }));
    try {
      const actions = ['power-loss', 'lose-disk', 'evict', 'failover', 'out-of-memory', 'loading'] as const;
      const faults = actions.map((action) => endless({ action, where: 'store' }));
      const { nemesis, events } = startNemesis(environment, scheduleOf(faults));
      await nemesis.heal();
      expect(events).toEqual([]);
    } finally {
      await environment.close();
    }
  });
});
