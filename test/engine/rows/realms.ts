/** Realms: what a VU's script has for itself, and what it sees of its engine. */
import type { Row } from './row.ts';

/** Two VUs, two iterations each: what a VU leaves in its first is looked for in its second, and by the other. */
const TWO = "{ scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } } }";

/** Each in a run of its own: a realm is what they are about. */
const of = (title: string, body: string, more: Partial<Row> = {}): Row => ({
  title,
  body,
  options: '{ vus: 1, iterations: 1 }',
  ...more,
});
/** `mark` leaves the VU's number somewhere, `found` reads what is there. */
const apart = (what: string, mark: string, found: string, before = ''): Row =>
  of(
    `${what} of one VU is not seen by another`,
    `if (__ITER === 0) { ${mark} } else p('own only', () => ${found});`,
    { options: TWO, init: before },
  );
/** How an error looks to the script. */
const errors = (title: string, work: string, before = ''): Row =>
  of(
    title,
    `try { ${work} } catch (e) { out('error', [e instanceof Error, e instanceof TypeError, e.name, e.constructor.name, typeof e.message, typeof e.stack]); }`,
    before === '' ? {} : { init: before },
  );

export const REALMS: readonly Row[] = [
  apart('a global', 'globalThis.mark = (globalThis.mark ?? 0) + __VU;', 'globalThis.mark === __VU'),
  apart('a member of Array.prototype', 'Array.prototype.mark = ([].mark ?? 0) + __VU;', '[].mark === __VU'),
  apart(
    'a member of Object.prototype',
    "Object.defineProperty(Object.prototype, 'mark', { value: (({}).mark ?? 0) + __VU, writable: true, configurable: true });",
    '({}).mark === __VU',
  ),
  apart(
    'a changed method of String',
    'const was = String.prototype.trim; String.prototype.trim = function () { return was.call(this) + __VU; };',
    "' a '.trim() === 'a' + __VU",
  ),
  apart(
    'a changed JSON',
    'const was = JSON.parse; JSON.parse = (text) => [was(text), __VU];',
    "JSON.parse('5')[1] === __VU && JSON.parse('5').length === 2",
  ),
  apart(
    'a changed Math',
    'const was = Math.floor; Math.floor = (n) => was(n) + 100 * __VU;',
    'Math.floor(1.5) === 1 + 100 * __VU',
  ),
  apart(
    'a replaced Date',
    'const was = Date.now; globalThis.Date = class extends Date { static now() { return __VU; } };',
    'Date.now() === __VU',
  ),
  apart(
    'state of a module',
    'state.mark = (state.mark ?? 0) + __VU;',
    'state.mark === __VU',
    'const state = {};',
  ),
  apart(
    'a variable of the environment',
    "__ENV.MARK = (__ENV.MARK ?? '') + __VU;",
    '__ENV.MARK === String(__VU)',
  ),
  apart(
    'an Error that is changed',
    'Error.prototype.mark = (new Error().mark ?? 0) + __VU;',
    'new Error().mark === __VU',
  ),
  apart(
    'a registered symbol as a global',
    "globalThis[Symbol.for('mark')] = (globalThis[Symbol.for('mark')] ?? 0) + __VU;",
    "globalThis[Symbol.for('mark')] === __VU",
  ),
  of('code is strict', "p('undeclared', () => { undeclared = 1; return undeclared; });"),
  of(
    'a function has no this of its own',
    "p('function', () => (function () { return typeof this; })()); p('top', () => top);",
    { init: 'const top = typeof this;' },
  ),
  errors('an undeclared name is a ReferenceError', 'undeclared = 1;'),
  of(
    'names of Node and the web are not there',
    "for (const name of ['process', 'Buffer', 'fetch', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'structuredClone', 'URL', 'URLSearchParams', 'AbortController', 'performance', 'navigator', 'WebSocket', 'Blob', 'Event', 'MessageChannel', 'BroadcastChannel', 'Worker', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'Intl', 'WeakRef', 'FinalizationRegistry', 'window', 'self', 'atob', 'btoa', 'gc', '__dirname', '__filename'])\n  p(name, () => typeof globalThis[name]);",
  ),
  of(
    'bare names of Node are not there either',
    "p('process', () => typeof process); p('Buffer', () => typeof Buffer); p('fetch', () => typeof fetch); p('URL', () => typeof URL); p('setImmediate', () => typeof setImmediate); p('Intl', () => typeof Intl); p('called', () => process.exit());",
  ),
  of(
    'names of the language and of k6 are there',
    "for (const name of Object.getOwnPropertyNames(globalThis).filter((n) => !['vubox', 'module', 'exports', 'process', '__ITER'].includes(n)).sort()) p(name, () => typeof globalThis[name]);",
  ),
  of(
    'global is another name of globalThis',
    "p('same', () => global === globalThis); p('console', () => globalThis.console === console); p('timer', () => globalThis.setTimeout === setTimeout);",
  ),
  of(
    'numbers of VU and iteration stand on the global object',
    "p('VU', () => globalThis.__VU === __VU); p('ITER', () => globalThis.__ITER === __ITER); p('ENV', () => globalThis.__ENV.BASE_URL === B);",
    { options: TWO },
  ),
  of(
    "code of text is made in the script's own realm",
    "p('eval', () => eval('1 + 1')); p('function', () => new Function('a', 'return a + 1')(1)); p('sees', () => new Function('return typeof process')());",
  ),
  of(
    "nothing of the engine's own realm is reached",
    `const r = await get('/echo');
const reach = (x) => x.constructor.constructor('return typeof process')();
for (const [name, x] of Object.entries({ console, log: console.log, http, response: r, headers: r.headers, timings: r.timings, json: r.json(), method: r.json, exec, test: exec.test, tags: exec.vu.tags, crypto, hash: crypto.md5, timer: setTimeout, env: __ENV, promise: get('/echo'), shared, counter, data, open, require }))
  p(name, () => reach(x));
for (const [name, f] of Object.entries({ open: () => open('x'), check: () => check(1), fail: () => fail('x'), tags: () => { exec.vu.tags.x = {}; }, shared: () => shared.push(1), timer: () => setTimeout() }))
  p('error of ' + name, () => { try { f(); } catch (e) { return reach(e); } });`,
    {
      init: "import { SharedArray } from 'k6/data';\nconst shared = new SharedArray('s', () => [{ a: 1 }]);\nconst counter = new Counter('my_counter');\nexport function setup() { return { list: [1] }; }",
    },
  ),
  of(
    "what the engine gives is of the script's own kinds",
    `const r = await get('/echo');
const b = await get('/echo', { responseType: 'binary' });
const kinds = { response: r instanceof Object, headers: r.headers instanceof Object, plain: Object.getPrototypeOf(r.headers) === Object.prototype, json: r.json() instanceof Object, list: r.json('list') instanceof Array, bytes: b.body instanceof ArrayBuffer, random: crypto.randomBytes(2) instanceof ArrayBuffer, promise: get('/echo') instanceof Promise, constructor: get('/echo').constructor === Promise, data: data.list instanceof Array, nested: data.list[1] instanceof Object };
for (const [name, v] of Object.entries(kinds)) p(name, () => v);`,
    { init: 'export function setup() { return { list: [1, { a: 2 }] }; }' },
  ),
  errors("an error of k6's own is an Error with its name", "open('./no-such-file');"),
  errors('an error of fail', "fail('no more');"),
  errors('an error of a tag', 'exec.vu.tags.x = {};'),
  errors(
    'an error of a body that is not there',
    "(await http.asyncRequest('GET', 'http://127.0.0.1:1/')).json();",
  ),
  errors('an error of a timer', 'setTimeout();'),
  errors('an error of JSON', "JSON.parse('{');"),
  errors(
    'an error of a shared array',
    'shared.push(1);',
    "import { SharedArray } from 'k6/data';\nconst shared = new SharedArray('s', () => [1]);",
  ),
  of(
    'what a callback throws comes back as it is',
    `const thrown = new RangeError('mine');
p('check', () => { try { check(1, { a: () => { throw thrown; } }); } catch (e) { return e === thrown; } });
p('group', () => { try { group('g', () => { throw thrown; }); } catch (e) { return e === thrown; } });
p('text', () => { try { group('g', () => { throw 'text'; }); } catch (e) { return e; } });`,
  ),
  of(
    'what goes through the engine comes back as it is',
    "const object = {}; p('group', () => group('g', () => object) === object); p('check', () => { let seen; check(object, { a: (v) => { seen = v; return true; } }); return seen === object; }); await q('timer', () => new Promise((done) => setTimeout((v) => done(v === object), 1, object)));",
  ),
  of(
    'a shared array is an array that cannot be changed',
    `for (const [name, f] of Object.entries({ isArray: () => Array.isArray(shared), instance: () => shared instanceof Array, length: () => shared.length, keys: () => Object.keys(shared), json: () => JSON.stringify(shared), map: () => shared.map((x) => x.a), filter: () => shared.filter((x) => x.a > 1).length, same: () => shared[0] === shared[0], at: () => shared.at(-1), includes: () => shared.includes(1), spread: () => [...shared].length, write: () => { shared[0] = 1; }, deep: () => { shared[0].a = 5; }, push: () => shared.push(1), gone: () => { delete shared[0]; }, cut: () => { shared.length = 0; }, in: () => [0 in shared, 5 in shared, 'length' in shared], slice: () => shared.slice(1), find: () => shared.find((x) => x.a === 2), entries: () => Object.entries(shared) }))
  p(name, f);`,
    {
      init: "import { SharedArray } from 'k6/data';\nconst shared = new SharedArray('s', () => [{ a: 1 }, { a: 2 }]);",
    },
  ),
  of(
    'random numbers and ids of crypto',
    "const c = globalThis.crypto; p('uuid', () => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(c.randomUUID())); p('same', () => { const a = new Uint8Array(4); return c.getRandomValues(a) === a; }); p('wide', () => c.getRandomValues(new Uint32Array(2)).length); p('filled', () => c.getRandomValues(new Uint8Array(32)).some((n) => n > 0)); p('list', () => c.getRandomValues([1]));",
  ),
  of(
    'texts are encoded and decoded',
    "p('encode', () => bytes(new TextEncoder().encode('a€').buffer)); p('kind', () => new TextEncoder().encode('a') instanceof Uint8Array); p('decode', () => new TextDecoder().decode(new Uint8Array([97, 226, 130, 172]))); p('fatal', () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))); p('name', () => new TextDecoder().encoding); p('nothing', () => new TextDecoder().decode());",
  ),
  of(
    'a script may have names of its own that the engine has, too',
    "p('open', () => open(2)); p('Map', () => typeof new Map().mine); p('module', () => module);",
    { init: 'const open = (n) => n + 1;\nclass Map { mine = 1; }\nconst module = 5;' },
  ),
  of(
    'a wait that is not awaited in a promise still ends with the iteration',
    "await q('order', async () => { const order = []; const wait = (ms, name) => new Promise((done) => setTimeout(() => { order.push(name); done(); }, ms)); await Promise.all([wait(300, 'late'), wait(10, 'early')]); return order; });",
  ),
];
