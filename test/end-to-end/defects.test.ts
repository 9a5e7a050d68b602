import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programArguments } from '../../harness/base/program.ts';
import { runForVerdict, seedsFrom, temporaryFolder, told } from '../support/cli.ts';

interface Defect {
  readonly name: string;
  /** Rules of which at least one must be violated. */
  readonly rules: readonly string[];
}

const program = programArguments('reference-server/main');
const listed = spawnSync(program.command, [...program.args, '--list-defects'], { encoding: 'utf8' });
const defects = JSON.parse(listed.stdout) as readonly Defect[];
const seeds = seedsFrom('ONCEPROOF_DEFECT_SEEDS', 1);
const embedded = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory', '--replicas', '2'];

/** The scenario that is made to meet each defect. */
const SCENARIO: Readonly<Record<string, string>> = {
  'check-then-act': 'double-click',
  'debit-before-record': 'retry-storm',
  'record-after-reply': 'retry-storm',
  'short-lease': 'retry-storm',
  'global-key-scope': 'key-reuse',
  'no-fingerprint': 'key-reuse',
  'balance-read-check-write': 'near-zero',
  'expired-key-processed': 'key-expiry',
  'ttl-renewed': 'key-expiry',
  'replica-clock': 'retry-storm',
  'sticky-5xx': 'retry-storm',
};

/** Where the default faults do not do what the defect needs. */
const FAULTS: Readonly<Record<string, string>> = { 'replica-clock': 'clock' };

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

describe('wrong editions of the server', () => {
  test('each has a scenario that meets it', () => {
    expect(defects.map(({ name }) => name).toSorted()).toEqual(Object.keys(SCENARIO).toSorted());
  });

  describe.each(defects)('$name', ({ name, rules }) => {
    test.each(seeds)('is invalid by the right rule, seed %i', async (seed) => {
      const scenario = SCENARIO[name] ?? expect.fail(`no scenario for ${name}`);
      const out = join(folder.path, `${name}-${seed}`);
      const run = await runForVerdict([
        scenario,
        '--defect',
        name,
        ...embedded,
        '--faults',
        FAULTS[name] ?? 'light',
        '--seed',
        String(seed),
        '--out',
        out,
      ]);
      expect(run.code, told(run.verdict)).toBe(1);
      const broken = run.verdict.violations.map(({ rule }) => rule);
      expect(broken.filter((rule) => rules.includes(rule)).length, told(run.verdict)).toBeGreaterThan(0);
    });
  });

  // The near-miss twin: the same scenarios, seeds and faults without a defect.
  const twins = new Map(
    Object.entries(SCENARIO).map(([defect, scenario]) => {
      const faults = FAULTS[defect] ?? 'light';
      return [`${scenario} ${faults}`, { scenario, faults }];
    }),
  );
  describe.each([...twins.values()])('the right server under $scenario, $faults', ({ scenario, faults }) => {
    test.each(seeds)('is never invalid, seed %i', async (seed) => {
      const out = join(folder.path, `right-${scenario}-${faults}-${seed}`);
      const args = [scenario, ...embedded, '--faults', faults, '--seed', String(seed), '--out', out];
      const run = await runForVerdict(args);
      expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
    });
  });
});
