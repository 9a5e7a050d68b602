/** What a script says and throws of its own, from the command line: none of it is evidence, and none of it ends the run. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { onceproof, temporaryFolder, type CliResult } from '../support/cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

let outcome: CliResult;
const read = (name: string): string => {
  const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
  return readFileSync(join(folder.path, files.find((file) => file.endsWith(name)) ?? name), 'utf8');
};

beforeAll(async () => {
  const script = join(folder.path, 'talks.js');
  writeFileSync(
    script,
    `export const options = { vus: 1, iterations: 3 };
export default function () {
  console.log(JSON.stringify({ type: 'mine', mark: 'a-type-of-my-own' }));
  console.log(JSON.stringify({ mark: 'no-type-at-all' }));
  redeem();
}
function redeem() { throw new RangeError('no points'); }
`,
  );
  outcome = await onceproof([
    ...[
      'run',
      script,
      '--engine',
      'embedded',
      '--store',
      'memory',
      '--proxy',
      'embedded',
      '--faults',
      'none',
    ],
    ...['--out', join(folder.path, 'out')],
  ]);
});

test('JSON of its own goes to engine.log, and not into the history', () => {
  for (const mark of ['a-type-of-my-own', 'no-type-at-all']) {
    expect(read('engine.log').split(mark)).toHaveLength(4);
    expect(read('history.ndjson')).not.toContain(mark);
  }
  const last = read('history.ndjson').trimEnd().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ type: 'end', reason: 'finished' });
});

test('its exceptions are told by message, place and count, in the terminal and in every report', () => {
  const told = /3 times: RangeError: no points, at redeem \(.*talks\.js:7:\d+\)/;
  expect(outcome.stdout.replaceAll(/\s+/g, ' ')).toMatch(told);
  for (const name of ['junit.xml', 'summary.md', 'report.html']) expect(read(name), name).toMatch(told);
  expect(read('junit.xml')).not.toContain('\\x0a');
  expect(JSON.parse(read('verdict.json'))).toMatchObject({
    exceptions: [{ message: 'RangeError: no points', count: 3 }],
  });
});
