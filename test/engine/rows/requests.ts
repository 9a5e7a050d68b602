/** Requests: bodies, parameters, headers. */
import type { Row } from './row.ts';

const FORM = `const form = (name, body, params) => q(name, async () => { const r = await post('/form', body, params); return r.status === 200 ? r.json() : [r.status, r.error]; });\n`;
const row = (title: string, body: string): Row => ({ title, body });
const form = (title: string, body: string): Row => ({ title, before: FORM, body });
/** One call for each value of a parameter. */
const param = (title: string, name: string, values: readonly string[], shown: string): Row => ({
  title,
  body: values
    .map(
      (value) =>
        `await q(${JSON.stringify(value)}, async () => { const r = await post('/reflect', 'body', { ${name}: ${value} }); return ${shown}; });`,
    )
    .join('\n'),
});

export const REQUESTS: readonly Row[] = [
  form(
    'a form is written by name, lists value by value',
    `await form('plain', { b: 'x y', a: 1, c: true });
await form('list', { a: [1, 'b', true], z: [] });
await form('letters', { s: "~*!'()-_.+&=%" });
await form('empty', {});`,
  ),
  form(
    'values that are no text are written as Go writes them',
    `await form('numbers', { f: 1.5, g: 1234567.5, h: 1e-7, i: 1e21, j: 123456789, k: -0.5 });
await form('nothing', { n: null, u: undefined });
await form('nested', { o: { b: { c: 2 }, a: 1 }, l: [[1, 2], { k: 'v' }] });`,
  ),
  form(
    'text and bytes go as they are',
    `await form('text', 'text');
await form('letters', 'ü€');
await form('bytes', new Uint8Array([104, 105]).buffer);
await form('view', new Uint8Array([104, 105, 106, 107]).subarray(1, 3));
await form('null', null);
await form('own type', { a: 1 }, { headers: { 'content-type': 'x/y' } });`,
  ),
  form(
    'what is no body is an answer with its reason',
    `await form('number', 5); await form('float', 5.5); await form('bool', true); await form('list', [1, 2]); await form('wide', new Uint16Array([1]));`,
  ),
  form(
    'files make a form of parts',
    `await form('file', { f: http.file('data', 'na"me.txt', 'text/plain') });
await form('defaults', { f: http.file('data', 'n') });
await form('bytes', { f: http.file(new Uint8Array([104, 105]).buffer, 'n') });
p('members', () => { const f = http.file('d', 'n', 't'); return [f.data, f.filename, f.content_type]; });
p('a number', () => http.file(5));`,
  ),
  row(
    'bodies are packed as compression says',
    `for (const c of ['gzip', 'deflate', 'br', 'gzip, deflate', ' gzip ', '']) await q(c, async () => { const r = await post('/echo', 'text', { compression: c }); return [r.json('headers.content-encoding') || null, r.request.body]; });
await q('own header', async () => (await post('/echo', 'text', { compression: 'gzip', headers: { 'Content-Encoding': 'own' } })).json('headers.content-encoding'));
await q('no body', async () => (await get('/echo', { compression: 'gzip' })).json('headers.content-encoding') || null);`,
  ),
  row(
    'a compression that k6 does not know is an answer with its reason',
    `for (const c of ['GZIP', 'lzw', 'gzip,,br', null, 5]) await q('' + c, async () => { const r = await post('/echo', 'text', { compression: c }); return [r.status, r.error, r.error_code]; });`,
  ),
  param(
    'a body has the type that responseType says',
    'responseType',
    ["'text'", "'binary'", "'none'"],
    '[r.status, typeof r.body, r.body instanceof ArrayBuffer, r.body === null]',
  ),
  param(
    'a responseType that k6 does not know is an answer with its reason',
    'responseType',
    ["'TEXT'", "'json'", "''", 'null', 'undefined', '5'],
    '[r.status, r.error, r.error_code]',
  ),
  param(
    'a timeout is a number of milliseconds or a duration',
    'timeout',
    ['60000', "'60s'", "'1m30.5s'", '60000.5', "'60000'"],
    '[r.status, r.error]',
  ),
  param(
    'a timeout that is none is an answer with its reason',
    'timeout',
    ["''", "'abc'", 'null', 'undefined', '{}', 'true'],
    '[r.status, r.error_code]',
  ),
  param(
    'tags are texts, numbers and booleans',
    'tags',
    [
      "{ a: 'b', c: 1.5, d: true }",
      '{ a: null }',
      '{ a: {} }',
      '{ a: [] }',
      '{ a: undefined }',
      'null',
      'undefined',
    ],
    '[r.status, r.error]',
  ),
  param(
    'a response callback is one of http.expectedStatuses, or none',
    'responseCallback',
    ['null', 'undefined', 'http.expectedStatuses(404)', '5', "'x'", '() => true'],
    '[r.status, r.error]',
  ),
  row(
    'redirects of a call are counted as a whole number',
    `for (const t of [0, 1, '1', -1, 1.9, null, undefined, 'x', true]) await q('' + t, async () => { const r = await get('/chain/3', { redirects: t }); return [r.status, r.url]; });`,
  ),
  row(
    'header names are written as Go writes them, and the last of one name goes',
    `await q('names', async () => (await get('/raw-headers', { headers: { 'x-own': 1, X_UNDER: 'a', 'x-OWN': 2, 'user-agent': 'me', etag: 'e' } })).json().filter((n) => !/^(host|connection)$/i.test(n)).sort());
await q('values', async () => { const h = (await get('/echo', { headers: { 'x-own': 1, 'x-OWN': 2, 'x-null': null, 'x-u': undefined, 'x-o': {}, 'x-l': [1, 2], 'x-sp': '  pad  ', 'x-e': '' } })).json('headers'); return ['x-own', 'x-null', 'x-u', 'x-o', 'x-l', 'x-sp', 'x-e'].map((n) => h[n]); });`,
  ),
  row(
    'headers that Go keeps for itself do not go out',
    `await q('length', async () => { const r = await post('/echo', 'xyz', { headers: { 'Content-Length': '99' } }); return [r.json('headers.content-length'), Object.keys(r.request.headers)]; });
await q('encoding', async () => { const r = await post('/echo', 'x', { headers: { 'Transfer-Encoding': 'chunked' } }); return [r.json('headers.transfer-encoding') || null, r.json('headers.content-length')]; });
await q('no agent', async () => (await get('/echo', { headers: { 'User-Agent': '' } })).json('headers.user-agent') || null);
await q('host', async () => (await get('/echo', { headers: { Host: 'other.example' } })).json('headers.host'));`,
  ),
  row(
    'a header that cannot be sent is an answer with status 0',
    `await q('line end', async () => { const r = await get('/echo', { headers: { 'x-e': 'a\\nb' } }); return [r.status, r.error_code]; });
await q('name', async () => { const r = await get('/echo', { headers: { 'x e': 'a' } }); return [r.status, r.error_code]; });`,
  ),
  row(
    'methods go as they are',
    `for (const m of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', '']) await q(m, async () => { const r = await http.asyncRequest(m, B + '/echo', 'x'); return [r.status, r.json('method'), r.json('body')]; });`,
  ),
  row(
    'parameters that are none, or unknown, are left alone',
    `await q('null', async () => (await get('/echo', null)).status);
await q('number', async () => (await get('/echo', 5)).status);
await q('unknown', async () => (await get('/echo', { nonsense: 1 })).status);
await q('unknown auth', async () => (await get('/echo', { auth: 'nonsense' })).status);`,
  ),
  row(
    'throw of a call makes its network error an exception, and no other',
    `await q('refused', async () => (await http.asyncRequest('GET', 'http://127.0.0.1:1/', null, { throw: true })).status);
await q('answered', async () => (await get('/status/500', { throw: true })).status);
await q('not made', async () => (await get('/echo', { throw: true, responseType: 'x' })).status);`,
  ),
];
