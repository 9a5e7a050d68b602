/** Ctrl-C, and again: the second one ends a run at once that the endpoint would hold for minutes. */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { expect, test } from 'vitest';
import { onceproof, temporaryFolder } from '../support/cli.ts';
import { configFor, startHostileEndpoint } from './endpoint-server.ts';
import { filesIn, processesWith } from './traces.ts';

/** Far longer than the test may take: what waits for an answer does not end by itself. */
const PATIENCE_MS = 600_000;

test('the second Ctrl-C ends a run at once, without a verdict and with nothing left', async () => {
  const folder = temporaryFolder();
  const mark = `mark-${process.pid}-twice`;
  let child: ChildProcess | undefined;
  let said = '';
  let isSilent = false;
  const endpoint = await startHostileEndpoint(({ what }) => {
    // From its first redeem on it answers nothing at all.
    if (what === 'redeem' && !isSilent) child?.kill('SIGINT');
    isSilent ||= what === 'redeem';
    return isSilent;
  });
  try {
    const target = join(folder.path, 'config.json');
    const limits = { timeoutMs: PATIENCE_MS, settleMs: PATIENCE_MS, lateMs: 300 };
    writeFileSync(target, JSON.stringify({ ...configFor(endpoint.url), limits }));
    const out = join(folder.path, 'out');
    const parts = ['--proxy', 'embedded', '--engine', 'embedded', '--faults', 'none'];
    const run = await onceproof(
      [
        'run',
        'lost-answer',
        '--intents',
        '2',
        '--max-time',
        '15m',
        '--target',
        target,
        ...parts,
        '--out',
        out,
      ],
      {
        env: { HOSTILE_MARK: mark },
        onStart: (started) => {
          child = started;
          started.stderr?.on('data', (chunk: Buffer) => {
            said += chunk.toString('utf8');
            if (/interrupted: healing/.test(said)) started.kill('SIGINT');
          });
        },
      },
    );
    expect(run.stderr).toMatch(/interrupted: healing, settling and judging/);
    expect(run.stderr).toMatch(/\nstopped at once: there is no verdict\n$/);
    expect(run.code).toBe(3);
    expect(run.stdout).toBe('');
    expect(filesIn(out).filter((file) => file.endsWith('verdict.json'))).toEqual([]);
    expect(processesWith(mark).filter((line) => !line.endsWith(' esbuild'))).toEqual([]);
    expect(existsSync(out)).toBe(true);
  } finally {
    await endpoint.close();
    folder.remove();
  }
});
