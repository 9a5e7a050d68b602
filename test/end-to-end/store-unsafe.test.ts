import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../harness/base/program.ts';
import { part } from '../support/depth.ts';
import { onceproof, runForVerdict, seedsFrom, temporaryFolder, told } from '../support/cli.ts';

const hasRedis = findProgram('redis-server') !== undefined;
const why = hasRedis ? '' : ' (skipped: redis-server is not installed)';
const seeds = seedsFrom('ONCEPROOF_UNSAFE_SEEDS', 1);
const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'redis', '--replicas', '2'];

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

function judge(faults: string, seed: number) {
  const out = join(folder.path, `${faults}-${seed}`);
  const isFile = faults !== 'store-unsafe';
  const schedule = isFile ? join(import.meta.dirname, 'store', `${faults}.json`) : faults;
  return runForVerdict([
    ...[
      'retry-storm',
      ...parts,
      // However fast the machine is: the faults come by the clock.
      '--duration',
      '6s',
      '--faults',
      schedule,
      '--seed',
      String(seed),
      '--out',
      out,
    ],
  ]);
}

describe.skipIf(!hasRedis)(`the right server on a store that loses what it acknowledged${why}`, () => {
  const schedules = [
    ['store-unsafe', 'synced to disk once a second'],
    ['no-persistence', 'keeps nothing on disk'],
    ['power-loss', 'synced to disk once a second'],
    ['eviction', 'own process)'],
    ['failover', 'own process)'],
  ] as const;
  describe.each(part(schedules, 0, 4))('%s', (faults, store) => {
    test.each(seeds)('is invalid by lost-debit, seed %i', { timeout: 180_000 }, async (seed) => {
      const run = await judge(faults, seed);
      expect(run.code, told(run.verdict)).toBe(1);
      const broken = run.verdict.violations.map(({ rule }) => rule);
      expect(broken, told(run.verdict)).toContain('lost-debit');
      expect(run.verdict.run.store).toContain(store);
    });
  });
});

describe.skipIf(!hasRedis)(`its near-miss twins lose nothing${why}`, () => {
  describe.each(part(['killed-everysec', 'power-loss-always'], 0))('%s', (faults) => {
    test.each(seeds)('is valid, seed %i', { timeout: 180_000 }, async (seed) => {
      const run = await judge(faults, seed);
      expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
      expect(run.verdict.counts['faults'], 'the fault was carried out').toBeGreaterThan(0);
    });
  });
});

test('on a store that is not ours the schedule is refused in one line, and nothing is left behind', async () => {
  const out = join(folder.path, 'refused');
  const args = ['run', 'retry-storm', '--faults', 'store-unsafe', '--store', 'memory', '--out', out];
  const run = await onceproof(args);
  expect(run.code).toBe(4);
  expect(run.stderr.trim()).toBe(
    'onceproof: --faults store-unsafe: needs a Redis that onceproof starts; expected --store redis, with redis-server on the PATH; found "--store memory"',
  );
});
