import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  findToxiproxy,
  startToxiproxy,
  type RunningToxiproxy,
} from '../../harness/proxy/toxiproxy-process.ts';
import { ToxiproxyDriver } from '../../harness/proxy/toxiproxy.ts';
import { cleanUpStale } from '../../harness/environment/clean-up.ts';
import { startEnvironment } from '../../harness/environment/environment.ts';
import { Keeper } from '../../harness/environment/keeper.ts';
import { findRedisServer, startRedis } from '../../harness/environment/redis.ts';
import { RUN_FILE } from '../../harness/environment/run-file.ts';
import { packageRoot } from '../../harness/base/program.ts';
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

  test('a run that is killed leaves its names there; the next start removes exactly those', async () => {
    const proxiesBefore = await proxiesThere();
    // Another run's, which lives: its name only begins alike.
    await client.set('onceproof-killed-2:kept', 'kept');
    const workDir = join(folder, 'killed', 'run');
    mkdirSync(workDir, { recursive: true });
    const script = join(import.meta.dirname, 'victim.ts');
    const victim = spawn(
      process.execPath,
      ['--import', 'tsx', script, workDir, redis.url, toxiproxy.url, 'killed', 'killed'],
      { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'ignore'] },
    );
    await once(createInterface({ input: victim.stdout }), 'line');
    const proxies = new ToxiproxyDriver({ url: toxiproxy.url, prefix: 'onceproof-killed.' });
    // In the middle of faults: one path is cut, another slow.
    await proxies.setEnabled('store-1', false);
    await proxies.addToxic('replica-2', { type: 'latency', attributes: { latency: 50 } });
    await client.mset(Array.from({ length: 2500 }, (_, n) => [`onceproof-killed:{c${n}}`, String(n)]).flat());
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    expect(await proxies.list()).toHaveLength(4);

    const lines: string[] = [];
    const [leftover] = await cleanUpStale(join(folder, 'killed'), (line) => lines.push(line));
    expect(leftover).toMatchObject({ left: [] });
    expect(leftover?.foreign).toEqual([
      `4 proxies at ${toxiproxy.url}`,
      expect.stringMatching(/^25\d\d keys at 127\.0\.0\.1:\d+$/),
    ]);
    expect(lines).toEqual([expect.stringContaining(`removed 4 proxies at ${toxiproxy.url}, 25`)]);
    expect((await client.keys('*')).toSorted()).toEqual(['onceproof-killed-2:kept', 'theirs']);
    expect(await proxiesThere()).toEqual(proxiesBefore);
    expect(existsSync(join(workDir, RUN_FILE))).toBe(false);
    await client.del('onceproof-killed-2:kept');
  });

  test("an environment of one's own endpoint that is killed leaves its proxy there, and the next start removes it", async () => {
    const proxiesBefore = await proxiesThere();
    const workDir = join(folder, 'own', 'run');
    mkdirSync(workDir, { recursive: true });
    const own = JSON.stringify(join(packageRoot(), 'harness/environment/own.ts'));
    const options = { baseUrl: 'http://127.0.0.1:9', proxy: toxiproxy.url, seed: '1', runId: 'own', workDir };
    const code = `const { startOwnEnvironment } = await import(${own});
      await startOwnEnvironment(${JSON.stringify(options)});
      console.log('ready');
      setInterval(() => {}, 1e6);`;
    const victim = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      cwd: packageRoot(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: victim.stdout }), 'line');
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    const [leftover] = await cleanUpStale(join(folder, 'own'));
    expect(leftover).toMatchObject({ foreign: [`1 proxy at ${toxiproxy.url}`], left: [] });
    expect(await proxiesThere()).toEqual(proxiesBefore);
  });
});
