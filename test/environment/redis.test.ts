import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openForeignRedis, redisAddress, redisUrlAt } from '../../harness/environment/foreign-redis.ts';
import { Keeper } from '../../harness/environment/keeper.ts';
import { isFree } from '../../harness/environment/ports.ts';
import { findRedisServer, startRedis } from '../../harness/environment/redis.ts';
import { isAlive, testFolder } from './support.ts';

const folder = testFolder();
const hasRedis = findRedisServer() !== undefined;
const why = hasRedis ? '' : ' (skipped: redis-server is not installed)';

async function withClient<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

describe.skipIf(!hasRedis)(`a Redis of our own${why}`, () => {
  let keeper: Keeper;
  let store: Awaited<ReturnType<typeof startRedis>>;

  beforeAll(async () => {
    keeper = new Keeper(folder);
    store = await startRedis({ keeper, onLog: () => {} });
  });
  afterAll(async () => {
    await store.close();
    await keeper.close();
  });

  test('syncs every write to its append-only file, takes no snapshots, listens on loopback only', async () => {
    const settings = await withClient(store.url, async (redis) => {
      const names = ['appendonly', 'appendfsync', 'save', 'bind', 'protected-mode'];
      return Promise.all(names.map((name) => redis.config('GET', name)));
    });
    expect(settings).toEqual([
      ['appendonly', 'yes'],
      ['appendfsync', 'always'],
      ['save', ''],
      ['bind', '127.0.0.1'],
      ['protected-mode', 'yes'],
    ]);
    expect(store.description).toMatch(/^redis \d+\.\d+\.\d+ \(own process\)$/);
  });

  test('after kill -9 it comes back on the same port with everything that was acknowledged', async () => {
    await withClient(store.url, async (redis) => {
      await Promise.all(Array.from({ length: 500 }, (_, n) => redis.set(`kept:${n}`, n)));
    });
    const pid = store.pid();
    await store.kill();
    expect([store.isUp(), store.pid(), isAlive(pid ?? 0)]).toEqual([false, undefined, false]);
    await store.restart();
    expect(store.isUp()).toBe(true);
    expect(store.pid()).not.toBe(pid);
    expect(await withClient(store.url, (redis) => redis.keys('kept:*'))).toHaveLength(500);
  });

  test('paused it answers nothing; resumed it answers what was asked meanwhile', async () => {
    await withClient(store.url, async (redis) => {
      expect(await redis.ping()).toBe('PONG');
      store.pause();
      const late = redis.ping();
      const answered = await Promise.race([late, new Promise((done) => setTimeout(done, 200, 'nothing'))]);
      expect(answered).toBe('nothing');
      store.resume();
      expect(await late).toBe('PONG');
    });
  });

  test('a restart of one that runs does nothing', async () => {
    const pid = store.pid();
    await store.restart();
    expect(store.pid()).toBe(pid);
  });

  test('a kill while it is paused ends it', async () => {
    store.pause();
    await store.kill();
    expect(store.isUp()).toBe(false);
    await store.restart();
    expect(await withClient(store.url, (redis) => redis.keys('kept:*'))).toHaveLength(500);
  });

  test('after close there is no process, no port and no data folder', async () => {
    const other = new Keeper(`${folder}/other`);
    const short = await startRedis({ keeper: other, onLog: () => {} });
    const pid = short.pid() ?? 0;
    const answer: unknown = await withClient(short.url, (redis) => redis.config('GET', 'dir'));
    const data = Array.isArray(answer) ? String(answer[1]) : '';
    expect(existsSync(data)).toBe(true);
    await short.close();
    await other.close();
    expect(isAlive(pid)).toBe(false);
    expect(await isFree(Number(new URL(short.url).port))).toBe(true);
    expect([existsSync(data), existsSync(`${folder}/other/run.json`)]).toEqual([false, false]);
  });
});

describe.skipIf(!hasRedis)(`a Redis that was there before us${why}`, () => {
  test('loses our keys at the end, and keeps everything else', async () => {
    const keeper = new Keeper(`${folder}/foreign`);
    const theirs = await startRedis({ keeper, onLog: () => {} });
    try {
      await withClient(theirs.url, async (redis) => {
        await redis.set('theirs', 1);
        // The prefix's own sign must not be read as a pattern.
        await redis.set('onceproof-aXb:{c}', 1);
        await redis.mset(Array.from({ length: 2500 }, (_, n) => [`onceproof-a*b:{c${n}}`, String(n)]).flat());
      });
      const handle = await openForeignRedis(theirs.url, 'onceproof-a*b:');
      expect(handle.pid()).toBeUndefined();
      await handle.kill();
      await handle.close();
      expect((await withClient(theirs.url, (redis) => redis.keys('*'))).toSorted()).toEqual([
        'onceproof-aXb:{c}',
        'theirs',
      ]);
    } finally {
      await theirs.close();
      await keeper.close();
    }
  });
});

describe('a Redis URL', () => {
  test('keeps its credentials and database when it is led through a proxy', () => {
    expect(redisUrlAt('redis://user:secret@db.example:6380/3?cluster=true', '127.0.0.1:1234')).toBe(
      'redis://user:secret@127.0.0.1:1234/3?cluster=true',
    );
  });

  test('has 6379 as its port where it names none', () => {
    expect(redisAddress('redis://db.example')).toBe('db.example:6379');
  });

  test.each(['http://db.example', 'redis', 'redis://'])('%s is refused', (url) => {
    expect(() => redisAddress(url)).toThrow('--store: no such store');
  });
});
