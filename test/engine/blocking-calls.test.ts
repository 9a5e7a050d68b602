/** Whether a script blocks, as its text says: what decides whether it gets a thread for each VU. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { BlockingCalls } from '../../harness/engine/blocking-calls.ts';
import { buildScript } from '../../harness/engine/bundle.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function looked(source: string): Promise<BlockingCalls> {
  const script = join(folder, 'script.js');
  writeFileSync(script, source);
  return (await buildScript(script)).blocking;
}

const HTTP = "import http from 'k6/http';";
const SLEEP = "import { sleep } from 'k6';";

describe('a script blocks for certain', () => {
  test.each([
    ['by a verb', `${HTTP} export default () => { http.get('x'); };`, ['http.get']],
    [
      'by two',
      `${HTTP} export default () => { http.post('x'); http.batch([]); };`,
      ['http.batch', 'http.post'],
    ],
    ['by a name', "import { get as ask } from 'k6/http'; export default () => ask('x');", ['http.get']],
    ['by a namespace', "import * as h from 'k6/http'; export default () => h.del('x');", ['http.del']],
    ['by require', "const h = require('k6/http'); module.exports.default = () => h.put('x');", ['http.put']],
    ['by a sleep that is not awaited', `${SLEEP} export default () => { sleep(1); };`, ['sleep']],
    ['by a sleep that is returned', `${SLEEP} export default () => sleep(1);`, ['sleep']],
    [
      'by sleeps in a list',
      `${SLEEP} export default async () => { await Promise.all([sleep(1)]); };`,
      ['sleep'],
    ],
    [
      'by a name like a local one',
      `${HTTP} const import_http = 1; export default () => http.get(import_http);`,
      ['http.get'],
    ],
  ])('%s', async (_how, source, names) => {
    expect(await looked(source)).toEqual({ names, isPossible: false });
  });

  test('by a module that it imports', async () => {
    writeFileSync(join(folder, 'part.js'), `${HTTP} export const ask = () => http.get('x');`);
    const { names } = await looked("import { ask } from './part.js'; export default () => ask();");
    expect(names).toEqual(['http.get']);
  });
});

describe('a script may block', () => {
  test.each([
    ['by a module that is handed on', `${HTTP} const it = http; export default () => it.get('x');`],
    ['by a name that is computed', `${HTTP} export default () => http['g' + 'et']('x');`],
    ['by a part taken out', `${HTTP} const { get } = http; export default () => get('x');`],
    ['by a sleep that is handed on', `${SLEEP} const nap = sleep; export default () => { nap(1); };`],
    [
      'by a form of a page',
      `${HTTP} export default async () => { (await it(http.asyncRequest)).submitForm(); };`,
    ],
    [
      'by a link of a page',
      `${HTTP} export default async () => { const { clickLink } = await it(http.url); };`,
    ],
    ['by require without a name', "module.exports.default = () => require('k6/http')['get']('x');"],
  ])('%s', async (_how, source) => {
    expect(await looked(source)).toEqual({ names: [], isPossible: true });
  });
});

describe('a script does not block', () => {
  test.each([
    [
      'with requests that do not',
      `${HTTP} export default async () => { await http.asyncRequest('GET', 'x'); };`,
    ],
    ['with a sleep that is awaited', `${SLEEP} export default async () => { await sleep(1); };`],
    [
      'with names of others',
      `${HTTP} const map = new Map(); export default () => { map.get('x'); http.cookieJar().set('x'); };`,
    ],
    [
      'with checks',
      "import { check, group } from 'k6'; export default () => { group('a', () => check(1, {})); };",
    ],
    ['with a name in a text', `${HTTP} export default () => { http.asyncRequest('GET', 'http.get'); };`],
    ['without any module', 'export default () => {};'],
    ['with a form of its own', 'const it = { submitForm() {} }; export default () => it.submitForm();'],
    [
      'with a page that is only read',
      `${HTTP} export default async () => { (await http.asyncRequest('GET', 'x')).html('a'); };`,
    ],
  ])('%s', async (_how, source) => {
    expect(await looked(source)).toEqual({ names: [], isPossible: false });
  });

  const scenarios = resolve(import.meta.dirname, '../../scenarios');
  const names = readdirSync(scenarios).filter((name) => name.endsWith('.ts'));
  test.each(names)('our own: %s', async (name) => {
    expect((await buildScript(join(scenarios, name))).blocking).toEqual({ names: [], isPossible: false });
  });
});
