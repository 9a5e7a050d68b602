import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import { DIFFERENCES } from '../../harness/proxy/differences.ts';
import { HTTP_TOXIC_ATTRIBUTES } from '../../harness/proxy/http/toxics.ts';
import { closeAll, echo, open } from './servers.ts';
import { callApi } from './subjects.ts';

let proxy: ChaosProxy;
let url: string;

beforeEach(async () => {
  proxy = new ChaosProxy({ seed: 1 });
  const { host, port } = await proxy.listenApi('127.0.0.1', 0);
  url = `http://${host}:${port}`;
});
afterEach(async () => {
  await proxy.close();
  await closeAll();
});

test('every difference that a test names is in the table, and every one in the table is named by a test', async () => {
  const names = (await readdir(new URL('.', import.meta.url))).filter((name) =>
    /^(conformance-.*|differences|seed)\.test\.ts$/.test(name),
  );
  const files = names.map((name) => readFile(new URL(name, import.meta.url), 'utf8'));
  const texts = (await Promise.all(files)).join('\n');
  const tagged = [...texts.matchAll(/ \[([a-z_][\w -]+)\]['"`]/gi)].map(([, name]) => name);
  const rows = [...texts.matchAll(/difference: '(\w[\w ]*)'/g)].map(([, name]) => name);
  const named = new Set([...tagged, ...rows]);
  expect(named).toEqual(new Set(DIFFERENCES.map(({ name }) => name)));
});

test('docs/proxy.md names every difference, every HTTP toxic and every attribute', async () => {
  const words = (text: string): string => text.replace(/[\s|\-*]+/g, ' ');
  const page = words(await readFile(new URL('../../docs/proxy.md', import.meta.url), 'utf8'));
  for (const { name, original, ours } of DIFFERENCES) {
    expect(page).toContain(words(`| ${name} | ${original} | ${ours} |`));
  }
  for (const [type, attributes] of Object.entries(HTTP_TOXIC_ATTRIBUTES)) {
    expect(page).toContain(`\`${type}\``);
    for (const attribute of attributes) expect(page).toContain(`\`${attribute}\``);
  }
});

test('a proxy without a listen address stays on this machine [no listen address]', async () => {
  const { listen } = await proxy.create({ name: 'p', upstream: '127.0.0.1:9' });
  expect(listen).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('a proxy object holds what it is, nothing else [Logger]', async () => {
  await proxy.create({ name: 'p', upstream: '127.0.0.1:9' });
  const { text } = await callApi({ url }, 'GET', '/proxies/p');
  expect(Object.keys(JSON.parse(text) as object)).toEqual([
    'name',
    'listen',
    'upstream',
    'enabled',
    'toxics',
  ]);
});

test('what follows the JSON value of a body makes it a bad one [trailing data]', async () => {
  const answer = await callApi({ url }, 'POST', '/proxies', '{"name":"p","upstream":"a:1"} {}');
  expect(answer).toMatchObject({
    status: 400,
    json: { error: expect.stringMatching(/^bad request body: /) },
  });
});

test('bytes count while the connection is open [metrics]', async () => {
  const upstream = (await echo()).address;
  const { listen } = await proxy.create({ name: 'a"b', upstream });
  const client = await open(listen);
  client.send('hello');
  await client.untilText('hello');
  const { text } = await callApi({ url }, 'GET', '/metrics');
  const labels = (direction: string): string =>
    `{direction="${direction}",listener="${listen}",proxy="a\\"b",upstream="${upstream}"}`;
  for (const name of ['received', 'sent']) {
    expect(text).toContain(`# TYPE toxiproxy_proxy_${name}_bytes_total counter\n`);
    expect(text).toContain(`toxiproxy_proxy_${name}_bytes_total${labels('upstream')} 5\n`);
    expect(text).toContain(`toxiproxy_proxy_${name}_bytes_total${labels('downstream')} 5\n`);
  }
});
