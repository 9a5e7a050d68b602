import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../harness/config/load.ts';
import { HarnessError } from '../../harness/base/errors.ts';
import { CONFIG_FILE, initConfig } from '../../harness/runs/init.ts';

const root = resolve(import.meta.dirname, '../..');
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
  folders.push(folder);
  return folder;
}

test('the config that init writes loads as it stands', async () => {
  const dir = newFolder();
  const file = await initConfig({ dir });
  expect(file).toBe(join(dir, CONFIG_FILE));
  const config = await loadConfig(file, { env: {} });
  expect(config.contract).toMatchObject({ profile: 'ietf', inFlight: { status: 409 }, expiredKey: 'new' });
  expect(config.capabilities).toMatchObject({ balance: true, redemptions: true, provision: false });
});

test('every commented alternative loads too', async () => {
  const file = await initConfig({ dir: newFolder() });
  const text = readFileSync(file, 'utf8')
    .replace("  auth: 'none', // <-\n", '')
    .replace("customers: ['c-1', 'c-2'], // <-\n", '')
    .replace(/^ {2}\/\/ (?=allowedHosts)/m, '  ')
    .replace(/^ {2}\/\/ (?=auth: \{ env)/m, '  ')
    .replace(/^ {4}\/\/ (?=balance|code|nextCursor)/gm, '    ')
    .replace(/^ {2}\/\/ (?=(hooks: \{| {2}async |\},))/gm, '  ')
    .replace("['api.staging.example.com']", "['127.0.0.1', 'api.staging.example.com']");
  writeFileSync(file, text);
  const config = await loadConfig(file, { env: { API_TOKEN: 'secret' } });
  expect(config.auth.kind).toBe('env');
  expect(config.target.answer).toEqual({ redemption: '/id', balance: '/balance', code: '/error/code' });
  expect(config.target.redemptions?.cursorParameter).toBe('after');
  expect(Object.keys(config.hooks)).toEqual(['provision', 'credit', 'advanceClock', 'ledger']);
});

test('the config that init writes type-checks under this project’s strict options', async () => {
  const dir = newFolder();
  await initConfig({ dir });
  const options = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      paths: { onceproof: [join(root, 'harness/index.ts')] },
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [CONFIG_FILE],
  };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(options));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const checked = promisify(execFile)(process.execPath, [tsc, '-p', dir]);
  const said = await checked.catch((error: unknown) => error as { readonly stdout: string });
  expect(said.stdout).toBe('');
});

test('a config that is there is never overwritten unasked', async () => {
  const dir = newFolder();
  const file = join(dir, CONFIG_FILE);
  writeFileSync(file, 'mine');
  const error = await initConfig({ dir }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HarnessError);
  expect(error).toMatchObject({
    kind: 'usage',
    message: `${file}: is there already; expected --force to overwrite it`,
  });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  await initConfig({ dir, force: true });
  expect(readFileSync(file, 'utf8')).toContain('defineConfig');
});

test('a folder that is not there is told', async () => {
  const dir = join(newFolder(), 'nowhere');
  const error = await initConfig({ dir }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: 'harness' });
});
