/** Hashes, encodings, checks, groups, metrics and their tags. */
import type { Row } from './row.ts';

const row = (title: string, body: string, more: Partial<Row> = {}): Row => ({ title, body, ...more });

const HASHES = "['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha512_224', 'sha512_256', 'ripemd160']";

export const MODULES: readonly Row[] = [
  row(
    'every hash gives what k6 gives',
    `for (const a of ${HASHES}) p(a, () => [crypto[a]('data', 'hex'), crypto.hmac(a, 'key', 'data', 'base64')]);`,
  ),
  row(
    'a digest can be asked for twice, and in between',
    `for (const a of ['md5', 'sha256']) { p(a, () => { const h = crypto.createHash(a); h.update('a'); const one = h.digest('hex'); const two = h.digest('hex'); h.update('b'); return [one, two, h.digest('hex')]; });
p('hmac ' + a, () => { const h = crypto.createHMAC(a, 'key'); h.update('a'); const one = h.digest('hex'); h.update('b'); return [one, h.digest('hex')]; }); }`,
  ),
  row(
    'digests have the forms of k6, and no others',
    `for (const f of ['hex', 'base64', 'base64url', 'base64rawurl', undefined, 'x', null]) p('' + f, () => crypto.sha1('data?>', f));
p('binary', () => bytes(crypto.md5('data', 'binary')));`,
  ),
  row(
    'hashes take text and bytes, and nothing else',
    `for (const [name, i] of [['number', 5], ['null', null], ['undefined', undefined], ['object', {}], ['boolean', true], ['bytes', new Uint8Array([1, 2])], ['buffer', new Uint8Array([1, 2]).buffer], ['wide', new Uint16Array([1])]]) { p(name, () => crypto.md5(i, 'hex')); p('hexEncode ' + name, () => crypto.hexEncode(i)); p('b64 ' + name, () => encoding.b64encode(i)); }`,
  ),
  row(
    'random bytes are as many as asked for, at least one',
    `for (const n of [1, 10, 0, -1, '5', 1.9, null]) p('' + n, () => crypto.randomBytes(n).byteLength);`,
  ),
  row(
    'base64 is written in four forms',
    `for (const f of ['std', 'rawstd', 'url', 'rawurl', undefined, 'nonsense']) p('' + f, () => encoding.b64encode('a?>b~\u00ff', f));`,
  ),
  row(
    'base64 that is none throws, in each form by its own rules',
    `for (const f of ['std', 'rawstd', 'url', 'rawurl', undefined, 'nonsense']) for (const t of ['YT8+Yn7Dvw==', 'YT8-Yn7Dvw', 'YT8+Yn7Dvw', 'YT8-Yn7Dvw==', 'YQ', 'YQ=', 'YQ==', 'YQ===', 'Y', '', '====', 'Y Q==', 'YQ\\n==', 'YW\\nJj', 'YQ==YQ==', 'YR==', 'YWJ', 'YWJj', '!!!!']) p(f + ' ' + t, () => encoding.b64decode(t, f, 's'));`,
  ),
  row(
    'base64 is read as bytes or as text',
    `p('bytes', () => bytes(encoding.b64decode('YWI=')));
p('text', () => encoding.b64decode('YWI=', 'std', 's'));
p('other', () => bytes(encoding.b64decode('YWI=', 'std', 'x')));
p('no text', () => encoding.b64decode('/w==', 'std', 's'));`,
  ),
  row(
    'what a check is given decides by its truth',
    `for (const [name, v] of [['true', true], ['one', 1], ['zero', 0], ['text', 'x'], ['empty', ''], ['null', null], ['undefined', undefined], ['object', {}], ['NaN', NaN]]) p(name, () => check(v, { [name]: (x) => x }));
p('plain', () => check(1, { plain: 5, zero: 0, text: 'a' }));
p('none', () => check(1, {}));
p('null', () => check(1, null));
p('tags', () => check(1, { tagged: true }, { a: 'b' }));`,
  ),
  row(
    'checks and groups refuse what k6 refuses',
    `p('colons', () => check(1, { 'a::b': true }));
p('async', () => check(1, { late: async () => true }));
p('throws', () => check(1, { breaks: () => { throw new Error('x'); } }));
p('group without', () => group('g'));
p('group async', () => group('g', async () => 1));
p('group throws', () => group('g', () => { throw new Error('x'); }));
p('group', () => group('g', () => group('h', () => 5)));
p('promise', () => check(1, { late: () => Promise.resolve(false) }));`,
  ),
  row(
    'metrics take numbers and what can be read as one',
    `for (const [name, m] of [['trend', t], ['counter', c], ['gauge', g], ['rate', r]]) { for (const v of [1, '5', 'x', true, false, null, undefined, NaN, {}, [], [3], '', 1.5]) p(name + ' ' + typeof v + ' ' + v, () => m.add(v)); p(name + ' nothing', () => m.add()); p(name + ' name', () => m.name); }
p('too late', () => new Counter('late'));`,
    {
      init: "const t = new Trend('t', true), c = new Counter('c'), g = new Gauge('g'), r = new Rate('r');",
    },
  ),
  row(
    "a request's name stands for its URL in both tags",
    `await get('/echo?id=1', { tags: { name: 'mine' } });
await get('/status/200');
await http.asyncRequest('GET', http.url\`\${B}/echo?id=\${7}\`);
await http.asyncRequest('GET', 'http://user:pass@' + A + '/status/201');`,
    {
      options:
        "{ thresholds: { 'http_reqs{name:mine}': ['count==1'], 'http_reqs{url:mine}': ['count==1'], [`http_reqs{url:${__ENV.BASE_URL}/status/200}`]: ['count==1'], 'http_reqs{name:${}/echo?id=${}}': ['count<5'], [`http_reqs{name:http://****:****@${__ENV.BASE_URL.slice(7)}/status/201}`]: ['count==1'] } }",
    },
  ),
  row(
    "k6's own tags go before those of a call, a name does not",
    `await get('/status/404', { tags: { status: 'mine', method: 'MINE', url: 'mine', expected_response: 'mine', group: 'mine', scenario: 'mine' } });`,
    {
      options:
        "{ thresholds: { 'http_reqs{status:404}': ['count==1'], 'http_reqs{status:mine}': ['count==0'], 'http_reqs{method:GET}': ['count==1'], 'http_reqs{url:mine}': ['count==0'], 'http_reqs{expected_response:false}': ['count==1'], 'http_reqs{group:mine}': ['count==1'], 'http_reqs{scenario:mine}': ['count==1'] } }",
    },
  ),
  row(
    'a request has the tags and the group of its call, whatever changes meanwhile',
    `const tags = { call: 'then' };
exec.vu.tags.own = 'then';
const asked = group('then', () => get('/slow?ms=50', { tags }));
exec.vu.tags.own = 'now'; tags.call = 'now';
await asked;`,
    {
      options:
        "{ thresholds: { 'http_reqs{own:then}': ['count==1'], 'http_reqs{own:now}': ['count==0'], 'http_reqs{call:then}': ['count==1'], 'http_reqs{group:::then}': ['count==1'] } }",
    },
  ),
  row(
    "with systemTags a sample has no other of k6's tags",
    `await get('/status/200', { tags: { url: 'mine' } }); check(1, { fine: true });`,
    {
      options:
        "{ systemTags: ['status', 'nonsense'], thresholds: { 'http_reqs{status:200}': ['count==1'], 'http_reqs{method:GET}': ['count==0'], 'http_reqs{url:mine}': ['count==1'], 'http_reqs{expected_response:true}': ['count==0'], 'http_reqs{scenario:default}': ['count==0'], 'checks{check:fine}': ['rate==1'] } }",
    },
  ),
];
