import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../harness/base/program.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { findPostgres, startPostgres } from '../support/postgres.ts';
import { onceproof } from '../support/cli.ts';

const out = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

async function swept(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const done = await onceproof(['sweep', ...args, '--out', out, '--json'], { env });
  expect(done.stdout, done.stderr).not.toBe('');
  const verdict = JSON.parse(done.stdout) as Verdict;
  const broken = verdict.sweep?.stands.find((stand) => stand.broken !== undefined);
  return { ...done, verdict, broken };
}

const isRedisMissing = findProgram('redis-server') === undefined;
const isPostgresMissing = findPostgres() === undefined;
const LONG = { timeout: 120_000 };

describe('on the memory store', () => {
  test('the right server is valid at a named point, with its one stand met', LONG, async () => {
    const { code, verdict } = await swept(['--store', 'memory', '--stand', 'same-key@server:2']);
    expect([code, verdict.verdict]).toEqual([0, 'valid']);
    expect(verdict.sweep).toMatchObject({ chosen: 1, known: 1, met: 1 });
    expect(verdict.run.engine).toBe('sweep');
  });

  test('a record that comes after the reply is found, and its replay finds it again', LONG, async () => {
    const { code, broken } = await swept([
      ...['--store', 'memory', '--defect', 'record-after-reply'],
      ...['--stand', 'same-key-elsewhere@server:4'],
    ]);
    expect([code, broken?.kind, broken?.name]).toEqual([1, 'same-key-elsewhere', 'before-reply']);
    const dir = realpathSync(join(out, 'latest'));
    expect(readdirSync(join(dir, 'stands')).toSorted()).toEqual(['s1.sh', 's1.test.ts']);
    const replayed = await onceproof(['replay', dir, '--out', out]);
    expect(replayed.code, replayed.stdout).toBe(1);
    expect(replayed.stdout).toContain('REPRODUCED');
  });
});

describe.skipIf(isRedisMissing)(
  `before a real Redis${isRedisMissing ? ' (skipped: redis-server is not installed)' : ''}`,
  () => {
    test('a check-then-act is found by the same key at another replica', LONG, async () => {
      const { code, broken } = await swept(['--store', 'redis', '--defect', 'check-then-act', '--first']);
      expect([code, broken?.kind, broken?.k]).toEqual([1, 'same-key-elsewhere', 2]);
    });

    test('the same stand at the right server is held and breaks nothing', LONG, async () => {
      const { code, verdict } = await swept(['--store', 'redis', '--stand', 'same-key-elsewhere@redis:2']);
      expect([code, verdict.sweep?.met]).toEqual([0, 1]);
    });
  },
);

describe.skipIf(isPostgresMissing)(
  `a service of one's own${isPostgresMissing ? ' (skipped: PostgreSQL is not installed)' : ''}`,
  () => {
    test('each edition ends as it should, and no value of its environment is shown', LONG, async () => {
      const postgres = await startPostgres();
      try {
        const vouchers = (edition: string, ...args: readonly string[]) =>
          swept(['--target', 'examples/own-endpoint/sweep.config.ts', ...args], {
            VOUCHERS_DATABASE: postgres.url,
            VOUCHERS_URL: 'http://127.0.0.1:1',
            VOUCHERS_TOKEN: 'a-token-that-is-secret',
            VOUCHERS_EDITION: edition,
          });
        const wrong = await vouchers('wrong', '--stand', 'same-key-elsewhere@db:4');
        expect([wrong.code, wrong.broken?.broken]).toMatchObject([
          1,
          ['double-debit', 'same-answer', 'replay-marker'],
        ]);
        const fragile = await vouchers('fragile', '--stand', 'cut-before@db:3');
        expect([fragile.code, fragile.broken?.broken]).toEqual([1, ['process-death']]);
        const right = await vouchers('right', '--stand', 'cut-before@db:3');
        expect([right.code, right.verdict.verdict, right.verdict.sweep?.met]).toEqual([0, 'valid', 1]);
        const dir = realpathSync(join(out, 'latest'));
        const written = readdirSync(dir).filter((name) => !['stands'].includes(name));
        for (const name of written)
          expect(readFileSync(join(dir, name), 'utf8'), name).not.toContain('a-token-that-is-secret');
      } finally {
        await postgres.stop();
      }
    });
  },
);

test('an engine is refused with one line, and so is a stand that is none', async () => {
  const engine = await onceproof(['sweep', '--engine', 'k6']);
  expect([engine.code, engine.stdout]).toEqual([4, '']);
  expect(engine.stderr).toContain('a sweep sends by its own client');
  const stand = await onceproof(['sweep', '--stand', 'cut@db']);
  expect(stand.code).toBe(4);
});
