// `npm run prove`: the end-to-end matrices of the tests with many seeds (1,000 heavy runs of the right server over all
// scenarios, or ONCEPROOF_HEAVY_RUNS; 10 seeds for each defect), every cell of liars and twins, 200 seeded runs, and
// docs/trust.md anew. Takes a night; with ONCEPROOF_HEAVY_RUNS=160 about two hours.
import { join } from 'node:path';
import { build, installPackages, installSystemPrograms, installToxiproxy, root, step } from './steps.mjs';

if (!installPackages()) process.exit(1);
installSystemPrograms();
installToxiproxy();
if (!build()) process.exit(1);
/** Each scenario is one heavy run a seed. */
const { SCENARIOS } = await import('../dist/harness/plan/plan.js');
const heavyRuns = Number(process.env.ONCEPROOF_HEAVY_RUNS ?? '1000');
const env = {
  ...process.env,
  ONCEPROOF_HEAVY_SEEDS: process.env.ONCEPROOF_HEAVY_SEEDS ?? String(Math.ceil(heavyRuns / SCENARIOS.length)),
  ONCEPROOF_DEFECT_SEEDS: process.env.ONCEPROOF_DEFECT_SEEDS ?? '10',
  ONCEPROOF_MATRICES: process.env.ONCEPROOF_MATRICES ?? 'whole',
  ONCEPROOF_SWEEPS: process.env.ONCEPROOF_SWEEPS ?? 'whole',
  ONCEPROOF_DOOR_CUTS: process.env.ONCEPROOF_DOOR_CUTS ?? '1000000',
};
const vitest = join(root, 'node_modules', '.bin', 'vitest');
// Liars, twins, seeded runs and mutants: the tables of docs/trust.md, and the tests that hold them.
const trust = { ...env, ONCEPROOF_TRUST: process.env.ONCEPROOF_TRUST ?? 'whole' };
const hasPassed = step(
  vitest,
  [
    'run',
    'test/end-to-end',
    'test/trust',
    'test/scenarios',
    'test/sweep',
    'test/examples',
    'test/hostile/tables.test.ts',
    'properties/stores',
    'properties/mutations',
    '--reporter=verbose',
    ...process.argv.slice(2),
  ],
  {
    env: trust,
  },
);
const hasWritten = step('npm', ['run', 'trust']);
process.exit(hasPassed && hasWritten ? 0 : 1);
