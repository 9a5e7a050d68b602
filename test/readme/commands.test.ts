import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../harness/base/program.ts';
import { onceproof, projectRoot, temporaryFolder } from '../support/cli.ts';

/** Commands of the README's `sh` blocks, without comments. */
function commandsOf(file: string): string[] {
  const text = readFileSync(join(projectRoot, file), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter(Boolean);
}

const hasRedis = findProgram('redis-server') !== undefined;

/** What each command of the README must do; one that is not here fails the first test. */
const CHECKS: Readonly<
  Record<
    string,
    'verified elsewhere' | { readonly code: number; readonly says: RegExp; readonly stopAt?: RegExp }
  >
> = {
  'npx onceproof demo': { code: 0, says: /✗ INVALID[\s\S]*✓ VALID[\s\S]*✗ INVALID.*one stand was enough/ },
  'npm run demo': 'verified elsewhere',
  'npm run verify': 'verified elsewhere',
  'npx onceproof run double-click --defect check-then-act': { code: 1, says: /✗ double-debit/ },
  'npx onceproof init': { code: 0, says: /wrote .*onceproof\.config\.ts/ },
  // There is no config here; test/preflight has many.
  'npx onceproof check-config': { code: 4, says: /there is no config here/ },
  // Needs the endpoint that the config describes: test/examples runs a whole one.
  'npx onceproof run double-click': 'verified elsewhere',
  // The same; test/probe runs it.
  'npx onceproof probe': 'verified elsewhere',
  // The last run that a test made is then the one with the defect.
  'npx onceproof replay results/latest': { code: 1, says: /✗ REPRODUCED/ },
  'npx onceproof run lost-answer --store redis --faults heavy': { code: 0, says: /✓ VALID {2}lost-answer/ },
  'npx onceproof check results/latest/history.ndjson': { code: 0, says: /VALID/ },
  'npx onceproof serve --port 3000': {
    code: 0,
    says: /replica 1: http:\/\/127\.0\.0\.1:3000/,
    stopAt: /replica 1: /,
  },
  'npx onceproof proxy': { code: 0, says: /API on http:\/\/127\.0\.0\.1:8474/, stopAt: /API on/ },
  'npx onceproof doctor': { code: 0, says: /auto takes/ },
};

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

describe('the README', () => {
  const commands = commandsOf('README.md');

  test('names no command that is not checked', () => {
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((command) => !(command in CHECKS))).toEqual([]);
  });

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = commands.flatMap((command) => /^npm run (\S+)/.exec(command)?.[1] ?? []);
    expect(named).toEqual(expect.arrayContaining(['demo', 'verify']));
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  test('links only to files that exist', () => {
    const text = readFileSync(join(projectRoot, 'README.md'), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      if (!link.startsWith('http')) expect(existsSync(join(projectRoot, link)), link).toBe(true);
    }
  });

  // In the README's order: `check` judges what the run before it left.
  for (const command of commands) {
    const check = CHECKS[command];
    if (check === undefined || check === 'verified elsewhere') continue;
    const needsRedis = command.includes('--store redis') || command.includes('check');
    test.skipIf(needsRedis && !hasRedis)(
      `${command}${needsRedis && !hasRedis ? ' (skipped: redis-server is not installed)' : ''}`,
      { timeout: 180_000 },
      async () => {
        const args = command.split(' ').slice(2);
        const run = await onceproof(args, {
          // The config that `init` writes would be taken by the commands after it.
          cwd: command.endsWith(' init') ? mkdtempSync(join(folder.path, 'init-')) : folder.path,
          onStdout: (text, child) => {
            if (check.stopAt?.test(text)) child.kill('SIGTERM');
          },
        });
        expect(run.stdout + run.stderr).toMatch(check.says);
        expect(run.code, run.stderr).toBe(check.code);
      },
    );
  }
});
