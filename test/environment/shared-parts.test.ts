import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  findToxiproxy,
  startToxiproxy,
  ToxiproxyDriver,
  type RunningToxiproxy,
} from '../../harness/chaos/toxiproxy.ts';
import { startEnvironment } from '../../harness/environment/environment.ts';
import { Keeper } from '../../harness/environment/keeper.ts';
import { findRedisServer, startRedis } from '../../harness/environment/redis.ts';
import { ask } from '../../harness/environment/hooks-client.ts';
import { isAlive, optionsFor, provision, redeem, testFolder } from './support.ts';

const folder = testFolder();
const isThere = findRedisServer() !== undefined && findToxiproxy() !== undefined;
const why = isThere ? '' : ' (skipped: redis-server or toxiproxy-server is not installed)';

describe.skipIf(!isThere)(`on a Redis and a Toxiproxy that were there before us${why}`, () => {
  let keeper: Keeper;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let toxiproxy: RunningToxiproxy;
  let client: Redis;
  beforeAll(async () => {
    keeper = new Keeper(`${folder}/theirs`);
    redis = await startRedis({ keeper, onLog: () => {} });
    toxiproxy = await startToxiproxy(findToxiproxy() ?? '');
    keeper.addChild('toxiproxy', toxiproxy.pid);
    client = new Redis(redis.url);
    await client.set('theirs', 'kept');
    const others = new ToxiproxyDriver({ url: toxiproxy.url, prefix: 'onceproof-mine-2.' });
    await others.create({ name: 'replica-1', upstream: '127.0.0.1:9' });
    await others.addToxic('replica-1', { type: 'latency', attributes: { latency: 5 } });
    await others.setEnabled('replica-1', false);
  });
  afterAll(async () => {
    client.disconnect();
    await toxiproxy.stop();
    await redis.close();
    await keeper.close();
  });

  const proxiesThere = async (): Promise<unknown> =>
    JSON.parse((await ask({ method: 'GET', url: `${toxiproxy.url}/proxies`, timeoutMs: 5000 })).body);

  test('a run leaves its own names behind nowhere, and theirs as they were', async () => {
    const proxiesBefore = await proxiesThere();
    const environment = await startEnvironment(
      optionsFor(folder, { store: redis.url, proxy: toxiproxy.url, runId: 'mine' }),
    );
    try {
      expect(environment.describe()).toMatchObject({
        store: expect.stringMatching(/^redis \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+$/) as string,
        proxy: expect.stringMatching(/^toxiproxy .* at http:\/\/127\.0\.0\.1:\d+$/) as string,
      });
      await provision(environment, 'ann', 1000);
      expect((await redeem(environment, 'ann', 'key-1')).status).toBe(200);
      const keys = await client.keys('*');
      expect(keys.length).toBeGreaterThan(1);
      expect(keys.filter((key) => !key.startsWith('onceproof-mine:'))).toEqual(['theirs']);
      expect(Object.keys((await proxiesThere()) as object).toSorted()).toEqual([
        'onceproof-mine-2.replica-1',
        'onceproof-mine.replica-1',
        'onceproof-mine.replica-2',
        'onceproof-mine.store-1',
        'onceproof-mine.store-2',
      ]);
      // Neither is a process of ours.
      await environment.store.kill();
      environment.store.pause();
      expect(await client.ping()).toBe('PONG');
    } finally {
      await environment.close();
    }
    expect(await client.keys('*')).toEqual(['theirs']);
    expect(await proxiesThere()).toEqual(proxiesBefore);
    expect(isAlive(toxiproxy.pid)).toBe(true);
  });
});
