// `npm run prove`: the end-to-end matrices of the tests with many seeds (20 for heavy runs, 10 for each defect). Takes about an hour.
import { join } from 'node:path';
import { build, installPackages, installSystemPrograms, installToxiproxy, root, step } from './steps.mjs';

if (!installPackages()) process.exit(1);
installSystemPrograms();
installToxiproxy();
if (!build()) process.exit(1);
const env = {
  ...process.env,
  ONCEPROOF_HEAVY_SEEDS: process.env.ONCEPROOF_HEAVY_SEEDS ?? '20',
  ONCEPROOF_DEFECT_SEEDS: process.env.ONCEPROOF_DEFECT_SEEDS ?? '10',
  ONCEPROOF_DOOR_CUTS: process.env.ONCEPROOF_DOOR_CUTS ?? '1000000',
};
const vitest = join(root, 'node_modules', '.bin', 'vitest');
const hasPassed = step(vitest, ['run', 'test/end-to-end', 'properties/stores', '--reporter=verbose', ...process.argv.slice(2)], {
  env,
});
process.exit(hasPassed ? 0 : 1);
