import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEnvironment } from '../../harness/environment/environment.ts';
import { findRedisServer } from '../../harness/environment/redis.ts';
import { until } from '../../harness/environment/store.ts';
import type { Environment } from '../../harness/environment/types.ts';
import type { TimedFault } from '../../harness/faults/timed-fault.ts';
import {
  balanceOf,
  isAlive,
  isListening,
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

describe.skipIf(!hasRedis)(`two replica processes on a Redis of our own${why}`, () => {
  let environment: Environment;
  beforeAll(async () => {
    environment = await startEnvironment(optionsFor(folder, { store: 'redis' }));
  });
  afterAll(() => environment.close());

  /** Starts the fault, does `meanwhile` once it is told, heals, and sees that everything works again. */
  async function carriedOut(
    fault: TimedFault,
    meanwhile: (watched: Watched) => Promise<void> = async () => {},
  ): Promise<readonly string[]> {
    const watched = startNemesis(environment, scheduleOf([fault]));
    await watched.seen(1);
    await meanwhile(watched);
    await watched.nemesis.heal();
    expect(watched.nemesis.problems).toEqual([]);
    expect(await leftovers(environment)).toEqual([]);
    expect(await environment.waitReady(1)).toBe(true);
    const customer = `after-${fault.where}-${fault.action}`;
    await provision(environment, customer, 1000);
    for (const key of ['a', 'b', 'c', 'd'])
      expect((await redeem(environment, customer, `${customer}-${key}`)).status).toBe(200);
    expect(await balanceOf(environment, customer)).toBe(1000 - 4 * 120);
    return shown(watched.events);
  }

  test('a killed replica is another process on the same port after heal', async () => {
    const [replica] = environment.replicas;
    const { url } = replica ?? { url: '' };
    const pid = replica?.pid() ?? 0;
    const events = await carriedOut(endless({ action: 'kill', where: 'replica', replica: 1 }), async () => {
      expect(await until(async () => !isAlive(pid), 10_000)).toBe(true);
      expect(await isListening(url)).toBe(false);
    });
    expect(events).toEqual(['start kill (server) replica-1', 'end kill (server) replica-1']);
    expect(replica?.url).toBe(url);
    expect(replica?.pid()).not.toBe(pid);
  });

  test('a restarted replica answers what is in flight, and is another process on the same port', async () => {
    const [replica] = environment.replicas;
    const pid = replica?.pid() ?? 0;
    const events = await carriedOut(
      endless({ action: 'restart', where: 'replica', replica: 1 }),
      async () => {
        expect(await until(async () => !isAlive(pid), 10_000)).toBe(true);
        expect(await isListening(replica?.url ?? '')).toBe(false);
      },
    );
    expect(events).toEqual(['start restart (server) replica-1', 'end restart (server) replica-1']);
    expect(replica?.pid()).not.toBe(pid);
  });

  test('a rolling restart ends one replica after the other, each once the one before is ready', async () => {
    const pids = environment.replicas.map((replica) => replica.pid());
    const seen: string[] = [];
    const watch = setInterval(() => {
      const up = environment.replicas.map((replica) => (replica.isUp() ? 'up' : 'down')).join(' ');
      if (seen.at(-1) !== up) seen.push(up);
    }, 1);
    const fault = endless({ action: 'rolling-restart', where: 'replica', durationMs: 50 });
    const events = await carriedOut(fault, async ({ seen: wait }) => {
      expect(await wait(2)).toBe(true);
    });
    clearInterval(watch);
    expect(events).toEqual([
      'start rolling-restart (server) replicas',
      'end rolling-restart (server) replicas',
    ]);
    expect(seen).toEqual(['up up', 'down up', 'up up', 'up down', 'up up']);
    for (const [index, replica] of environment.replicas.entries())
      expect(replica.pid()).not.toBe(pids[index]);
  });

  test('a stopped replica goes on where it stood', async () => {
    const pid = environment.replicas[1]?.pid();
    const events = await carriedOut(endless({ action: 'pause', where: 'replica', replica: 2 }));
    expect(events).toEqual(['start pause (server) replica-2', 'end pause (server) replica-2']);
    expect(environment.replicas[1]?.pid()).toBe(pid);
  });

  test('a killed Redis comes back with what was acknowledged', async () => {
    await provision(environment, 'before-kill', 1000);
    expect((await redeem(environment, 'before-kill', 'before-kill-1')).status).toBe(200);
    const events = await carriedOut(endless({ action: 'kill', where: 'store' }), async () => {
      expect(await until(async () => !environment.store.isUp(), 10_000)).toBe(true);
    });
    expect(events).toEqual(['start kill (store) store', 'end kill (store) store']);
    expect(await balanceOf(environment, 'before-kill')).toBe(880);
    const replayed = await redeem(environment, 'before-kill', 'before-kill-1', 'bk.2');
    expect(replayed.status).toBe(200);
    expect(await balanceOf(environment, 'before-kill')).toBe(880);
  });

  test('a stopped Redis goes on', async () => {
    expect(await carriedOut(endless({ action: 'pause', where: 'store' }))).toEqual([
      'start pause (store) store',
      'end pause (store) store',
    ]);
  });

  test.each([
    ['latency', { latency: 20, jitter: 5 }],
    ['bandwidth', { rate: 20 }],
    ['slicer', { average_size: 16, size_variation: 4, delay: 100 }],
    ['reset_peer', { timeout: 0 }],
    ['limit_data', { bytes: 100 }],
    ['timeout', { timeout: 0 }],
    ['down', {}],
  ] as const)(
    '%s between a replica and Redis is healed once the replica has found its store again',
    async (action, detail) => {
      const events = await carriedOut(endless({ action, where: 'store-path', replica: 2, detail }));
      expect(events).toEqual([`start ${action} (store-path) store-2`, `end ${action} (store-path) store-2`]);
    },
  );

  test('an armed crash is a real SIGKILL, told with start and end, and the retry finishes the redemption once', async () => {
    const toxic = {
      name: 'crash',
      type: 'http_arm',
      attributes: { rule: 'crash', attempts: [1], point: 'after-debit', action: 'crash' },
    };
    const pids = environment.replicas.map((replica) => replica.pid());
    const { nemesis, events, seen } = startNemesis(environment, scheduleOf([], [{ kind: 'server', toxic }]));
    await provision(environment, 'crashed', 1000);
    expect(await redeemUntilDone(environment, 'crashed', 'key-crashed')).toBeGreaterThan(1);
    await seen(2);
    await nemesis.heal();
    expect(events.map(({ phase, name, kind }) => `${phase} ${name} (${kind})`)).toEqual([
      'start crash:after-debit (server)',
      'end crash:after-debit (server)',
    ]);
    const changed = environment.replicas.filter((replica, index) => replica.pid() !== pids[index]);
    expect(changed.map(({ index }) => `replica-${index}`)).toEqual([events[0]?.target]);
    expect(await balanceOf(environment, 'crashed')).toBe(880);
  });

  test('a process that dies without being told to is told as a fault, and comes back by itself', async () => {
    const { nemesis, events, seen } = startNemesis(environment, scheduleOf([]));
    process.kill(environment.replicas[0]?.pid() ?? 0, 'SIGKILL');
    expect(await seen(2)).toBe(true);
    await nemesis.heal();
    expect(shown(events)).toEqual(['start exit (server) replica-1', 'end exit (server) replica-1']);
    expect(events[0]?.detail).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('heal in the middle of everything at once leaves nothing', async () => {
    const { nemesis, events, seen } = startNemesis(
      environment,
      scheduleOf([
        endless({ id: 'a', action: 'pause', where: 'replica', replica: 1, overlap: true }),
        endless({ id: 'b', action: 'latency', where: 'edge', replica: 2, detail: { latency: 10 } }),
        endless({ id: 'c', action: 'down', where: 'edge', replica: 1, overlap: true }),
        endless({
          id: 'd',
          action: 'timeout',
          where: 'store-path',
          replica: 2,
          detail: { timeout: 0 },
          overlap: true,
        }),
        endless({ id: 'e', action: 'kill', where: 'store', overlap: true }),
      ]),
    );
    await seen(5);
    await Promise.all([nemesis.heal(), nemesis.heal()]);
    expect(
      events
        .filter(({ phase }) => phase === 'start')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(
      events
        .filter(({ phase }) => phase === 'end')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await leftovers(environment)).toEqual([]);
    expect(await environment.waitReady(1)).toBe(true);
  });
});

describe.skipIf(!hasRedis)(`after close${why}`, () => {
  test('no replica, Redis, port or proxy is left, even with faults still on', async () => {
    const environment = await startEnvironment(optionsFor(`${folder}/closing`, { store: 'redis' }));
    const pids = [...environment.replicas.map((replica) => replica.pid() ?? 0), environment.store.pid() ?? 0];
    const urls = [
      environment.baseUrl,
      environment.hooksUrl ?? '',
      ...environment.directUrls,
      ...environment.hooksUrls,
    ];
    environment.store.pause();
    environment.replicas[0]?.pause();
    await environment.driver.setEnabled('replica-2', false);
    await environment.close();
    expect(pids.map(isAlive)).toEqual([false, false, false]);
    expect(await Promise.all(urls.map(isListening))).toEqual(urls.map(() => false));
    expect(await environment.driver.list()).toEqual([]);
  });
});
