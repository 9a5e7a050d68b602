import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledProgram } from '../../harness/environment/bundled-program.ts';
import { packageRoot, programArguments } from '../../harness/base/program.ts';

const SERVER = 'reference-server/main';

test('the bundle of the server behaves as the server: same help, same refusals', async () => {
  const bundle = await bundledProgram(SERVER);
  expect(bundle.args).toEqual([
    expect.stringContaining(join(packageRoot(), 'node_modules', '.cache', 'onceproof', 'main-')),
  ]);
  const plain = programArguments(SERVER);
  for (const args of [
    ['--help'],
    ['--list-defects'],
    ['--profile', 'none'],
    ['--replicas', '2', '--store', 'redis://h'],
  ]) {
    const [one, other] = [bundle, plain].map(({ command, args: first }) => {
      const { status, stdout, stderr } = spawnSync(command, [...first, ...args], { encoding: 'utf8' });
      return { status, stdout, stderr };
    });
    expect(one).toEqual(other);
  }
});

test('one process asks for it once', () => {
  expect(bundledProgram(SERVER)).toBe(bundledProgram(SERVER));
});

test('a program that is not there is refused as without a bundle', async () => {
  await expect(bundledProgram('reference-server/nothing')).rejects.toThrow(
    'the program reference-server/nothing',
  );
});

test('beside the bundle stands what it was made of, and a change of any of it makes it anew', async () => {
  const [file = ''] = (await bundledProgram(SERVER)).args;
  expect(existsSync(`${file}.json`)).toBe(true);
  const built = statSync(file).mtimeMs;
  const again = (): string =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PRINT_BUNDLE], {
      cwd: packageRoot(),
      encoding: 'utf8',
    }).stdout.trim();
  expect(again()).toBe(file);
  expect(statSync(file).mtimeMs).toBe(built);
  // As if one of its files had another size by now.
  const manifest = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { inputs: Record<string, string> };
  manifest.inputs['reference-server/main.ts'] = '1@1';
  writeFileSync(`${file}.json`, JSON.stringify(manifest));
  expect(again()).toBe(file);
  expect(statSync(file).mtimeMs).toBeGreaterThan(built);
});

const PRINT_BUNDLE = `
  const { bundledProgram } = await import('./harness/environment/bundled-program.ts');
  console.log((await bundledProgram('${SERVER}')).args.at(-1));
`;
