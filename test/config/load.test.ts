import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { loadConfig } from '../../harness/config/load.ts';
import { HarnessError } from '../../harness/base/errors.ts';
import { SMALLEST } from './configs.ts';

const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const SMALLEST_TEXT = JSON.stringify(SMALLEST);
let fileCount = 0;

/** Writes files into a folder of their own and loads the first of them. */
async function load(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const own = join(folder, String((fileCount += 1)));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(own, name)), { recursive: true });
    writeFileSync(join(own, name), text);
  }
  return await loadConfig(join(own, Object.keys(files)[0] ?? ''), { env });
}

async function lineOf(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => new Error('no error'),
    (reason: unknown) => reason,
  );
  if (error instanceof HarnessError && error.kind === 'usage') return error.message;
  throw error;
}

test.each(['onceproof.config.ts', 'a.mts', 'a.js', 'a.mjs'])(
  "%s may import defineConfig from 'onceproof'",
  async (name) => {
    const text = `import { defineConfig } from 'onceproof';\nexport default defineConfig(${SMALLEST_TEXT});`;
    const config = await load({ [name]: text });
    expect(config.target.rewards).toEqual([{ id: 'coffee', points: 120 }]);
  },
);

test('JSON is a config too', async () => {
  const config = await load({ 'a.json': SMALLEST_TEXT });
  expect(config.customers).toEqual([{ id: 'c-1' }]);
});

test('TypeScript, relative imports, packages, JSON files and the own address all work', async () => {
  const config = await load({
    'onceproof.config.ts': `
      import type { OnceproofConfig } from 'onceproof';
      import { readFileSync } from 'node:fs';
      import { tag } from 'tagger';
      import { rewards } from './lib/rewards.ts';
      import customers from './customers.json';
      const path: string = readFileSync(new URL('./path.txt', import.meta.url), 'utf8');
      const config: OnceproofConfig = { ...${SMALLEST_TEXT}, rewards, customers,
        redeem: { path, body: { tag, at: import.meta.dirname } } };
      export default config;`,
    'lib/rewards.ts': `export const rewards = [{ id: 'tea', points: 5 as number }];`,
    'customers.json': '["x", "y"]',
    'path.txt': '/from-a-file',
    'node_modules/tagger/package.json': '{"name":"tagger","type":"module","exports":{"import":"./esm.js"}}',
    'node_modules/tagger/esm.js': `export const tag = import.meta.url;`,
  });
  const own = dirname(config.file);
  expect(config.target.rewards).toEqual([{ id: 'tea', points: 5 }]);
  expect(config.customers).toEqual([{ id: 'x' }, { id: 'y' }]);
  expect(config.target.redeem.path).toBe('/from-a-file');
  // The package ran from where it is installed: it was not copied into the config.
  const tag = pathToFileURL(join(own, 'node_modules/tagger/esm.js')).href;
  expect(config.target.redeem.body).toEqual({ tag, at: own });
});

test('a config is read anew each time, and leaves no file behind', async () => {
  const scratch = mkdtempSync(join(folder, 'scratch-'));
  vi.stubEnv('TMPDIR', scratch);
  const file = join(folder, 'again.config.ts');
  for (const path of ['/one', '/two']) {
    writeFileSync(file, `export default { ...${SMALLEST_TEXT}, redeem: { path: '${path}', body: {} } };`);
    const config = await loadConfig(file, { env: {} });
    expect(config.target.redeem.path).toBe(path);
  }
  expect(readdirSync(scratch)).toEqual([]);
});

test('the environment is the one that is handed in', async () => {
  const text = JSON.stringify({ ...SMALLEST, auth: { env: 'TOKEN' } });
  const config = await load({ 'a.json': text }, { TOKEN: 'from-outside' });
  expect(await config.auth.tokenFor('c-1')).toBe('from-outside');
});

test.each<readonly [name: string, text: string, line: string | RegExp]>([
  ['a.json', '{', /^a\.json: is no JSON: /],
  ['a.ts', 'export default {', /^a\.ts: line 1: Expected identifier but found end of file$/],
  ['a.ts', `throw new Error('no database')`, 'a.ts: threw while it was loaded: no database'],
  [
    'a.ts',
    'export const config = {};',
    'the config: missing in a.ts; expected an object (the default export)',
  ],
  [
    'a.ts',
    `import { x } from 'not-installed'; export default x;`,
    /^a\.ts: line 1: Could not resolve "not-installed"$/,
  ],
  [
    'a.ts',
    `import { x } from './nowhere.ts'; export default x;`,
    /^a\.ts: line 1: Could not resolve "\.\/nowhere\.ts"$/,
  ],
  [
    'a.ts',
    `import { start } from 'onceproof'; export default start;`,
    /^a\.ts: line 1: No matching export in .* for import "start"$/,
  ],
  [
    'a.ts',
    'export default { baseUrl: 5 };',
    "baseUrl: wrong in a.ts; expected a text, or { env: 'NAME' }; found 5",
  ],
])('%s with %j is told in one line', async (name, text, line) => {
  const told = await lineOf(load({ [name]: text }));
  if (typeof line === 'string') expect(told).toBe(line);
  else expect(told).toMatch(line);
});

test('a file that is not there, and one of another kind, are told by name', async () => {
  const missing = join(folder, 'missing.ts');
  expect(await lineOf(loadConfig(missing, { env: {} }))).toBe(
    `${missing}: cannot be read; expected a config file; found "ENOENT"`,
  );
  expect(await lineOf(loadConfig('onceproof.toml', { env: {} }))).toBe(
    'onceproof.toml: cannot be a config; expected a file that ends with .ts, .mts, .js, .mjs, .json, .yaml or .yml; found ".toml"',
  );
});
