/** `onceproof selftest` as a program: a catch, a miss, a false alarm, what was not run. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../harness/base/program.ts';
import { RIGHT, type Detection, type Way } from '../../harness/model/detection.ts';
import { performCell } from '../../harness/runs/selftest-cell.ts';
import { matrixOf } from '../../harness/selftest/matrix.ts';
import { onceproof, temporaryFolder } from '../support/cli.ts';

/** A cell takes seconds; a busy machine takes its time. */
const LONG = { timeout: 400_000 };

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

async function selftest(...args: readonly string[]) {
  const done = await onceproof(['selftest', ...args, '--out', folder.path, '--json']);
  expect(done.stdout, done.stderr).not.toBe('');
  return { ...done, detection: JSON.parse(done.stdout) as Detection };
}

test(
  'a defect on its own way is caught by its own rule, and the right server beside it is valid',
  LONG,
  async () => {
    const file = join(folder.path, 'detection.md');
    const { code, detection, stderr } = await selftest('--only', 'no-fingerprint', '--write', file);
    expect(code, stderr).toBe(0);
    const { rows, right, cells } = detection;
    expect(rows).toMatchObject([
      { state: 'caught', caught: 1, seeds: 1, cheapest: { rule: 'payload-binding' } },
    ]);
    expect(right).toMatchObject([{ runs: 1, valid: 1, alarms: 0 }]);
    const caught = cells.find(({ subject }) => subject === 'no-fingerprint');
    expect(caught?.requests).toBeGreaterThan(0);
    expect(caught?.seconds).toBeLessThanOrEqual(caught?.tookSeconds ?? 0);
    const written = readFileSync(file, 'utf8');
    expect(written).toContain('`onceproof selftest --only no-fingerprint`');
    expect(written).toContain('**1 of 1 defect caught; right server: 1 of 1 run valid, no false alarm.**');
  },
);

test('a scenario that cannot show a defect misses it: exit 1, and its run is kept', LONG, async () => {
  const asked = ['--only', 'no-fingerprint', '--scenario', 'double-click', '--faults', 'none'];
  const { code, detection } = await selftest(...asked);
  expect(code).toBe(1);
  expect(detection).toMatchObject({ result: 'missed', rows: [{ state: 'missed', caught: 0, seeds: 1 }] });
  const [missed] = detection.cells.filter(({ subject }) => subject !== RIGHT);
  expect(missed?.why).toBe('every rule held');
  expect(existsSync(join(missed?.dir ?? '', 'history.ndjson'))).toBe(true);
});

test('when the time is over nothing more is begun, and it says so: exit 2', LONG, async () => {
  const { code, detection } = await selftest('--only', 'no-fingerprint', '--budget', '1ms');
  expect([code, detection.result, detection.cells]).toEqual([2, 'undecided', []]);
  expect(detection.notRun.map(({ why }) => why)).toEqual(['the time was over', 'the time was over']);
});

test.each([
  [['--only', 'no-such-defect'], '--only'],
  [['--faults', 'none'], '--faults'],
  [['--all', '--scenario', 'sweep'], '--scenario'],
  [['--seed', '2'], '--seed'],
  [['--target', 'x.config.ts', '--seeds', '2'], '--seeds'],
  [['--target', 'no-such.config.ts'], '--target'],
])('%j is wrong usage: exit 4 and one line', async (args, flag) => {
  const { code, stdout, stderr } = await onceproof(['selftest', ...args, '--out', folder.path]);
  expect([code, stdout, stderr.trim().split('\n').length]).toEqual([4, '', 1]);
  expect(stderr).toContain(flag);
});

const isRedisMissing = findProgram('redis-server') === undefined;
describe.skipIf(isRedisMissing)(
  `a right server on a store that forgets${isRedisMissing ? ' (skipped: redis-server is not installed)' : ''}`,
  () => {
    // The only way to make the right server wrong is not to be trusted for a matrix: here it proves that one would be seen.
    test('is a false alarm in a matrix, and its run is kept', LONG, async () => {
      const way: Way = {
        kind: 'run',
        scenario: 'retry-storm',
        faults: 'store-unsafe',
        store: 'redis',
        replicas: 2,
        profile: 'seed',
      };
      const { signal } = new AbortController();
      const cell = await performCell(
        { subject: RIGHT, way, seed: 1 },
        { out: folder.path, signal, rules: [] },
      );
      expect(cell).toMatchObject({
        verdict: 'invalid',
        rules: expect.arrayContaining(['lost-debit']) as string[],
      });
      expect(existsSync(join(cell.dir ?? '', 'history.ndjson'))).toBe(true);
      expect(matrixOf([], [cell], [])).toMatchObject({ result: 'missed', right: [{ alarms: 1 }] });
    });
  },
);
