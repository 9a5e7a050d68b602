/** Faults that were asked for, and that a target can have none of: what `run` does with one scenario, and with several. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSuite } from '../../harness/runs/run-suite.ts';
import type { SuiteOptions } from '../../harness/runs/suite.ts';

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'onceproof-test-'));
});
afterAll(() => rm(out, { recursive: true, force: true }));

/** The bundled server on its memory store: crashes can be armed in it, but no process and no store can be killed. */
function optionsOf(scenarios: readonly string[], faults: string): SuiteOptions {
  return {
    scenarios,
    faults,
    engine: 'embedded',
    proxy: 'embedded',
    store: 'memory',
    client: 'seed',
    keyShape: 'uuid',
    seed: 1,
    intents: 12,
    out,
    report: [],
    signal: new AbortController().signal,
    progress: new Writable({ write: (_chunk, _encoding, done) => done() }),
    say: () => {},
    colour: false,
  };
}

test('where no scenario of the command can have one, that is a wrong command, and nothing is left of it', async () => {
  const refused = runSuite(optionsOf(['key-expiry', 'near-zero'], 'store'));
  await expect(refused).rejects.toMatchObject({ kind: 'usage', code: 'schedule' });
  await expect(refused).rejects.toThrow('--faults store: no fault of it is possible here');
  const folders = await readdir(out);
  for (const folder of folders) expect(await readdir(join(out, folder))).toEqual([]);
});

test('where one of several cannot, that one is unknown, and says so first', async () => {
  const { runs, verdict } = await runSuite(optionsOf(['lost-answer', 'key-reuse'], 'crash'));
  const [could, couldNot] = runs.map((run) => run.verdict);
  expect(verdict).toBe('unknown');
  expect(could?.reasons.join()).not.toContain('faults were asked for');
  expect(couldNot?.verdict).toBe('unknown');
  expect(couldNot?.reasons[0]).toContain('faults were asked for, and none of them was possible here');
});

test('none asked for, none missed', async () => {
  const { runs } = await runSuite(optionsOf(['key-reuse'], 'none'));
  expect(runs.flatMap((run) => run.verdict.reasons).join()).not.toContain('faults were asked for');
});
