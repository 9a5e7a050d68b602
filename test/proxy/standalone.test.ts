import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startStandaloneProxy, type StandaloneProxy } from '../../harness/proxy/standalone.ts';
import { callApi } from './subjects.ts';
import { closeAll, echo, open, type TestServer } from './servers.ts';

let folder: string;
let started: StandaloneProxy | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onceproof-'));
});
afterEach(async () => {
  await started?.close();
  started = undefined;
  await rm(folder, { recursive: true });
  await closeAll();
});

async function configured(content: string): Promise<string> {
  const file = join(folder, 'proxies.json');
  await writeFile(file, content);
  return file;
}

const start = async (config?: string, port = 0): Promise<StandaloneProxy> => {
  started = await startStandaloneProxy({
    host: '127.0.0.1',
    port,
    seed: 1,
    ...(config === undefined ? {} : { config }),
  });
  return started;
};

test('alone it serves any Toxiproxy client', async () => {
  const { url } = await start();
  const client = new Toxiproxy(url);
  const proxy = await client.createProxy({
    name: 'p',
    listen: '127.0.0.1:0',
    upstream: (await echo()).address,
  });
  const through = await open(proxy.listen);
  through.send('hello');
  await through.untilText('hello');
  expect(JSON.parse(await client.getVersion())).toEqual({ version: expect.stringMatching(/^2\./) });
});

test('a config creates its proxies, hops among them', async () => {
  const upstream = (await echo()).address;
  const config = await configured(
    JSON.stringify([
      { name: 'a', listen: '127.0.0.1:0', upstream },
      { name: 'h', listen: '127.0.0.1:0', upstreams: [upstream], mode: 'http' },
    ]),
  );
  const { proxies, url } = await start(config);
  expect(proxies.map(({ name, mode }) => [name, mode])).toEqual([
    ['a', undefined],
    ['h', 'http'],
  ]);
  const shown = await callApi({ url }, 'GET', '/proxies/h');
  expect(shown.json).toEqual(proxies[1]);
  const toxic = { name: 't', type: 'http_answer', attributes: { status: 503 } };
  expect((await callApi({ url }, 'POST', '/proxies/h/toxics', toxic)).status).toBe(200);
  expect((await callApi({ url }, 'POST', '/proxies/a/toxics', toxic)).json).toEqual({
    error: 'invalid toxic type: http_answer works on http proxies, this one is tcp',
    status: 400,
  });
});

test.each([
  ['is not JSON', '[{', 'bad request body: unexpected EOF'],
  ['names no upstream', '[{"name":"a"}]', 'missing required field: upstream at proxy 1'],
  [
    'names an unknown mode',
    '[{"name":"a","upstream":"a:1","mode":"udp"}]',
    'bad request body: mode must be tcp or http, found \\"udp\\"',
  ],
])('a config that %s is one clear line, and nothing stays open', async (_, content, found) => {
  const config = await configured(content);
  await expect(start(config)).rejects.toThrow(
    `${config}: cannot be used; expected a JSON list of {name, listen, upstream}; found "${found}"`,
  );
});

test('a config that is not there is one clear line', async () => {
  const config = join(folder, 'nothing.json');
  await expect(start(config)).rejects.toMatchObject({ kind: 'usage', code: 'proxy-config' });
});

test('an API address in use is one clear line', async () => {
  const taken: TestServer = await echo();
  await expect(start(undefined, taken.port)).rejects.toThrow(
    `127.0.0.1:${taken.port}: the proxy's API cannot listen there; expected a free address of this machine; found "EADDRINUSE"`,
  );
});
