/** `http.batch`: what it takes, what it gives, and how many requests are on their way at once. */
import type { Row } from './row.ts';

const row = (title: string, body: string): Row => ({ title, body, blocks: true });
/** `teardown` prints how many connections there were in all: as many as requests were on their way at once, and its own. */
const counted = (title: string, options: string, body: string): Row => ({
  title,
  options: `{ ${options} }`,
  init: "export function teardown() { console.log(JSON.stringify({ probe: 'all', v: http.get(B + '/connection').json('all') })); }",
  body,
  blocks: true,
});
const SLOW = (count: number, ms = 300): string =>
  `Array.from({ length: ${count} }, () => B + '/slow?ms=${ms}')`;

export const BATCHES: readonly Row[] = [
  row(
    'a list of requests gives a list of responses in its order',
    `const shown = (r) => [r.status, r.json('method'), r.json('body'), r.json('url')];
p('texts', () => http.batch([B + '/echo?1', B + '/echo?2']).map(shown));
p('lists', () => http.batch([['GET', B + '/echo'], ['POST', B + '/echo', 'x'], ['PUT', B + '/echo', 'y', { headers: { 'X-Own': '1' } }]]).map(shown));
p('objects', () => http.batch([{ url: B + '/echo' }, { method: 'post', url: B + '/echo', body: 'x' }, { method: 'GET', url: B + '/echo', body: 'left out' }, { method: 'DELETE', url: B + '/echo', body: 'z', params: { headers: { 'X-Own': '1' } } }]).map(shown));
p('method of a list', () => http.batch([['get', B + '/echo']]).map((r) => [r.status, r.json('method')]));
p('slowest first', () => http.batch([B + '/slow?ms=100', B + '/echo']).map((r) => r.body.slice(0, 4)));
p('form', () => http.batch([['POST', B + '/form', { a: 1 }]])[0].json());
p('tags', () => http.batch([['GET', B + '/echo', null, { tags: { a: 'b' } }]]).map((r) => r.status));
p('url', () => http.batch([http.url\`\${B}/echo?\${5}\`]).map(shown));`,
  ),
  row(
    'an object of requests gives one of responses',
    `p('named', () => { const r = http.batch({ one: B + '/echo?1', two: ['POST', B + '/echo', 'x'], three: { url: B + '/status/404' } }); return [Object.keys(r).sort(), r.one.status, r.two.json('body'), r.three.status, Array.isArray(r)]; });`,
  ),
  row(
    'none give none',
    `p('list', () => { const r = http.batch([]); return [Array.isArray(r), r.length]; });
p('object', () => Object.keys(http.batch({})));`,
  ),
  row(
    'what is no batch throws',
    `p('nothing', () => http.batch());
p('two', () => http.batch([B + '/echo'], [B + '/echo']));
p('null', () => http.batch(null));
p('text', () => http.batch(B + '/echo'));
p('number', () => http.batch(5));`,
  ),
  row(
    'one request that cannot be made keeps all others back',
    `const shown = (rs) => rs.map((r) => r === null || r === undefined ? null : [r.status, r.error === '', r.body === null]);
p('no url', () => shown(http.batch([B + '/echo', { method: 'GET' }, B + '/echo'])));
p('short', () => shown(http.batch([['GET']])));
p('method', () => shown(http.batch([[5, B + '/echo']])));
p('method of an object', () => shown(http.batch([{ method: 5, url: B + '/echo' }])));
p('url', () => shown(http.batch([B + '/echo', 'nothing'])));
p('null', () => shown(http.batch([null])));
p('number', () => shown(http.batch([5])));
p('named', () => Object.keys(http.batch({ one: 'nothing' })));
p('error', () => http.batch([{ method: 'GET' }])[0].error);
p('code', () => http.batch(['nothing'])[0].error_code);`,
  ),
  row(
    'one that fails on its way leaves the others alone, unless it is to throw',
    `p('refused', () => http.batch([B + '/echo', 'http://127.0.0.1:1/', B + '/status/404']).map((r) => [r.status, r.error_code]));
p('throws', () => http.batch([B + '/echo', ['GET', 'http://127.0.0.1:1/', null, { throw: true }]]).length);
p('late', () => http.batch([['GET', B + '/never', null, { timeout: 100 }], B + '/echo']).map((r) => [r.status, r.error_code]));`,
  ),
  row(
    'a batch sends the cookies of the jar and keeps new ones',
    `http.get(B + '/cookie');
p('sent', () => http.batch([B + '/echo', B + '/echo']).map((r) => r.json('headers.cookie')));
http.batch([B + '/set-cookies?line=a%3D1', B + '/set-cookies?line=b%3D2']);
p('kept', () => Object.keys(http.cookieJar().cookiesForURL(B + '/')).sort());
const jar = new http.CookieJar();
http.batch([['GET', B + '/set-cookies?line=own%3D1', null, { jar }]]);
p('own', () => [Object.keys(jar.cookiesForURL(B + '/')), Object.keys(http.cookieJar().cookiesForURL(B + '/')).length]);`,
  ),
  row(
    'a batch may redirect, and give bytes',
    `p('redirects', () => http.batch([B + '/chain/2', ['GET', B + '/chain/2', null, { redirects: 0 }]]).map((r) => r.status));
p('bytes', () => http.batch([['GET', B + '/slow?ms=0', null, { responseType: 'binary' }]]).map((r) => bytes(r.body)));
p('checked', () => { const ok = {}; for (const [i, r] of http.batch([B + '/echo', B + '/status/500']).entries()) ok['r' + i] = r.status === 200; return check(null, ok); });`,
  ),
  counted('six requests of a batch are on their way to one host at once', '', `http.batch(${SLOW(9)});`),
  counted(
    'twenty requests of a batch are on their way at once, over all hosts',
    'batchPerHost: 0',
    // A slow machine needs its time to begin so many.
    `http.batch(${SLOW(25, 1_500)});`,
  ),
  counted('batchPerHost says how many', 'batchPerHost: 2', `http.batch(${SLOW(5)});`),
  counted('batch says how many in all', 'batch: 3, batchPerHost: 0', `http.batch(${SLOW(6)});`),
  counted(
    'two names are two hosts',
    'batchPerHost: 1',
    `p('statuses', () => http.batch([B + '/slow?ms=300', B + '/slow?ms=300', B.replace('127.0.0.1', 'localhost') + '/slow?ms=300']).map((r) => r.status));`,
  ),
  counted('batchPerHost of 0 sets no limit', 'batchPerHost: 0', `http.batch(${SLOW(9)});`),
];
