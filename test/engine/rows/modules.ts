/** Hashes, encodings, checks, groups, metrics and their tags. */
import type { Row } from './row.ts';

const row = (title: string, body: string, more: Partial<Row> = {}): Row => ({ title, body, ...more });

const HASHES = "['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha512_224', 'sha512_256', 'ripemd160']";

/** Bytes as hex, and bytes of hex. */
const HEX = `const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, '0')).join('');
const text = (t) => new TextEncoder().encode(t);\n`;

export const MODULES: readonly Row[] = [
  {
    title: 'the console writes objects member by member, and all else as text',
    options: '{}',
    body: `class Named { constructor() { this.a = 1; } }
const circle = { name: 'c' }; circle.self = circle;
const values = ['text', 5, -0, 1e21, NaN, true, null, undefined, [], [1, 'a', null, undefined], {}, { a: 1, b: 'x', c: [true, { d: null }] }, { u: undefined, f() {}, 'a b': 1 }, () => 1, new Named(), circle, new Date(0), new Date(NaN), new Error('bad'), new TypeError('worse'), { e: new Error('in') }, new Uint8Array([1, 255]), new Uint8Array(0), new Float64Array([1.5]), new Uint8Array([1, 255]).buffer, new Map([[1, 2]]), Symbol('s'), 10n, /x/g];
for (const value of values) console.log('printed', value);
console.log('printed', 1, 'two', { three: 3 });
console.warn('printed', { w: 1 });
console.error('printed', [{ e: 1 }]);`,
  },
  {
    title: 'k6/execution has all its members',
    options: '{ vus: 1, iterations: 2 }',
    body: `p('scenario', () => [exec.scenario.name, exec.scenario.executor, typeof exec.scenario.startTime, typeof exec.scenario.progress, exec.scenario.iterationInInstance, exec.scenario.iterationInTest]);
p('instance', () => [exec.instance.iterationsInterrupted, exec.instance.iterationsCompleted, exec.instance.vusActive, exec.instance.vusInitialized, exec.instance.currentTestRunDuration > 0]);
p('vu', () => [exec.vu.iterationInInstance, exec.vu.iterationInScenario, exec.vu.idInInstance, exec.vu.idInTest, typeof exec.vu.tags, typeof exec.vu.metrics]);
p('test', () => [typeof exec.test.abort, typeof exec.test.fail, typeof exec.test.options]);`,
  },
  {
    title: 'k6/timers has the timers that are global, and a seed makes the same numbers again',
    options: '{}',
    init: "import { setTimeout as later, setInterval as often, clearTimeout as never, clearInterval as stop } from 'k6/timers'; import timers from 'k6/timers';",
    body: `p('names', () => Object.keys(timers).sort());
const seen = [];
never(timers.setTimeout(() => seen.push('cleared'), 5));
const id = often(() => { seen.push('often'); stop(id); }, 5);
await new Promise((resolve) => later(resolve, 60));
timers.clearTimeout(0); timers.clearInterval(0); timers.clearInterval(timers.setInterval(() => seen.push('never'), 5));
p('seen', () => seen.join());
p('seeded', () => { randomSeed(7); const one = [Math.random(), Math.random()].join(); randomSeed(7); return one === [Math.random(), Math.random()].join(); });
p('failed', () => fail('no'));`,
  },
  {
    title: '__ENV holds texts, whatever a script writes into it',
    options: '{}',
    init: '__ENV.INIT = 7; const made = typeof __ENV.INIT;',
    body: `p('init', () => [made, __ENV.INIT === undefined]);
for (const [name, v] of [['number', 5], ['object', { a: 1 }], ['null', null], ['undefined', undefined], ['true', true], ['list', [1, 2]]]) p(name, () => { __ENV.X = v; return [typeof __ENV.X, __ENV.X]; });
p('deleted', () => { delete __ENV.X; return ['X' in __ENV, typeof __ENV.X]; });`,
  },
  {
    title: 'what a script sets on the members of k6/execution changes nothing, or throws',
    options: '{}',
    body: `p('tags', () => { exec.vu.tags = { a: 'b' }; return exec.vu.tags.a === undefined; });
p('metrics', () => { exec.vu.metrics = {}; return typeof exec.vu.metrics.tags; });
p('tags of metrics', () => { exec.vu.metrics.tags = {}; return 1; });
p('vu', () => { exec.vu = 1; return 1; });
p('id', () => { exec.vu.idInTest = 9; return 1; });
p('name', () => { exec.scenario.name = 'x'; return 1; });
p('options', () => { exec.test.options = {}; return 1; });`,
  },
  row(
    'crypto.subtle digests, signs and verifies',
    `for (const a of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) await q(a, async () => hex(await crypto.subtle.digest(a, text('data'))));
await q('buffer', async () => hex(await crypto.subtle.digest({ name: 'SHA-256' }, text('data').buffer)));
const key = await crypto.subtle.importKey('raw', text('a secret'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
p('key', () => [key.type, key.extractable, key.algorithm.name, key.usages.slice().sort()]);
await q('sign', async () => hex(await crypto.subtle.sign('HMAC', key, text('data'))));
await q('verify', async () => { const s = await crypto.subtle.sign('HMAC', key, text('data')); return [await crypto.subtle.verify('HMAC', key, s, text('data')), await crypto.subtle.verify('HMAC', key, s, text('other'))]; });
await q('exported', async () => hex(await crypto.subtle.exportKey('raw', key)));
await q('no algorithm', () => crypto.subtle.digest('MD5', text('data')));
await q('kept', async () => { const k = await crypto.subtle.importKey('raw', text('a secret'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']); return crypto.subtle.exportKey('raw', k); });`,
    { before: `const crypto = globalThis.crypto;\n${HEX}` },
  ),
  row(
    'crypto.subtle encrypts, decrypts, derives and makes keys',
    `const iv = new Uint8Array(16);
const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', true, ['encrypt', 'decrypt']);
await q('encrypt', async () => hex(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, text('points'))));
await q('decrypt', async () => hex(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, text('points')))));
await q('gcm', async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', false, ['encrypt']); return hex(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12), additionalData: text('more') }, k, text('points'))); });
await q('derived', async () => { const k = await crypto.subtle.importKey('raw', text('password'), 'PBKDF2', false, ['deriveBits']); return hex(await crypto.subtle.deriveBits({ name: 'PBKDF2', salt: text('salt'), iterations: 1000, hash: 'SHA-256' }, k, 256)); });
await q('made', async () => { const k = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']); return [k.type, k.algorithm.name, k.algorithm.length, (await crypto.subtle.exportKey('raw', k)).byteLength]; });
await q('pair', async () => { const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']); const s = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, text('x')); return [publicKey.type, privateKey.type, await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, s, text('x'))]; });`,
    { before: `const crypto = globalThis.crypto;\n${HEX}` },
  ),
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
