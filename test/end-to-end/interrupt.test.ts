import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { onceproof, temporaryFolder } from '../support/cli.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

const embedded = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory'];

/** Processes whose command line names this folder, or the run's server. */
function processesNaming(text: string): string[] {
  const listed = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).stdout.split('\n');
  return listed.filter((line) => line.includes(text));
}

test.each([
  ['Ctrl-C', 'SIGINT'],
  ['a closed terminal', 'SIGHUP'],
] as const)('%s ends a run early, which is healed, audited and judged all the same', async (_, signal) => {
  const out = join(folder.path, signal);
  const run = await onceproof(
    ['run', 'soak', '--duration', '10m', '--run-id', 'early', ...embedded, '--out', out, '--json'],
    {
      onStart: (child) => {
        // Once the first events are on disk the run is under way.
        const timer = setInterval(() => {
          if (!existsSync(join(out, 'soak'))) return;
          const history = spawnSync('sh', ['-c', `cat ${out}/soak/*/history.ndjson`], {
            encoding: 'utf8',
          }).stdout;
          if ((history.match(/"type":"audited"/g) ?? []).length < 20) return;
          clearInterval(timer);
          child.kill(signal);
        }, 100);
      },
    },
  );
  const verdict = JSON.parse(run.stdout) as Verdict;
  expect(run.stderr).toMatch(/interrupted: healing, settling and judging/);
  expect(verdict.violations).toEqual([]);
  expect(verdict.counts.intents).toBeGreaterThan(0);
  const history = readFileSync(join(out, 'latest', 'history.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(JSON.parse(history.at(-1) ?? '')).toMatchObject({ type: 'end', reason: 'interrupted' });
  expect(processesNaming(out)).toEqual([]);
});
