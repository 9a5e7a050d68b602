/** The command line with a script that never gives its thread back: judged, and told where it stood. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { runForVerdict, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

test('a script that never gives its thread back: unknown, its place named, its history closed', async () => {
  const script = join(folder.path, 'spins.js');
  writeFileSync(
    script,
    'export default async function () { spin(); }\nfunction spin() { while (true) {} }\n',
  );
  const out = join(folder.path, 'out');
  const { verdict, stderr } = await runForVerdict([
    script,
    ...['--engine', 'embedded', '--store', 'memory', '--proxy', 'embedded', '--faults', 'none'],
    ...['--max-stall', '2s', '--out', out],
  ]);
  expect(verdict.verdict, stderr).toBe('unknown');
  const reasons = verdict.reasons.join('\n');
  expect(reasons).toContain('did not give its thread back for 2 seconds');
  expect(reasons).toMatch(/in default, at spin \(.*spins\.js:2:\d+\)/);
  const file = readdirSync(out, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('history.ndjson'),
  );
  const history = readFileSync(join(out, file ?? ''), 'utf8')
    .trimEnd()
    .split('\n');
  expect(JSON.parse(history.at(-1) ?? '')).toMatchObject({ type: 'end' });
});
