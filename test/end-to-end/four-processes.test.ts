/** One run that four processes make together on one server; two of them have wrong clocks, and in the second run one is killed. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { HOOKS_TOKEN, serve, TOKEN, type TestServer } from '../reference-server/harness.ts';
import { onceproof, temporaryFolder, told, type CliResult } from '../support/cli.ts';
import { historiesIn, writeReferenceConfig } from './machines/support.ts';

const PARTS = 4;
const SCENARIO = 'double-click';
/** Far more than the uncertainty of any reading: what is not brought to one clock shows. */
const SKEWS: Readonly<Record<number, number>> = { 2: 5_000, 3: -5_000 };

let folder: ReturnType<typeof temporaryFolder>;
let server: TestServer;
let config: string;
beforeAll(async () => {
  folder = temporaryFolder();
  server = await serve();
  config = writeReferenceConfig(join(folder.path, 'onceproof.config.mjs'), server);
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

/** One process; `kill` ends it as the system would, once its history holds so many answers. */
async function part(number: number, runId: string, killAt?: number): Promise<CliResult> {
  const out = join(folder.path, runId);
  const preload = `--require ${join(import.meta.dirname, 'machines/skewed-clock.cjs')}`;
  const flags = [
    '--segment',
    `${number}/${PARTS}`,
    '--run-id',
    runId,
    '--seed',
    '7',
    '--intents',
    '16',
    '--vus',
    '8',
  ];
  return await onceproof(
    ['run', SCENARIO, '--target', config, '--engine', 'embedded', ...flags, '--out', out, '--report', 'json'],
    {
      env: { NODE_OPTIONS: preload, SKEW_MS: String(SKEWS[number] ?? 0) },
      onStart: (child) => {
        if (killAt !== undefined) void killedAt(killAt, number, out, () => child.kill('SIGKILL'));
      },
    },
  );
}

async function killedAt(answers: number, number: number, out: string, kill: () => void): Promise<void> {
  for (;;) {
    const history = historiesIn(out, SCENARIO).find((file) => file.includes(`-${number}of`));
    const text = history !== undefined && existsSync(history) ? readFileSync(history, 'utf8') : '';
    if (text.split('"type":"complete"').length > answers) return kill();
    await sleep(5);
  }
}

async function judged(
  command: string,
  files: readonly string[],
  more: readonly string[] = [],
): Promise<Verdict> {
  const result = await onceproof([command, ...files, ...more, '--json'], { env: { TOKEN, HOOKS_TOKEN } });
  try {
    return JSON.parse(result.stdout) as Verdict;
  } catch {
    throw new Error(`no verdict: ${result.stderr}`);
  }
}

const intentsOf = (file: string): Set<string> =>
  new Set(
    [...readFileSync(file, 'utf8').matchAll(/"type":"invoke".*?"intent":"([^"]+)"/g)].map(
      (found) => found[1] ?? '',
    ),
  );

describe('one run of four processes', { timeout: 300_000 }, () => {
  test('makes no intent twice, and is judged as one: valid only as a whole', async () => {
    const ran = await Promise.all([1, 2, 3, 4].map((number) => part(number, 'whole')));
    // A part alone proves nothing of the others.
    expect(
      ran.map(({ code }) => code),
      ran.map(({ stderr }) => stderr).join(),
    ).toEqual([2, 2, 2, 2]);
    const files = historiesIn(join(folder.path, 'whole'), SCENARIO);
    const intents = files.map(intentsOf);
    expect(intents.map(({ size }) => size > 0)).toEqual([true, true, true, true]);
    const all = new Set(intents.flatMap((part) => [...part]));
    expect(all.size).toBe(intents.reduce((sum, { size }) => sum + size, 0));
    // Iterations 0 to 15, each by one of them.
    const iterations = new Set([...all].map((intent) => Number(intent.split('-')[1])));
    expect([...iterations].toSorted((one, two) => one - two)).toEqual(
      Array.from({ length: 16 }, (_, index) => index),
    );

    const verdict = await judged('check', files);
    expect(verdict.violations).toEqual([]);
    expect(verdict.verdict, told(verdict)).toBe('valid');
    expect(verdict.counts.intents).toBe(all.size);
    const { processes } = verdict.run;
    expect(processes?.count).toBe(4);
    expect([...(processes?.parts ?? [])].toSorted()).toEqual(['0:1/4', '1/2:3/4', '1/4:1/2', '3/4:1']);
    // 5 s ahead and 5 s behind are 10 s apart, as nearly as the readings can tell.
    const { spreadMs, uncertaintyMs, unasked } = processes?.clocks ?? {
      spreadMs: 0,
      uncertaintyMs: 0,
      unasked: 4,
    };
    expect(unasked).toBe(0);
    expect(Math.abs(spreadMs - 10_000)).toBeLessThanOrEqual(uncertaintyMs);

    const three = await judged('check', files.slice(0, 3));
    expect(three.verdict).toBe('unknown');
    expect(three.reasons.join('; ')).toContain('a part of the run is not here (3/4:1 of 0:1)');
    const twice = await judged('check', [...files, files[0] ?? '']);
    expect(twice.verdict).toBe('unknown');
    expect(twice.reasons.join('; ')).toContain('more than once: 0:1/4');
  });

  test('of which one was killed: what it left is settled and judged, what is missing makes unknown', async () => {
    const ran = await Promise.all(
      [1, 2, 3, 4].map((number) => part(number, 'killed', number === 2 ? 3 : undefined)),
    );
    expect(ran[1]?.code).toBe(null);
    const files = historiesIn(join(folder.path, 'killed'), SCENARIO);
    expect(files).toHaveLength(4);
    const alone = await judged('check', files);
    expect(alone.verdict).toBe('unknown');
    expect(alone.reasons.join('; ')).toMatch(/no end|never ended|ended early|end event/i);

    const access = [
      '--target',
      config,
      '--scenario',
      SCENARIO,
      '--settle',
      '5s',
      '--out',
      join(folder.path, 'audit'),
    ];
    const verdict = await judged('audit', files, access);
    // Nothing that the dead process's clock says, 5 s ahead, is taken for a fault of the endpoint.
    expect(verdict.violations).toEqual([]);
    expect(verdict.verdict).toBe('unknown');
    expect(verdict.reasons.join('; ')).toContain('1 of 4 processes never came to their end');
    // All that it had begun was settled and read back.
    expect(verdict.reasons.join('; ')).not.toMatch(/not audited|not read back|undecided/);
    expect(verdict.counts.intents).toBe(new Set(files.flatMap((file) => [...intentsOf(file)])).size);
    expect(verdict.run.processes?.clocks.unasked).toBe(0);
  });
});
