import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runEmbedded } from '../../harness/engine/embedded.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { HOOKS_TOKEN, serve, TOKEN, type TestServer } from '../reference-server/harness.ts';
import { onceproof, projectRoot, temporaryFolder } from '../support/cli.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

/** A script as a pod runs it, without our command line: what it prints goes to a file. */
async function pod(server: TestServer, name: string, script: string): Promise<string> {
  const lines: string[] = ['a line of the script that is no event'];
  await runEmbedded({
    script: join(projectRoot, 'scenarios', `${script}.ts`),
    env: {
      BASE_URL: server.url,
      TOKEN,
      HOOKS_URL: server.hooksUrl ?? '',
      HOOKS_TOKEN,
      BACKOFF_FACTOR: '0.02',
      INTENTS: '15',
      VUS: '5',
    },
    onLine: (line) => lines.push(line),
  });
  const file = join(folder.path, `${name}.ndjson`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function audit(server: TestServer, files: readonly string[]) {
  const access = [
    '--base-url',
    server.url,
    '--hooks-url',
    server.hooksUrl ?? '',
    '--scenario',
    'double-click',
  ];
  return onceproof(
    ['audit', ...files, ...access, '--settle', '2s', '--out', join(folder.path, 'results'), '--json'],
    {
      env: { TOKEN, HOOKS_TOKEN },
    },
  );
}

describe('histories that scripts printed elsewhere', () => {
  test('of two pods are settled, read back and judged together', async () => {
    const server = await serve();
    try {
      const files = [await pod(server, 'pod-1', 'double-click'), await pod(server, 'pod-2', 'double-click')];
      const run = await audit(server, files);
      const verdict = JSON.parse(run.stdout) as Verdict;
      expect(verdict.violations).toEqual([]);
      expect(verdict.verdict, verdict.reasons.join('; ')).toBe('valid');
      expect(run.code).toBe(0);
      // 15 iterations a pod, some with two honest intents.
      expect(verdict.counts['customers']).toBe(30);
    } finally {
      await server.close();
    }
  });

  test('of a wrong edition are invalid', async () => {
    const server = await serve({ defectName: 'check-then-act' });
    try {
      const run = await audit(server, [await pod(server, 'wrong', 'double-click')]);
      expect(run.code).toBe(1);
      const rules = (JSON.parse(run.stdout) as Verdict).violations.map(({ rule }) => rule);
      expect(rules).toContain('double-debit');
    } finally {
      await server.close();
    }
  });

  test('an endpoint that is gone cannot be read back: unknown, never valid', async () => {
    const server = await serve();
    const file = await pod(server, 'gone', 'double-click');
    await server.close();
    const run = await audit(server, [file]);
    expect(run.code).toBe(2);
    expect((JSON.parse(run.stdout) as Verdict).reasons.join('; ')).toMatch(/read back/);
  });
});
