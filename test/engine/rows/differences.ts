/**
 * What docs/engines.md lists as different: what k6 prints, recorded as all rows are, beside what the embedded engine does.
 * A difference that went away, on either side, fails a test.
 */
import type { Row, RowOutcome } from './row.ts';

export interface Difference extends Row {
  /** What the embedded engine does. */
  readonly ours: Partial<Pick<RowOutcome, 'exitCode' | 'iterations' | 'probes'>>;
}

const ALONE = '{ vus: 1, iterations: 1 }';
/** A scenario of one iteration that is cut after a second. */
const CUT = "executor: 'per-vu-iterations', maxDuration: '1s', gracefulStop: '0s'";

const row = (
  title: string,
  body: string,
  probes: Readonly<Record<string, string>>,
  more: Partial<Difference> = {},
): Difference => ({
  title,
  options: ALONE,
  body,
  ours: {
    probes: Object.fromEntries(Object.entries(probes).map(([name, printed]) => [name, [printed]])),
    ...more.ours,
  },
  ...without(more),
});
const without = ({ ours: _ours, ...more }: Partial<Difference>): Partial<Difference> => more;

export const DIFFERENCES: readonly Difference[] = [
  row(
    "a call's own cookies, at another host after a redirect",
    `const away = 'http://localhost:' + A.split(':')[1] + '/echo';
await q('cookie', async () => (await get('/redirect-to?to=' + encodeURIComponent(away), { cookies: { own: '1' } })).json('headers').cookie || null);`,
    { cookie: 'null' },
  ),
  row(
    'a blank in the query of a URL',
    "await q('asked', async () => { const r = await get('/echo?q=a b'); return [r.status, r.error_code]; });",
    { asked: '[0,1000]' },
  ),
  row(
    'headers that a request has by itself',
    "await q('headers', async () => { const h = (await get('/echo')).json('headers'); return [h.connection || null, h['user-agent'].split('/')[0]]; });",
    { headers: '["keep-alive","onceproof"]' },
  ),
  row(
    'names of the members of a response',
    "const r = await get('/echo'); p('all', () => Object.keys(r).length > 10);",
    {
      all: 'false',
    },
  ),
  row(
    'members of a response that are set',
    "const r = await get('/echo'); for (const m of ['status', 'headers', 'request']) p(m, () => { r[m] = 'mine'; return r[m] === 'mine'; });",
    { status: 'true', headers: 'true', request: 'true' },
  ),
  row(
    'the JSON of a response whose body is set',
    "const r = await get('/echo'); p('found', () => { r.body = '{\"method\":\"mine\"}'; return r.json('method'); });",
    { found: '"GET"' },
  ),
  row(
    'the page of a response whose body is set',
    `const r = await post('/reflect', '<p>came</p>'); p('found', () => { r.body = '<p>mine</p>'; return r.html('p').text(); });`,
    { found: '"came"' },
  ),
  row(
    'plain text in a page of frames',
    "p('frames', () => parseHTML('<frameset><noembed><frame></noembed><frame>').find('frame').size());",
    { frames: '2' },
  ),
  row(
    'names of the members of a selection and of an element',
    "const s = parseHTML('<p>x</p>').find('p'); p('selection', () => Object.keys(s).length > 1); p('element', () => Object.keys(s.get(0)).length > 1);",
    { selection: 'false', element: 'false' },
  ),
  row(
    'members of a selection that are set',
    "const s = parseHTML('<a href=x>x</a>').find('a'); p('mine', () => { s.mine = 1; return s.mine; }); p('url', () => { s.url = 'http://h/y/'; return s.get(0).href(); });",
    { mine: '1', url: '"x"' },
  ),
  row(
    'a method of a selection that is called by itself',
    "const { text } = parseHTML('<p>x</p>'); p('text', () => text());",
    { text: '"threw"' },
  ),
  row(
    'a node of a page that is not there',
    "p('first', () => parseHTML('<p></p>').find('p').get(0).firstChild());",
    { first: '"threw"' },
  ),
  row(
    'a part of a selection from beyond its end',
    "p('part', () => parseHTML('<p></p>').find('p').slice(5).size());",
    { part: '"threw"' },
  ),
  row(
    'the JSON of a response, twice',
    "const r = await get('/echo'); p('same', () => r.json() === r.json());",
    {
      same: 'true',
    },
  ),
  row(
    'names of the members of k6/execution',
    "p('vu', () => Object.keys(exec.vu).length > 4); p('options', () => Object.keys(exec.test.options).length > 5);",
    { vu: 'false', options: 'false' },
  ),
  row(
    'members that are added to those of k6/execution',
    "p('added', () => { exec.vu.mine = 1; exec.scenario.mine = 2; return [exec.vu.mine === 1, exec.scenario.mine === 2]; });",
    { added: '[true,true]' },
  ),
  row('a member of k6/execution, twice', "p('same', () => exec.scenario === exec.scenario);", {
    same: 'true',
  }),
  row(
    'two members of one name, by a path',
    `await q('found', async () => (await post('/reflect', '{"a":1,"a":2}')).json('a'));`,
    { found: '2' },
  ),
  row(
    'other code of a VU that awaits a sleep',
    `const order = [];
setTimeout(() => order.push('timer'), 20);
await sleep(0.3);
order.push('slept');
await new Promise((done) => setTimeout(done, 50));
p('order', () => order);`,
    { order: '["timer","slept"]' },
  ),
  row(
    'a wrong name in summaryTrendStats',
    '',
    {},
    {
      options: "{ vus: 1, iterations: 1, summaryTrendStats: ['nonsense'] }",
      ours: { exitCode: 104 },
    },
  ),
  row(
    'a key of crypto.subtle, printed',
    `const key = await globalThis.crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', true, ['encrypt', 'decrypt']);
p('keys', () => Object.keys(key).length > 0);`,
    { keys: 'false' },
  ),
  row(
    'a key of crypto.subtle as JWK',
    `const key = await globalThis.crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', true, ['encrypt', 'decrypt']);
await q('order', async () => Object.keys(await globalThis.crypto.subtle.exportKey('jwk', key)).join());`,
    { order: '"key_ops,ext,kty,k,alg"' },
  ),
  row(
    'a JWK of another curve than its algorithm',
    `const { subtle } = globalThis.crypto;
const { publicKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const jwk = await subtle.exportKey('jwk', publicKey);
await q('taken', async () => (await subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-384' }, true, ['verify'])).type);`,
    { taken: '"threw"' },
  ),
  row('the numbers of a seed', "randomSeed(7); p('first', () => Math.floor(Math.random() * 1e6));", {
    first: '11704',
  }),
  row(
    'parts of the time of a request',
    "await q('above 0', async () => { const { connecting, sending } = (await get('/echo')).timings; return [connecting > 0, sending > 0]; });",
    { 'above 0': '[false,false]' },
  ),
  row(
    'a date in what setup gives',
    "p('at', () => data.at);",
    { at: '"1970-01-01T00:00:00.000Z"' },
    {
      init: 'export function setup() { return { at: new Date(0) }; }',
    },
  ),
  row(
    'digests of other hashes than MD5',
    `for (const a of ['SHA-256', 'SHA-512-256']) await q(a, async () => (await http.asyncRequest('GET', 'http://user:secret@' + A + '/digest-auth?algorithm=' + a, null, { auth: 'digest' })).status);`,
    { 'SHA-256': '200', 'SHA-512-256': '200' },
  ),
  row(
    'an iteration that computes without end',
    "p('before', () => 1); for (;;);",
    { before: '1' },
    {
      options: `{ scenarios: { a: { ${CUT} }, b: { executor: 'per-vu-iterations', startTime: '3s', exec: 'after' } } }`,
      init: "export function after() { console.log(JSON.stringify({ probe: 'after', v: 1 })); }",
      ours: { exitCode: 102 },
    },
  ),
  row(
    'the lines after a sleep that the end of the graceful stop cuts',
    "p('before', () => 1); sleep(5); p('after', () => 1);",
    { before: '1' },
    { options: `{ scenarios: { a: { ${CUT} } } }`, blocks: true },
  ),
  row(
    'HTTP over TLS',
    "await q('asked', async () => { const r = await http.asyncRequest('GET', __ENV.TLS_URL); return [r.status, r.proto, r.body]; });",
    { asked: '[200,"HTTP/1.1","1.1"]' },
    { options: '{ vus: 1, iterations: 1, insecureSkipTLSVerify: true }', isSecure: true },
  ),
];
