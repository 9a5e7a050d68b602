import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programArguments } from '../../harness/base/program.ts';
import { seedsFrom, temporaryFolder, told, verdictOf } from '../support/cli.ts';

interface Defect {
  readonly name: string;
  /** Rules of which at least one must be violated; the first is the one named. */
  readonly rules: readonly string[];
  readonly way: Way;
}

/** The cheapest way that shows it: the catalogue names it, and the twin goes the same way. */
interface Way {
  readonly kind: 'run' | 'sweep';
  readonly scenario?: string;
  readonly faults?: string;
  readonly intents?: number;
  readonly store?: string;
  readonly replicas?: number;
  readonly profile?: string;
}

const program = programArguments('reference-server/main');
const listed = spawnSync(program.command, [...program.args, '--list-defects'], { encoding: 'utf8' });
const catalogue = JSON.parse(listed.stdout) as readonly Defect[];
/** The whole catalogue takes ten minutes: without a number of seeds (npm run prove) one edition of each kind of cause, and every sixteenth of the others. */
const ALWAYS = [
  ...['check-then-act', 'debit-before-record', 'record-after-reply', 'short-lease', 'global-key-scope'],
  ...['no-fingerprint', 'balance-read-check-write', 'expired-key-processed', 'ttl-renewed', 'replica-clock'],
  'sticky-5xx',
];
const isWhole = process.env['ONCEPROOF_DEFECT_SEEDS'] !== undefined;
const defects = catalogue.filter(({ name }, index) => isWhole || ALWAYS.includes(name) || index % 16 === 0);
const seeds = seedsFrom('ONCEPROOF_DEFECT_SEEDS', 1);

function argumentsOf({ kind, scenario = '', faults = 'none', intents, profile, ...way }: Way): string[] {
  const { store = 'memory', replicas = 2 } = way;
  const parts = ['--store', store, '--replicas', String(replicas)];
  const played = [...parts, ...(profile === undefined ? [] : ['--profile', profile])];
  if (kind === 'sweep') return ['sweep', ...played];
  const load = intents === undefined ? [] : ['--intents', String(intents)];
  const embedded = ['--engine', 'embedded', '--proxy', 'embedded', '--faults', faults];
  return ['run', scenario, ...embedded, ...load, ...played];
}

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

describe('wrong editions of the server', () => {
  describe.each(defects)('$name', ({ name, rules, way }) => {
    test.concurrent.each(seeds)('is invalid by the right rule, seed %i', async (seed) => {
      const out = join(folder.path, `${name}-${seed}`);
      const first = way.kind === 'sweep' ? ['--first'] : [];
      const args = [...argumentsOf(way), ...first, '--defect', name, '--seed', String(seed), '--out', out];
      const run = await verdictOf(args);
      expect(run.code, told(run.verdict)).toBe(1);
      const broken = run.verdict.violations.map(({ rule }) => rule);
      expect(broken.filter((rule) => rules.includes(rule)).length, told(run.verdict)).toBeGreaterThan(0);
    });
  });

  // The near-miss twin: the same ways and seeds without a defect.
  const twins = new Map(defects.map(({ way }) => [argumentsOf(way).join(' '), way]));
  describe.each([...twins])('the right server under %s', (_, way) => {
    test.concurrent.each(seeds)('is never invalid, seed %i', async (seed) => {
      const out = join(folder.path, `right-${[...twins.keys()].indexOf(argumentsOf(way).join(' '))}-${seed}`);
      const run = await verdictOf([...argumentsOf(way), '--seed', String(seed), '--out', out]);
      expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
    });
  });
});
