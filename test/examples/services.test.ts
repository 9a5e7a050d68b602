/** The examples that onceproof starts by itself, each judged by its config alone: the right edition, and the wrong one by its rule. */

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../harness/base/program.ts';
import { brokenOf, probedRows, runForVerdict, temporaryFolder, told } from '../support/cli.ts';
import { findPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { startRedis, type RunningRedis } from '../support/redis.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const out = temporaryFolder();
const TIMEOUT = { timeout: 120_000 } as const;
afterAll(() => out.remove());

const VALID = '{"verdict":"valid","reasons":[],"violations":[],"missed":[]}';
const PARTS = ['--engine', 'embedded', '--proxy', 'embedded', '--seed', '1', '--intents', '24'];

async function judged(name: string, env: Readonly<Record<string, string>>) {
  const target = join(examples, name, 'onceproof.config.ts');
  return await runForVerdict(['double-click', '--target', target, '--out', out.path, ...PARTS], { env });
}

/** Both editions; the wrong one is invalid by the rule that its README names. */
function editions(name: string, envOf: () => Promise<Readonly<Record<string, string>>>): void {
  test('its config has at most 40 lines', () => {
    const config = readFileSync(join(examples, name, 'onceproof.config.ts'), 'utf8');
    expect(config.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  test.concurrent('the right edition keeps what its contract promises', TIMEOUT, async () => {
    const target = join(examples, name, 'onceproof.config.ts');
    const env = { ...(await envOf()), EDITION: 'right' };
    expect(brokenOf(await probedRows(target, out.path, env))).toEqual([]);
  });

  // All at once: they wait more than they work.
  test.concurrent('the right edition is valid', TIMEOUT, async () => {
    const { verdict } = await judged(name, { ...(await envOf()), EDITION: 'right' });
    expect(told(verdict)).toBe(VALID);
  });

  test.concurrent('the wrong edition is invalid by double-debit', TIMEOUT, async () => {
    const { verdict } = await judged(name, { ...(await envOf()), EDITION: 'wrong' });
    expect(verdict.violations.map(({ rule }) => rule)).toContain('double-debit');
    // What it answers while it does so is broken with it; nothing else is.
    const others = verdict.violations.map(({ rule }) => rule).filter((rule) => !WITH_IT.includes(rule));
    expect(others).toEqual([]);
  });
}

const WITH_IT: readonly string[] = ['double-debit', 'same-answer', 'replay-marker'];

const noPython = spawnSync('python3', ['-c', 'import sqlite3']).status !== 0;
describe.skipIf(noPython)(`Python and SQLite${noPython ? ' (skipped: no python3 with sqlite3)' : ''}`, () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  editions('python-sqlite', async () => ({
    DATABASE: join(folder.path, `${randomUUID()}.db`),
    PORT: await freePort(),
  }));
});

const goLacks = [
  findProgram('go') === undefined && 'Go is not installed',
  findProgram('redis-server') === undefined && 'redis-server is not installed',
].filter((lack) => lack !== false);
const noGo = goLacks.length > 0;
describe.skipIf(noGo)(`Go and Redis${noGo ? ` (skipped: ${goLacks.join(', ')})` : ''}`, () => {
  const folder = temporaryFolder();
  const program = join(folder.path, 'perks');
  let redis: RunningRedis | undefined;
  beforeAll(async () => {
    const built = spawnSync('go', ['build', '-o', program, '.'], {
      cwd: join(examples, 'go-redis'),
      encoding: 'utf8',
      // Nothing is fetched: the standard library is all that it needs.
      env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' },
    });
    expect(built.stderr).toBe('');
    redis = await startRedis();
  }, 240_000);
  afterAll(async () => {
    await redis?.stop();
    folder.remove();
  });
  editions('go-redis', async () => ({ PERKS: program, REDIS: `127.0.0.1:${redis?.port ?? 0}` }));
});

const noPostgres = findPostgres() === undefined;
describe.skipIf(noPostgres)(
  `Express and PostgreSQL${noPostgres ? ' (skipped: PostgreSQL is not installed)' : ''}`,
  () => {
    let postgres: Postgres | undefined;
    beforeAll(async () => {
      postgres = await startPostgres();
    }, 60_000);
    afterAll(async () => {
      await postgres?.stop();
    });
    editions('express-postgres', async () => ({ DATABASE_URL: postgres?.url ?? '' }));
  },
);

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return String(port);
}
