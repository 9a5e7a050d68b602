import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findToxiproxy } from '../../harness/proxy/toxiproxy-process.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { findProgram } from '../../harness/base/program.ts';
import { part } from '../support/depth.ts';
import { runForVerdict, seedsFrom, temporaryFolder, told } from '../support/cli.ts';

const hasRedis = findProgram('redis-server') !== undefined;
const hasToxiproxy = findToxiproxy() !== undefined;
const seeds = seedsFrom('ONCEPROOF_HEAVY_SEEDS', 1);
/** Retries, keys that grow old, points that run out, and the mix of all. */
const scenarios = part(SCENARIOS, 0, 4, 6, 7);
const missing = [...(hasRedis ? [] : ['redis-server']), ...(hasToxiproxy ? [] : ['toxiproxy-server'])].join(
  ' and ',
);

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

describe(`the right server on Redis, real Toxiproxy and two replicas under heavy faults${missing && ` (skipped: ${missing} is not installed)`}`, () => {
  describe.skipIf(missing !== '').each(scenarios)('%s', (scenario) => {
    test.each(seeds)('is valid, seed %i', { timeout: 180_000 }, async (seed) => {
      const parts = ['--engine', 'embedded', '--store', 'redis', '--proxy', 'toxiproxy', '--replicas', '2'];
      // Its own time limit is for users who wait: a busy machine may take longer.
      const length = scenario === 'soak' ? ['--duration', '10s', '--max-time', '150s'] : [];
      const out = join(folder.path, `${scenario}-${seed}`);
      const run = await runForVerdict([
        scenario,
        '--faults',
        'heavy',
        ...parts,
        ...length,
        '--seed',
        String(seed),
        '--out',
        out,
      ]);
      expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
      expect(run.code).toBe(0);
    });
  });
});
