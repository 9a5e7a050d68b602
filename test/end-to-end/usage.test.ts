import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onceproof, temporaryFolder } from '../support/cli.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'torn.ndjson'), '{"type":"run"\n');
  writeFileSync(join(folder.path, 'strange.ndjson'), '{"type":"surprise","at":1}\n');
  writeFileSync(join(folder.path, 'faults.json'), '{"rules":[{"name":"x","what":"meteor"}]}');
  writeFileSync(join(folder.path, 'bad.config.json'), '{"baseUrl":"ftp://127.0.0.1"}');
  writeFileSync(join(folder.path, 'broken.ts'), 'export default function () { retrun 1 }\n');
});
afterAll(() => folder.remove());

describe('wrong usage is one clear line and exit 4', () => {
  test.each([
    ['an unknown command', ['fly'], /unknown command|too many arguments/],
    ['an unknown flag', ['run', '--speed', '3'], /unknown option '--speed'/],
    [
      'an unknown scenario',
      ['run', 'tsunami'],
      /scenario: no such scenario; expected retry-storm, .*; found "tsunami"/,
    ],
    ['a script that is not there', ['run', './nothing.ts'], /found "\.\/nothing\.ts"/],
    [
      'a number that is none',
      ['run', '--vus', 'many'],
      /--vus: wrong value; expected a whole number from 1 to 10000; found "many"/,
    ],
    [
      'a duration without a unit',
      ['run', '--duration', '30'],
      /--duration: wrong value; expected a duration such as 30s/,
    ],
    ['a rate without a duration', ['run', 'soak', '--rate', '5'], /--rate: needs a duration/],
    [
      'an unknown fault schedule',
      ['run', '--faults', 'apocalypse'],
      /--faults: no such fault schedule; expected none, light, heavy/,
    ],
    ['a wrong schedule file', ['run', '--faults', 'faults.json'], /meteor/],
    [
      'an unknown profile',
      ['run', '--profile', 'sesame'],
      /--profile: wrong value; expected seed, ietf, stripe, stripe-v2, paypal, adyen; found "sesame"/,
    ],
    [
      'a run of the bundled server by a profile for judging only',
      ['run', '--profile', 'paypal'],
      /--profile: is for judging one's own endpoint.*expected seed, ietf, stripe for the bundled server; found "paypal"/,
    ],
    ['the bundled server by a profile for judging only', ['serve', '--profile', 'adyen'], /found "adyen"/],
    [
      'an unknown defect',
      ['run', 'double-click', '--defect', 'gremlin'],
      /--defect.*check-then-act.*"gremlin"/,
    ],
    [
      'a store that is no address',
      ['run', '--store', '127.0.0.1:6379'],
      /--store: wrong value; expected auto, memory, redis or redis:/,
    ],
    [
      'a proxy that is no address',
      ['run', '--proxy', 'localhost'],
      /--proxy: wrong value; expected auto, embedded, toxiproxy or http:/,
    ],
    [
      'a config that is not there',
      ['run', '--target', 'mine.ts'],
      /--target: no such file; expected a config file; found "mine.ts"/,
    ],
    ['a config with a wrong address', ['run', '--target', 'bad.config.json'], /baseUrl.*ftp/],
    ['a history that is not there', ['check', 'none.ndjson'], /none\.ndjson/],
    ['a history that is no JSON', ['check', 'torn.ndjson'], /torn\.ndjson/],
    ['a history with an unknown event', ['check', 'strange.ndjson'], /strange\.ndjson:1.*surprise/],
    ['an audit of nothing in particular', ['audit', 'strange.ndjson'], /--target FILE or --base-url URL/],
  ] satisfies [string, string[], RegExp][])('%s', async (_, args, line) => {
    const out = args[0] === 'run' ? ['--out', 'results'] : [];
    const embedded =
      args[0] === 'run' && !args.includes('--store') && !args.includes('--proxy')
        ? ['--store', 'memory', '--proxy', 'embedded']
        : [];
    const { code, stdout, stderr } = await onceproof([...args, ...out, ...embedded], { cwd: folder.path });
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(4);
    expect(runsIn(join(folder.path, 'results'))).toEqual([]);
  });
});

describe('what the harness cannot do is one clear line and exit 3', () => {
  test('a Toxiproxy that does not answer', async () => {
    const { code, stderr } = await onceproof(
      ['run', 'double-click', '--proxy', 'http://127.0.0.1:1', '--store', 'memory', '--out', 'results'],
      { cwd: folder.path },
    );
    expect(stderr).toMatch(/127\.0\.0\.1:1/);
    expect([3, 4]).toContain(code);
    expect(runsIn(join(folder.path, 'results'))).toEqual([]);
  });

  test('a script that cannot be parsed', async () => {
    const { code, stderr } = await onceproof(
      [
        'run',
        './broken.ts',
        '--engine',
        'embedded',
        '--proxy',
        'embedded',
        '--store',
        'memory',
        '--out',
        'results',
      ],
      { cwd: folder.path },
    );
    expect(stderr).toMatch(/broken\.ts/);
    expect([3, 4]).toContain(code);
  });
});

test('--help and --version say what they should and end with 0', async () => {
  const help = await onceproof(['--help']);
  expect(help.code).toBe(0);
  expect(help.stdout).toMatch(/Exit codes: 0 valid, 1 invalid, 2 unknown/);
  const version = await onceproof(['--version']);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

/** Folders of runs: two levels below the results. */
function runsIn(results: string): string[] {
  if (!existsSync(results)) return [];
  return readdirSync(results, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => readdirSync(join(results, entry.name)).map((run) => `${entry.name}/${run}`));
}
