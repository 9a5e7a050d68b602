import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import type { Persistence } from '../../harness/environment/persistence.ts';
import { Keeper } from '../../harness/environment/keeper.ts';
import { findRedisServer, startRedis } from '../../harness/environment/redis.ts';
import { until } from '../../harness/environment/store.ts';
import { isAlive, testFolder } from './support.ts';

const folder = testFolder();
const hasRedis = findRedisServer() !== undefined;
const why = hasRedis ? '' : ' (skipped: redis-server is not installed)';

type OwnRedis = Awaited<ReturnType<typeof startRedis>>;

describe.skipIf(!hasRedis)(`what a Redis of our own loses${why}`, () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  async function redisWith(persistence: Persistence): Promise<OwnRedis> {
    const keeper = new Keeper(`${folder}/${persistence}`);
    ends.push(() => keeper.close());
    const store = await startRedis({ keeper, persistence, onLog: () => {} });
    ends.push(() => store.close());
    return store;
  }

  /** 200 writes, each acknowledged. */
  async function write(store: OwnRedis, name: string): Promise<void> {
    await withClient(store, async (redis) => {
      await Promise.all(Array.from({ length: 200 }, (_, n) => redis.set(`${name}:${n}`, n)));
    });
  }

  async function count(store: OwnRedis, name: string): Promise<number> {
    return withClient(store, async (redis) => (await redis.keys(`${name}:*`)).length);
  }

  test('its description says what it keeps', async () => {
    expect((await redisWith('everysec')).description).toMatch(
      /^redis \S+ \(own process, synced to disk once a second\)$/,
    );
    expect((await redisWith('none')).description).toMatch(
      /^redis \S+ \(own process, keeps nothing on disk\)$/,
    );
  });

  test.each([
    ['always', 200],
    ['everysec', 200],
    ['none', 0],
  ] as const)('killed, with %s: %i of 200 writes are there', async (persistence, left) => {
    const store = await redisWith(persistence);
    await write(store, 'kept');
    await store.kill();
    await store.restart();
    expect(await count(store, 'kept')).toBe(left);
  });

  test('without power, synced once a second: what was synced is there, what came after it is not', async () => {
    const store = await redisWith('everysec');
    await write(store, 'synced');
    const written = performance.now();
    // A sync that began after the writes.
    const isSynced = async (): Promise<boolean> => store.redis.sinceSyncMs() < performance.now() - written;
    expect(await until(isSynced, 20_000)).toBe(true);
    const pid = store.pid() ?? 0;
    for (let tries = 1; ; tries++) {
      const from = performance.now();
      await write(store, `late-${tries}`);
      const sinceMs = store.redis.sinceSyncMs();
      // On a busy machine a sync may have come meanwhile: then once more.
      if (sinceMs < performance.now() - from) continue;
      await store.redis.losePower();
      expect([store.isUp(), isAlive(pid)]).toEqual([false, false]);
      await store.restart();
      expect(await count(store, 'synced')).toBe(200);
      expect(await count(store, `late-${tries}`)).toBeLessThan(200);
      return;
    }
  });

  test('without power, each write synced: nothing that was acknowledged is lost', async () => {
    const store = await redisWith('always');
    await write(store, 'kept');
    await store.redis.losePower();
    await store.restart();
    expect(await count(store, 'kept')).toBe(200);
  });

  test('with an empty disk it begins anew, and keeps what comes then', async () => {
    const store = await redisWith('always');
    await write(store, 'lost');
    await store.redis.loseDisk();
    await store.restart();
    expect(await count(store, 'lost')).toBe(0);
    await write(store, 'kept');
    await store.kill();
    await store.restart();
    expect(await count(store, 'kept')).toBe(200);
  });

  test('evicted: about the share that was asked for, and none once memory is free again', async () => {
    const store = await redisWith('always');
    await write(store, 'maybe');
    await store.redis.evict(50);
    const left = await count(store, 'maybe');
    expect(left).toBeLessThanOrEqual(100);
    await store.redis.freeMemory();
    await write(store, 'kept');
    expect(await count(store, 'kept')).toBe(200);
  });

  test('out of memory it refuses a write and answers a read; freed it writes again', async () => {
    const store = await redisWith('always');
    await write(store, 'kept');
    await store.redis.fillMemory();
    await expect(write(store, 'more')).rejects.toThrow(/^OOM /);
    expect(await count(store, 'kept')).toBe(200);
    await store.redis.freeMemory();
    await write(store, 'more');
    expect(await count(store, 'more')).toBe(200);
  });

  test.each(['always', 'everysec', 'none'] as const)(
    'failed over to one that lags, with %s: same address, everything up to the cut, nothing after it',
    async (persistence) => {
      const store = await redisWith(persistence);
      const pid = store.pid() ?? 0;
      await write(store, 'copied');
      await store.redis.startLagging();
      await write(store, 'late');
      expect(await count(store, 'late')).toBe(200);
      await store.redis.failOver();
      expect([await count(store, 'copied'), await count(store, 'late')]).toEqual([200, 0]);
      expect([isAlive(pid), store.pid() === pid]).toEqual([false, false]);
      await write(store, 'new');
      await store.kill();
      await store.restart();
      const isKept = persistence !== 'none';
      expect([await count(store, 'copied'), await count(store, 'new')]).toEqual(isKept ? [200, 200] : [0, 0]);
    },
  );

  test('while it loads it says -LOADING, and then it has everything', async () => {
    const store = await redisWith('always');
    await write(store, 'kept');
    await store.redis.reload(2000);
    const isLoading = async (): Promise<boolean> =>
      withClient(store, (redis) => redis.get('kept:1')).then(
        () => false,
        (error: unknown) => error instanceof Error && error.message.startsWith('LOADING '),
      );
    expect(await until(isLoading, 10_000, 1)).toBe(true);
    await store.restart();
    expect(await count(store, 'kept')).toBe(200);
  });
});

/** No ready check: it would hide -LOADING. */
async function withClient<T>({ url }: OwnRedis, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
