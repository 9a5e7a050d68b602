/** The scripts as four pods of the real k6 run them, each its execution segment, and one audit over what they printed. */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findK6 } from '../../harness/engine/k6-process.ts';
import { equalPart } from '../../harness/model/segment.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { HOOKS_TOKEN, serve, TOKEN, type TestServer } from '../reference-server/harness.ts';
import { onceproof, projectRoot, temporaryFolder, told } from '../support/cli.ts';

const k6 = findK6();
let folder: ReturnType<typeof temporaryFolder>;
let server: TestServer;
beforeAll(async () => {
  folder = temporaryFolder();
  server = await serve();
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

async function pod(program: string, part: number): Promise<string> {
  const file = join(folder.path, `soak-${part}.ndjson`);
  const { executionSegment, executionSegmentSequence } = equalPart(part, 4);
  const child = spawn(
    program,
    [
      ...['run', '--no-thresholds', '--log-format=raw', `--console-output=${file}`],
      ...[
        `--execution-segment=${executionSegment}`,
        `--execution-segment-sequence=${executionSegmentSequence}`,
      ],
      join(projectRoot, 'scenarios/double-click.ts'),
    ],
    {
      env: {
        ...{ HOME: folder.path, K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' },
        ...{ BASE_URL: server.url, TOKEN, HOOKS_URL: server.hooksUrl ?? '', HOOKS_TOKEN },
        ...{ RUN_ID: 'pods', SEED: '7', INTENTS: '26', VUS: '8', BACKOFF_FACTOR: '0.02' },
      },
      stdio: 'ignore',
    },
  );
  await new Promise((resolve) => child.once('close', resolve));
  return file;
}

describe(`four pods of the real k6${k6 === undefined ? ' (skipped: no k6 on the PATH)' : ''}`, () => {
  test.skipIf(k6 === undefined)('make one run, judged as one', { timeout: 300_000 }, async () => {
    const files = await Promise.all([1, 2, 3, 4].map((part) => pod(k6 ?? '', part)));
    const intents = files.map(
      (file) =>
        new Set([...readFileSync(file, 'utf8').matchAll(/"intent":"([^"]+)"/g)].map((found) => found[1])),
    );
    const all = new Set(intents.flatMap((own) => [...own]));
    expect(all.size).toBe(intents.reduce((sum, { size }) => sum + size, 0));
    const iterations = new Set([...all].map((intent) => Number(intent?.split('-')[1])));
    expect(iterations.size).toBe(26);

    const audit = ['audit', ...files, '--base-url', server.url, '--hooks-url', server.hooksUrl ?? ''];
    const result = await onceproof(
      [...audit, '--scenario', 'double-click', '--settle', '5s', '--out', join(folder.path, 'out'), '--json'],
      { env: { TOKEN, HOOKS_TOKEN } },
    );
    const verdict = JSON.parse(result.stdout) as Verdict;
    expect(verdict.violations).toEqual([]);
    expect(verdict.verdict, told(verdict)).toBe('valid');
    expect(verdict.run.processes?.count).toBe(4);
    expect(verdict.run.processes?.clocks.unasked).toBe(0);
    expect([...(verdict.run.processes?.parts ?? [])].toSorted()).toEqual([
      '0:1/4',
      '1/2:3/4',
      '1/4:1/2',
      '3/4:1',
    ]);
    // The history of three of them is a part of a run.
    const three = await onceproof(
      [
        'audit',
        ...files.slice(0, 3),
        ...audit.slice(5),
        '--scenario',
        'double-click',
        '--out',
        join(folder.path, 'three'),
        '--json',
      ],
      { env: { TOKEN, HOOKS_TOKEN } },
    );
    expect((JSON.parse(three.stdout) as Verdict).verdict).toBe('unknown');
  });
});
