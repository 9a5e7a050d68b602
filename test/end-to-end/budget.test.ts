/** `run --budget` as a user types it: what fits is run, the best first, and what does not is named. */

import { afterAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { byDetection } from '../../harness/plan/scenario-order.ts';
import { onceproof, temporaryFolder } from '../support/cli.ts';

interface Told {
  readonly verdict: string;
  readonly runs: readonly Verdict[];
  readonly left?: readonly { readonly scenario: string; readonly why: string; readonly wasNamed: boolean }[];
}

const folder = temporaryFolder();
afterAll(() => folder.remove());

const SMALL = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory', '--faults', 'none'];

async function run(...args: readonly string[]): Promise<{ code: number | null; told: Told; stderr: string }> {
  const done = await onceproof(['run', ...args, ...SMALL, '--intents', '4', '--json', '--out', 'results'], {
    cwd: folder.path,
  });
  return { code: done.code, told: JSON.parse(done.stdout) as Told, stderr: done.stderr };
}

describe('run --budget', () => {
  test('of a time that is soon over begins the best one, leaves out the rest by name, and proves nothing', async () => {
    const { code, told } = await run('--budget', '1s');
    const [first, ...others] = byDetection(SCENARIOS);
    expect(told.runs.map(({ run: { scenario } }) => scenario)).toEqual([first]);
    expect(told.left?.map(({ scenario, wasNamed }) => [scenario, wasNamed])).toEqual(
      others.map((scenario) => [scenario, false]),
    );
    expect(told.left?.[0]?.why).toMatch(/^it takes about \d+ s, and [01] s of the budget were left$/);
    expect([told.verdict, code]).toEqual(['unknown', 2]);
  });

  test('that has no time for what was asked for by name is unknown', async () => {
    const { code, told } = await run('soak', 'double-click', '--budget', '1s');
    expect(told.runs.map(({ run: { scenario } }) => scenario)).toEqual(['double-click']);
    expect(told.left).toMatchObject([{ scenario: 'soak', wasNamed: true }]);
    expect([told.verdict, code]).toEqual(['unknown', 2]);
  });

  test('with time enough runs all of them, the best first, and says of none that it was left out', async () => {
    const { code, told, stderr } = await run('near-zero', 'double-click', '--budget', '2h');
    expect(told.runs.map(({ run: { scenario } }) => scenario)).toEqual(['double-click', 'near-zero']);
    expect(told.left).toBeUndefined();
    expect([told.verdict, code], stderr).toEqual(['valid', 0]);
  });
});
