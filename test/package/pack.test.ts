import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { projectRoot, temporaryFolder } from '../support/cli.ts';

let folder: ReturnType<typeof temporaryFolder>;
let home: string;

function run(program: string, args: readonly string[], cwd: string) {
  return spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

// What is tested is what users get. Under `npm run verify` the build is there, and the tests beside this one run it: building it anew would take it from under them.
beforeAll(() => {
  folder = temporaryFolder();
  home = join(folder.path, 'elsewhere');
  mkdirSync(home);
  const built = process.env['ONCEPROOF_BUILT_CLI'] === undefined ? [] : ['--ignore-scripts'];
  const packed = run('npm', ['pack', ...built, '--pack-destination', folder.path], projectRoot);
  expect(packed.status, packed.stderr).toBe(0);
  const tarball = readdirSync(folder.path).find((name) => name.endsWith('.tgz')) ?? expect.fail('no package');
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
  const installed = run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', join('..', tarball)],
    home,
  );
  expect(installed.status, installed.stderr).toBe(0);
}, 240_000);
afterAll(() => folder.remove());

const bin = () => join(home, 'node_modules', '.bin', 'onceproof');

test('the package holds what it needs and nothing of our tests', () => {
  const inside = readdirSync(join(home, 'node_modules', 'onceproof'));
  expect(inside).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'harness', 'scenarios']));
  for (const name of ['test', 'properties', 'results', '.ci', 'node_modules'])
    expect(inside).not.toContain(name);
});

test('installed elsewhere it says its version and runs a scenario to a verdict', () => {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(run(bin(), ['--version'], home).stdout.trim()).toBe(version);
  const args = [
    'run',
    'double-click',
    '--engine',
    'embedded',
    '--proxy',
    'embedded',
    '--store',
    'memory',
    '--json',
  ];
  const done = run(bin(), args, home);
  expect(done.status, done.stderr).toBe(0);
  expect((JSON.parse(done.stdout) as Verdict).verdict).toBe('valid');
});

test('a config written by init finds the package that it imports', () => {
  expect(run(bin(), ['init'], home).status).toBe(0);
  // The written config names an endpoint that is not there: told at once, and nothing is left behind.
  const done = run(bin(), ['run', 'double-click', '--engine', 'embedded', '--out', 'own'], home);
  expect(done.stderr).toMatch(
    /baseUrl: the endpoint cannot be reached; expected somebody who listens on .*ECONNREFUSED/,
  );
  expect(done.status).toBe(3);
  expect(
    existsSync(join(home, 'own', 'double-click')) ? readdirSync(join(home, 'own', 'double-click')) : [],
  ).toEqual([]);
});

test('demo, with nothing else installed, finds a bug, shows its story, and runs the repaired edition', () => {
  const done = run(bin(), ['demo', '--out', 'demo'], home);
  expect(done.status, done.stderr).toBe(0);
  expect(done.stdout).toMatch(
    /✗ (?:double-debit|duplicate-intent)[\s\S]*✗ INVALID[\s\S]*✓ VALID[\s\S]*✗ INVALID.*one stand was enough/,
  );
  const [, report = ''] = /The story, drawn: (.*report\.html)/.exec(done.stdout) ?? [];
  expect(existsSync(join(home, report))).toBe(true);
});

const pages = readdirSync(join(projectRoot, 'docs/library')).filter((name) => name !== 'README.md');

/** The one example of a page. */
function exampleOf(page: string): string {
  const text = readFileSync(join(projectRoot, 'docs/library', page), 'utf8');
  const blocks = [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = '']) => code);
  expect(blocks).toHaveLength(1);
  return blocks[0] ?? '';
}

test.each(pages.filter((page) => page !== 'vitest.md'))(
  'the example of docs/library/%s does what it says',
  (page) => {
    const code = exampleOf(page);
    const file = `${page}.mjs`;
    writeFileSync(join(home, file), code);
    const done = run(process.execPath, [file], home);
    expect(done.status, done.stderr).toBe(0);
    const said = done.stdout.split('\n');
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(said.slice(0, promised.length)).toEqual(promised);
  },
);

test('the example of docs/library/vitest.md passes under vitest', () => {
  // The one that is here, as if it had been installed there.
  const modules = join(home, 'node_modules');
  if (!existsSync(join(modules, 'vitest')))
    symlinkSync(join(projectRoot, 'node_modules', 'vitest'), join(modules, 'vitest'), 'dir');
  writeFileSync(join(home, 'example.test.js'), exampleOf('vitest.md'));
  const done = run(
    process.execPath,
    [join(modules, 'vitest', 'vitest.mjs'), 'run', '--root', home, 'example.test.js'],
    home,
  );
  expect(done.stdout + done.stderr).toMatch(/Tests\s+1 passed/);
  expect(done.status).toBe(0);
});
