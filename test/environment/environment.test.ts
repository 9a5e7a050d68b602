import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEnvironment } from '../../harness/environment/environment.ts';
import { RUN_FILE } from '../../harness/environment/run-file.ts';
import type { ArrivalEvent } from '../../harness/history/events.ts';
import { balanceOf, isAlive, isListening, optionsFor, provision, redeem, testFolder } from './support.ts';

const folder = testFolder();

function newFolder(name: string): string {
  const path = join(folder, createHash('sha1').update(name).digest('hex').slice(0, 8));
  mkdirSync(path);
  return path;
}

describe('the bundled server on the memory store', () => {
  test('answers through the whole chain, and the hop tells each arrival', async () => {
    const arrivals: ArrivalEvent[] = [];
    const options = optionsFor(newFolder('chain'), { onArrival: (arrival) => arrivals.push(arrival) });
    const environment = await startEnvironment(options);
    try {
      await provision(environment, 'ann', 1000);
      const first = await redeem(environment, 'ann', 'key-1', 'i-1.1');
      const second = await redeem(environment, 'ann', 'key-1', 'i-1.2');
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.body).toBe(first.body);
      expect(await balanceOf(environment, 'ann')).toBe(880);
      expect(
        arrivals.map(({ attempt, copy, answer, replayed }) => ({ attempt, copy, answer, replayed })),
      ).toEqual([
        { attempt: 'i-1.1', copy: 0, answer: 200, replayed: undefined },
        { attempt: 'i-1.2', copy: 0, answer: 200, replayed: true },
      ]);
      expect(environment.capabilities).toEqual({
        balance: true,
        redemptions: true,
        ledger: true,
        clock: true,
        provision: true,
        credit: true,
        crash: true,
        processes: false,
        store: false,
        arrivals: true,
        replicas: 2,
      });
      expect(environment.describe()).toEqual({
        server: 'reference server, 2 replicas (in one process, crashes simulated)',
        store: 'memory (in the server process)',
        proxy: 'embedded',
      });
      expect((await environment.driver.list()).map(({ name }) => name)).toEqual([
        'replica-1',
        'replica-2',
        'hop',
      ]);
    } finally {
      await environment.close();
    }
  });

  test('nothing is left after close: no process, no port, no run file; a second close does nothing', async () => {
    const options = optionsFor(newFolder('close'));
    const environment = await startEnvironment(options);
    const pids = environment.replicas.map((replica) => replica.pid() ?? 0);
    const urls = [environment.baseUrl, environment.hooksUrl ?? '', ...environment.directUrls];
    expect(existsSync(join(options.workDir, RUN_FILE))).toBe(true);
    expect(await Promise.all(urls.map(isListening))).toEqual(urls.map(() => true));
    await environment.close();
    await environment.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(await Promise.all(urls.map(isListening))).toEqual(urls.map(() => false));
    expect(existsSync(join(options.workDir, RUN_FILE))).toBe(false);
  });

  test('one replica works as well', async () => {
    const environment = await startEnvironment(optionsFor(newFolder('one'), { replicas: 1 }));
    try {
      await provision(environment, 'ann', 1000);
      expect((await redeem(environment, 'ann', 'key-1')).status).toBe(200);
      expect(environment.replicas).toHaveLength(1);
    } finally {
      await environment.close();
    }
  });

  test('kill, pause and restart do nothing where a replica is no process of its own', async () => {
    const environment = await startEnvironment(optionsFor(newFolder('no-kill')));
    try {
      const [replica] = environment.replicas;
      await replica?.kill();
      replica?.pause();
      await replica?.restart();
      await environment.store.kill();
      expect(await environment.waitReady(5000)).toBe(true);
    } finally {
      await environment.close();
    }
  });
});

describe('what cannot be started is one clear line, and nothing half-started stays', () => {
  test.each([
    ['0 replicas', { replicas: 0 }, '--replicas: wrong value; expected a whole number from 1 to 16; found 0'],
    [
      '17 replicas',
      { replicas: 17 },
      '--replicas: wrong value; expected a whole number from 1 to 16; found 17',
    ],
    [
      'a run id with a blank',
      { runId: 'a b' },
      '--run-id: wrong value; expected 1 to 32 letters, digits, - or _; found "a b"',
    ],
    [
      'another store',
      { store: 'postgres' },
      '--store: no such store; expected auto, memory, redis or redis://host:port; found "postgres"',
    ],
    [
      'another proxy',
      { proxy: 'nginx' },
      '--proxy: no such proxy; expected auto, embedded, toxiproxy or http://host:port; found "nginx"',
    ],
    ['a Redis that is not there', { store: 'redis://127.0.0.1:1' }, '--store: the Redis cannot be used: '],
    ['a Toxiproxy that is not there', { proxy: 'http://127.0.0.1:1' }, 'no Toxiproxy'],
    ['another defect', { defect: 'sleepy' }, '--defect: expected one of'],
  ] as const)('%s', async (name, more, line) => {
    const options = optionsFor(newFolder(name), more);
    await expect(startEnvironment(options)).rejects.toThrow(line);
    expect(existsSync(join(options.workDir, RUN_FILE))).toBe(false);
  });
});
