/** A VU that stands still has a thread of its own: at most 64 of them, and what becomes of a script with more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { buildScript } from '../../harness/engine/bundle.ts';
import { loadScript } from '../../harness/engine/load-script.ts';
import { newRun } from '../../harness/engine/new-run.ts';
import { Pulse, pulseMemory } from '../../harness/engine/pulse.ts';
import { Realms } from '../../harness/engine/realms.ts';
import { RunEnd } from '../../harness/engine/run-end.ts';
import type { RunOptions } from '../../harness/engine/run-options.ts';
import { resolveOptions } from '../../harness/engine/script-options.ts';
import { mostVus } from '../../harness/engine/vu-pool.ts';
import { vuThreads } from '../../harness/engine/vu-threads.ts';

const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HTTP = "import http from 'k6/http';";
const BLOCKS = `${HTTP} export default () => { http.get('x'); };`;
const MAY_BLOCK = `${HTTP} const it = http; export default () => it.get('x');`;

/** Whether so many VUs get threads, and whether the engine's own thread may still block. */
async function asked(source: string, vus: number): Promise<{ hasThreads: boolean; why: string }> {
  const script = join(folder, 'script.js');
  writeFileSync(script, source);
  const built = await buildScript(script);
  const nothing = (): void => undefined;
  const never = new AbortController().signal;
  const options: RunOptions = {
    env: {},
    overrides: undefined,
    allowedHosts: undefined,
    maxBodyBytes: undefined,
    pulse: new Pulse(pulseMemory()),
    threads: {
      built,
      program: { program: '', isCode: true },
      stallMs: 30_000,
      stuck: () => Promise.resolve(undefined),
    },
    signal: never,
    cut: never,
    onLine: nothing,
    onLog: nothing,
    onRefusedHost: nothing,
    onScenarios: nothing,
    onProgress: undefined,
  };
  const end = new RunEnd(options);
  const run = newRun(loadScript(built), options, end, new Realms());
  const maker = vuThreads(run, options, end, vus);
  return { hasThreads: maker !== undefined, why: run.whyNotBlocking };
}

test('64 VUs that block have a thread each', async () => {
  expect(await asked(BLOCKS, 64)).toEqual({ hasThreads: true, why: '' });
  expect(await asked(MAY_BLOCK, 64)).toEqual({ hasThreads: true, why: '' });
});

test('65 that block are refused with their number', async () => {
  await expect(asked(BLOCKS, 65)).rejects.toThrow('with 65 VUs not each can have a thread: at most 64');
});

test('65 that only may block go without, and the reason is kept for the first that does', async () => {
  const { hasThreads, why } = await asked(MAY_BLOCK, 65);
  expect(hasThreads).toBe(false);
  expect(why).toContain('with 65 VUs');
});

test('the most VUs that a scenario may come to count, not those that it begins with', () => {
  const arrivals = { executor: 'constant-arrival-rate', rate: 1, duration: '1s', preAllocatedVUs: 2 };
  const most = (more: object): number =>
    mostVus(resolveOptions({ scenarios: { a: { ...arrivals, ...more } } }, {}).scenarios);
  expect(most({ maxVUs: 65 })).toBe(65);
  expect(most({})).toBe(2);
});
