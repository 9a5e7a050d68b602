import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/cli.ts';
import { ENVIRONMENTS } from './environments.ts';

const BUILT = process.env['ONCEPROOF_BUILT_CLI'];
const ARGUMENTS =
  BUILT === undefined
    ? ['--import', import.meta.resolve('tsx'), join(projectRoot, 'harness/cli.ts')]
    : [BUILT];

/** In a shell of its own, with every stream as the script has it. */
function shell(script: string, folder: string): Promise<{ code: number | null; said: string }> {
  const child = spawn('/bin/bash', ['-c', script], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', CLI: [process.execPath, ...ARGUMENTS].join(' ') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  return new Promise((done) => child.once('close', (code) => done({ code, said })));
}

describe('environments', () => {
  test('are at least 25, each with a title of its own', () => {
    expect(ENVIRONMENTS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(ENVIRONMENTS.map(({ title }) => title)).size).toBe(ENVIRONMENTS.length);
  });

  test.each(ENVIRONMENTS.map((each) => [each.title, each] as const))(
    '%s',
    async (_, { input, code, line }) => {
      const folder = mkdtempSync(join(tmpdir(), 'onceproof-hostile-'));
      try {
        const told = await shell(input, folder);
        expect.soft(told.said).toMatch(line);
        expect.soft(told.said).not.toMatch(/\n {4}at /);
        expect(told.code).toBe(code);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
