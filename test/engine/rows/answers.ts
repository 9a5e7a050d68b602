/** Answers: their fields, packed bodies, JSON and its paths. */
import type { Row } from './row.ts';

const row = (title: string, body: string): Row => ({ title, body });

const DOC = `const DOC = { name: { first: 'Tom', last: 'Anderson' }, age: 37, children: ['Sara', 'Alex', 'Jack'], 'fav.movie': 'Deer Hunter', friends: [{ first: 'Dale', last: 'Murphy', age: 44, nets: ['ig', 'fb', 'tw'] }, { first: 'Roger', last: 'Craig', age: 68, nets: ['fb', 'tw'] }, { first: 'Jane', last: 'Murphy', age: 47, nets: ['ig', 'tw'] }], nil: null, yes: true, no: false, empty: {}, list: [], nums: [1, 2.5, -3, 1e3], mixed: [1, 'a', null, { a: 1 }, [1, 2]], 'a*b': 1, 'a?c': 2, 'x|y': 3, '@id': 'at', '#': 'hash', '': 'blank', deep: { a: { b: [{ c: 1 }, { c: 2, d: [{ e: 5 }] }] } }, bools: [{ v: true }, { v: false }, { v: null }, { v: 0 }, { v: 'true' }, {}] };\n`;

const paths = (title: string, ...list: string[]): Row => ({
  title,
  before: DOC,
  body: `const r = await post('/reflect', JSON.stringify(DOC));\nfor (const path of ${JSON.stringify(list)}) p(path, () => r.json(path));`,
});

const FORMS = ['gzip', 'deflate', 'br', 'twice', 'capitals', 'unknown'];
const BROKEN = ['no-gzip', 'empty', 'short', 'checksum', 'no-deflate', 'no-br'];
const packed = (title: string, forms: readonly string[], params = ''): Row =>
  row(
    title,
    `for (const f of ${JSON.stringify(forms)}) await q(f, async () => { const r = await get('/packed?form=' + f${params}); return [r.status, r.error_code, r.body && r.body.length > 20 ? r.body.length : r.body, Object.keys(r.headers).length > 0]; });`,
  );

export const ANSWERS: readonly Row[] = [
  {
    title: 'an answer to HEAD that says it is packed has no body to unpack',
    body: "for (const f of ['gzip', 'twice', 'br', 'deflate', 'no-gzip', 'unknown']) await q(f, async () => { const r = await http.asyncRequest('HEAD', B + '/packed?form=' + f); return [r.status, r.error_code, r.body, r.error !== '']; });",
  },
  packed('packed bodies are unpacked, one packing after the other', FORMS),
  packed('a body that is not packed as it says is status 0 with its number', BROKEN),
  packed(
    'a body that nobody reads need not be packed as it says',
    [...FORMS, ...BROKEN],
    ", { responseType: 'none' }",
  ),
  row(
    'statuses have their texts, bodies and numbers',
    `for (const s of [200, 201, 204, 206, 299, 304, 400, 404, 418, 500, 503, 599]) await q('' + s, async () => { const r = await post('/status/' + s, 'body', { redirects: 0 }); return [r.status, r.status_text, r.body, r.error, r.error_code, r.proto]; });
await q('head', async () => (await http.asyncRequest('HEAD', B + '/status/200')).body);
await q('nothing', async () => (await get('/status/200')).body);
await q('none there', async () => (await get('/status/204', { responseType: 'binary' })).body);`,
  ),
  row(
    'an answer with a network error has nothing but its reason',
    `const r = await http.asyncRequest('GET', 'http://127.0.0.1:1/x', null, { tags: { a: 'b' } });
p('fields', () => [r.status, r.status_text, r.proto, r.url, r.body, r.error, r.error_code, r.headers, r.cookies, r.request.url, r.request.method]);
p('json', () => r.json());`,
  ),
  row(
    'a request that could not be made has an answer without a request',
    `const r = await http.asyncRequest('GET', 'http://h/%zz');
p('fields', () => [r.status, r.status_text, r.proto, r.url, r.error, r.error_code, r.headers, r.cookies, r.request]);`,
  ),
  row(
    'an answer shows the request as it was asked for',
    `const r = await post('/reflect', { a: 1 }, { headers: { 'x-own': 'o' }, cookies: { c: '1' } });
p('request', () => { const { headers, ...rest } = r.request; delete headers['User-Agent']; return [rest, headers]; });`,
  ),
  row(
    'headers of an answer are written as Go writes them, a repeated one joined',
    `const h = (await get('/many-headers')).headers;
p('found', () => [h['X-List'], h['X-Etag'], h['Content-Length'], h['x-list']]);`,
  ),
  row(
    'JSON is read whole',
    `for (const b of ['5', '"s"', 'null', 'true', '[1,2]', ' {"a":1} ', '{"a":1,"a":2}', '0.1', '12345678901234567890']) await q(b, async () => (await post('/reflect', b)).json());
await q('binary', async () => { const r = await post('/reflect', '{"a":[1]}', { responseType: 'binary' }); return [r.json(), r.json('a.0')]; });`,
  ),
  row(
    'what is no JSON throws, and has no paths',
    `for (const b of ['', '{"a":', 'nonsense', '{"a":1}x', '[1,]', '1e400']) { await q(b, async () => (await post('/reflect', b)).json()); await q('path ' + b, async () => (await post('/reflect', b)).json('a')); }
await q('no body', async () => (await get('/echo', { responseType: 'none' })).json());
await q('no body, path', async () => (await get('/echo', { responseType: 'none' })).json('a'));`,
  ),
  paths(
    'a path names keys and indexes',
    'name.last',
    'age',
    'children',
    'children.1',
    'children.5',
    'children.-1',
    'children.x',
    'name',
    'name.',
    '.name',
    'NAME',
    'name..last',
    'age.x',
    'nil',
    'nil.x',
    'yes',
    'empty.x',
    'list.0',
    'mixed.3.a',
    'mixed.4.1',
    '',
  ),
  paths(
    'a path has wildcards and escapes',
    'child*.2',
    'c?ildren.0',
    'fav\\.movie',
    'fav.movie',
    'a\\*b',
    'a*b',
    'a\\?c',
    'x\\|y',
    'x|y',
    '@id',
    '\\@id',
    'deep.*.b.0.c',
    '*.a.b.0.c',
    'name.*',
    'name.?irst',
    'n*',
    '\\#',
  ),
  paths(
    'a path counts and collects with #',
    'children.#',
    'friends.#',
    'friends.#.first',
    'friends.#.nets',
    'friends.#.nets.#',
    'friends.#.nets.0',
    'list.#',
    'list.#.x',
    'mixed.#.a',
    'deep.a.b.#.c',
    'deep.a.b.#.d.#.e',
    'age.#',
    'name.#',
    'children.#.x',
    '#',
  ),
  paths(
    'a path asks queries',
    'friends.#(last=="Murphy").first',
    'friends.#(last=="Murphy")#.first',
    'friends.#(age>45)#.last',
    'friends.#(age<=44)#.age',
    'friends.#(age!=44)#.age',
    'friends.#(first%"D*").last',
    'friends.#(first!%"D*").last',
    'friends.#(nets.#(=="fb"))#.first',
    'friends.#(nope)',
    'friends.#(first)#.first',
    'friends.#(last=="None")',
    'friends.#(last=="None")#',
    'friends.#()#.first',
    'children.#(=="Alex")',
    'children.#(%"*a*")#',
    'nums.#(>2)#',
    'nums.#(<0)',
    'friends.#[last=="Murphy"].first',
    'friends.#(last == "Murphy").first',
    'friends.#(last=="Murphy"',
    'deep.a.b.#(c==2).d.#(e>1).e',
  ),
  paths(
    'a query reads values as true or false',
    'bools.#(v==true)#',
    'bools.#(v==~true)#',
    'bools.#(v==~false)#',
    'bools.#(v==~null)#',
    'bools.#(v==~*)#',
    'bools.#(v!=true)#',
    'bools.#(v)#',
    'bools.#(v==null)#',
  ),
  paths(
    'a path goes on behind a pipe',
    'children|0',
    'children|#',
    'friends|0|first',
    'friends.#.first|0',
    'friends.#(age>45)#|0',
    'friends.#(age>45)#.first|#',
    'friends.#.nets|0',
  ),
  paths('two dots read the document as a list of lines', '..#', '..0.age', '..#.age'),
];
