import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIGS } from './configs.ts';
import { configFor, startHostileEndpoint } from './endpoint-server.ts';
import { ENDPOINTS } from './endpoints.ts';
import { FLAGS } from './flags.ts';
import { startHooksBridge } from '../../harness/config/hooks-bridge.ts';
import { HISTORIES } from './histories.ts';
import { HOOKS } from './hooks.ts';
import { command, type Told } from './in-process.ts';
import { PLANS } from './plans.ts';
import type { Row } from './row.ts';
import { SCHEDULES } from './schedules.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onceproof-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function surface<Input>(
  name: string,
  rows: readonly Row<Input>[],
  tell: (input: Input) => Promise<Told>,
): void {
  describe(name, () => {
    test('has at least 25 inputs, each with a title of its own', () => {
      expect(rows.length).toBeGreaterThanOrEqual(25);
      expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
    });

    test.each(rows.map((each) => [each.title, each] as const))('%s', async (_, { input, code, line }) => {
      const told = await tell(input);
      const said = told.code === 3 || told.code === 4 ? told.stderr : `${told.stdout}\n${told.stderr}`;
      expect.soft(said).toMatch(line);
      expect.soft(said).not.toMatch(/\n {4}at /);
      if (told.code === 3 || told.code === 4) {
        expect.soft(said.trimEnd().split('\n')).toHaveLength(1);
        expect.soft(said.length).toBeLessThan(1500);
      }
      expect(told.code).toBe(code);
    });
  });
}

surface('flags', FLAGS, (args) =>
  command(args.map((arg) => (arg.startsWith('@') ? join(folder, arg.slice(1)) : arg))),
);

let count = 0;
/** A folder of its own for a row, so that none sees another's files. */
function rowFolder(): string {
  const path = join(folder, String(count++));
  mkdirSync(path);
  return path;
}

surface('configs', CONFIGS, (content) => {
  const file = join(rowFolder(), content.startsWith('{') ? 'config.json' : 'config.mjs');
  writeFileSync(file, content);
  return command(['run', 'near-zero', '--target', file, '--out', join(folder, 'out'), '--proxy', 'embedded']);
});

surface('histories', HISTORIES, (content) => {
  const file = join(rowFolder(), 'history.ndjson');
  writeFileSync(file, content);
  return command(['check', file]);
});

surface('schedules', SCHEDULES, (content) => {
  const file = join(rowFolder(), 'faults.json');
  writeFileSync(file, content);
  const parts = ['--store', 'memory', '--proxy', 'embedded', '--engine', 'embedded'];
  return command(['run', 'near-zero', '--faults', file, '--out', join(folder, 'out'), ...parts]);
});

surface('hooks', HOOKS, async ({ hooks, ask: [method, path, body] }) => {
  const bridge = await startHooksBridge({ hooks, token: 't', timeoutMs: 200 });
  try {
    const answer = await fetch(`${bridge.url}/hooks${path}`, {
      method,
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { code: answer.status, stdout: await answer.text(), stderr: '' };
  } finally {
    await bridge.close();
  }
});

surface('plans', PLANS, (content) => {
  const dir = rowFolder();
  writeFileSync(join(dir, 'plan.json'), content);
  return command(['replay', dir, '--out', join(folder, 'out')]);
});

surface('endpoints', ENDPOINTS, async (spoil) => {
  const endpoint = await startHostileEndpoint(spoil);
  try {
    const file = join(rowFolder(), 'config.json');
    writeFileSync(file, JSON.stringify(configFor(endpoint.url)));
    const parts = ['--proxy', 'embedded', '--engine', 'embedded', '--faults', 'none', '--max-time', '20s'];
    const load = ['--intents', '2', '--out', join(folder, 'out')];
    return await command(['run', 'lost-answer', '--target', file, ...load, ...parts]);
  } finally {
    await endpoint.close();
  }
});
