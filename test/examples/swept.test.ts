/** The examples that bring a store of their own, right and wrong, stood at where it counts; whole sweeps where it is asked for. */

import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, told } from '../support/cli.ts';
import { NO_MARIADB, startMariadb, type Mariadb } from '../support/mariadb.ts';
import { NO_REDIS, startRedis, type RunningRedis } from '../support/redis.ts';
import { swept } from '../support/swept.ts';

const out = temporaryFolder();
afterAll(() => out.remove());

/** `npm run prove` sweeps the right editions whole, some minutes each. */
const isWhole = process.env['ONCEPROOF_SWEEPS'] === 'whole';
const skipped = (why: string | undefined): string => (why === undefined ? '' : ` (skipped: ${why})`);

describe.skipIf(NO_MARIADB !== undefined)(`the voucher service on MariaDB${skipped(NO_MARIADB)}`, () => {
  let mariadb: Mariadb;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb.stop());

  const vouchers = (edition: string, ...args: readonly string[]) =>
    swept(['--target', 'examples/own-endpoint/mariadb.config.ts', '--out', out.path, ...args], {
      VOUCHERS_DATABASE: `mysql://test@127.0.0.1:${mariadb.port}/test`,
      VOUCHERS_URL: 'http://127.0.0.1:1',
      VOUCHERS_TOKEN: 'a-token',
      VOUCHERS_EDITION: edition,
    });

  test('the wrong edition debits twice where the same key comes before its answer is written', async () => {
    const { code, broken } = await vouchers('wrong', '--first');
    expect([code, broken?.kind, broken?.k]).toEqual([1, 'same-key-elsewhere', 6]);
    expect(broken?.name).toMatch(/^insert into vouchers /);
    expect(broken?.broken).toContain('double-debit');
  });

  test('at the right edition the other request waits for the row there, and nothing is broken', async () => {
    const args = isWhole ? [] : ['--stand', 'same-key-elsewhere@db:6'];
    const { code, verdict } = await vouchers('right', ...args);
    expect(told(verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
    expect(code).toBe(0);
    expect(verdict.sweep).toMatchObject({ unstable: 0, unreached: 0 });
    expect(verdict.sweep?.serialised).toBeGreaterThan(0);
  });
});

const noPython = spawnSync('python3', ['--version']).status === 0 ? undefined : 'python3 is not installed';
const missing = NO_REDIS ?? noPython;

describe.skipIf(missing !== undefined)(`the service in Python on Redis${skipped(missing)}`, () => {
  let redis: RunningRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  const points = (edition: string, ...args: readonly string[]) =>
    swept(['--target', 'examples/python-redis/onceproof.config.ts', '--out', out.path, ...args], {
      REDIS: `127.0.0.1:${redis.port}`,
      EDITION: edition,
    });

  test('the wrong edition debits twice where the same key comes before its answer is written', async () => {
    const { code, broken } = await points('wrong', '--first');
    expect([code, broken?.kind, broken?.k]).toEqual([1, 'same-key-elsewhere', 5]);
    expect(broken?.broken).toContain('double-debit');
  });

  test('the right edition has one message, and is valid wherever one stands at it', async () => {
    const { code, verdict } = await points('right', ...(isWhole ? [] : ['--stand', 'cut-after@cache:1']));
    expect(told(verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
    expect(code).toBe(0);
    expect(verdict.sweep?.ways[0]?.messages).toHaveLength(1);
    expect(verdict.sweep).toMatchObject({ unstable: 0, unreached: 0 });
  });
});
