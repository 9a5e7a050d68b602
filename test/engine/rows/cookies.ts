/** Cookies: what an answer sets, what the next request carries, jars of the script's own. */
import type { Row } from './row.ts';

/** `set` makes the server set lines; `sent` says what the next request carries. */
const BEFORE = `const set = (...lines) => get('/set-cookies?' + lines.map((l) => 'line=' + encodeURIComponent(l)).join('&'));
const sent = async (path = '/echo', params) => ((await get(path, params)).json('headers.cookie') || '').split('; ').sort().join('; ');
const kept = async (line) => { await set(line); const found = [await sent('/echo'), await sent('/')]; const j = http.cookieJar(); for (const path of ['/', '/echo', '/set-cookies']) { j.clear(B + path); j.delete(B + path, 'a'); } return found; };
`;

/** Each line alone: whether it is sent to its path and to the root. */
const keeping = (title: string, ...lines: string[]): Row => ({
  title,
  before: BEFORE,
  body: lines
    .map((line) => `await q(${JSON.stringify(line)}, () => kept(${JSON.stringify(line)}));`)
    .join('\n'),
});

const fields = (title: string, ...lines: string[]): Row => ({
  title,
  before: BEFORE,
  body: lines
    .map(
      (line) => `await q(${JSON.stringify(line)}, async () => (await set(${JSON.stringify(line)})).cookies);`,
    )
    .join('\n'),
});

const plain = (title: string, body: string): Row => ({ title, before: BEFORE, body });

export const COOKIES: readonly Row[] = [
  keeping(
    'a cookie goes to the folder of its path, or of the page that set it',
    'a=1',
    'a=1; Path=/',
    'a=1; Path=/echo',
    'a=1; Path=/ech',
    'a=1; Path=/echo/',
    'a=1; Path=other',
  ),
  keeping(
    'a maximum age of 0 or less deletes a cookie, what is no number says nothing',
    'a=1; Path=/; Max-Age=0',
    'a=1; Path=/; Max-Age=-5',
    'a=1; Path=/; Max-Age=100',
    'a=1; Path=/; Max-Age=0100',
    'a=1; Path=/; Max-Age=x',
  ),
  keeping(
    'a date that has passed deletes a cookie, unless a maximum age says otherwise',
    'a=1; Path=/; Expires=Wed, 09 Jun 2100 10:18:14 GMT',
    'a=1; Path=/; Expires=Wed, 09 Jun 2010 10:18:14 GMT',
    'a=1; Path=/; Expires=Wed, 09-Jun-2010 10:18:14 GMT',
    'a=1; Path=/; Expires=soon',
    'a=1; Path=/; Max-Age=100; Expires=Wed, 09 Jun 2010 10:18:14 GMT',
  ),
  keeping(
    'a cookie is for its own host, and a secure one goes to this machine all the same',
    'a=1; Path=/; Domain=127.0.0.1',
    'a=1; Path=/; Domain=example.com',
    'a=1; Path=/; Secure',
    'a=1; Path=/; HttpOnly',
    'a=1; Path=/; SameSite=Strict',
  ),
  keeping(
    'values that may not be in a cookie are dropped',
    'a="q v"; Path=/',
    'a="; Path=/',
    'a; Path=/',
    '=b; Path=/',
    'a b=1; Path=/',
    'a= 1; Path=/',
    'a=1,2; Path=/',
    'a=x=y; Path=/',
    'a=1\\2; Path=/',
  ),
  fields(
    'an answer shows every field of its cookies',
    'a=1',
    'a=1; Path=/p; Domain=example.com; Max-Age=60; Expires=Wed, 09 Jun 2100 10:18:14 GMT; Secure; HttpOnly; SameSite=Lax',
    'a=1; Max-Age=0',
    'A=1; PATH=/; HTTPONLY; SECURE',
  ),
  fields('an answer leaves cookies out that are none', '', ';', 'a', '=b', 'a b=1', 'a=\u00fc', 'a=1;b=2'),
  plain(
    'cookies with longer paths go first, and older ones before younger ones',
    `await set('a=1; Path=/', 'a=2; Path=/echo', 'b=3; Path=/');
await q('sent', async () => (await get('/echo')).json('headers.cookie'));
await q('again', async () => { await set('a=4; Path=/'); return (await get('/echo')).json('headers.cookie'); });`,
  ),
  plain(
    "a call's own cookies go beside the jar's, or in their place",
    `await set('a=1; Path=/', 'b=2; Path=/');
await q('beside', () => sent('/echo', { cookies: { a: 'x', c: 'y' } }));
await q('in place', () => sent('/echo', { cookies: { a: { value: 'x', replace: true }, b: { value: 'n' } } }));
await q('not kept', () => sent());`,
  ),
  plain(
    "what a call's cookies hold is written as Go writes it",
    `await q('kinds', () => sent('/echo', { cookies: { n: 5, t: true, nul: null, u: undefined, o: {}, l: [1] } }));
await q('letters', () => sent('/echo', { cookies: { q: 'a"b', s: 'a;b', co: 'a,b', bl: 'a b' } }));`,
  ),
  plain(
    'a Cookie header goes before all others',
    `await set('a=1; Path=/');
await q('sent', async () => (await get('/echo', { headers: { Cookie: 'h=1' }, cookies: { c: '2' } })).json('headers.cookie'));
await q('shown', async () => (await get('/echo', { headers: { cookie: 'h=1' }, cookies: { c: '2' } })).request.cookies);`,
  ),
  plain(
    "the iteration's jar says what it would send",
    `await set('a=1; Path=/', 'b=2; Path=/echo');
p('root', () => http.cookieJar().cookiesForURL(B));
p('below', () => http.cookieJar().cookiesForURL(B + '/echo/x'));
p('elsewhere', () => http.cookieJar().cookiesForURL('http://example.com/'));`,
  ),
  plain(
    "the iteration's jar takes cookies of the script",
    `const jar = http.cookieJar();
p('set', () => jar.set(B, 'own', '1'));
p('set with options', () => jar.set(B + '/x', 'more', '2', { path: '/echo', max_age: 10, http_only: true }));
p('too old', () => jar.set(B, 'old', '3', { expires: 'Wed, 09 Jun 2010 10:18:14 GMT' }));
p('no date', () => jar.set(B, 'bad', '4', { expires: 'tomorrow' }));
await q('sent', () => sent());`,
  ),
  plain(
    'cookies can be deleted by name, and cleared',
    `const jar = http.cookieJar();
jar.set(B, 'one', '1'); jar.set(B, 'two', '2');
p('delete', () => jar.delete(B, 'one'));
p('delete without a name', () => jar.delete(B, ''));
await q('sent', () => sent());
p('clear', () => jar.clear(B));
await q('sent then', () => sent());`,
  ),
  plain(
    'a jar of its own serves the calls that name it',
    `const jar = new http.CookieJar();
p('set', () => jar.set(B, 'j', 'v'));
await q('sent', () => sent('/echo', { jar }));
await q('kept', async () => { await get('/set-cookies?line=' + encodeURIComponent('f=1; Path=/'), { jar }); return jar.cookiesForURL(B); });
await q('not in the other', () => sent());
await q('what is no jar', () => sent('/echo', { jar: {} }));`,
  ),
  plain(
    'a redirect sets cookies, and the next hop carries them',
    `await q('followed', async () => { const r = await get('/redirect-to?to=/echo&line=' + encodeURIComponent('r=1; Path=/')); return [r.json('headers.cookie'), r.cookies]; });
await q('not followed', async () => { const r = await get('/redirect-to?to=/echo&line=' + encodeURIComponent('s=1; Path=/'), { redirects: 0 }); return [r.cookies, http.cookieJar().cookiesForURL(B)]; });
await q('own cookies', async () => (await get('/redirect-to?to=/echo', { cookies: { own: '1' } })).json('headers.cookie'));
await q('Cookie header', async () => (await get('/redirect-to?to=/echo', { headers: { Cookie: 'h=1' } })).json('headers.cookie'));`,
  ),
  {
    title: 'an iteration begins without cookies',
    before: BEFORE,
    options: '{ vus: 1, iterations: 2 }',
    body: `await q('sent ' + __ITER, () => sent()); await set('a=1; Path=/');`,
  },
  {
    title: 'with noCookiesReset an iteration begins with the cookies of the one before',
    before: BEFORE,
    options: '{ vus: 1, iterations: 2, noCookiesReset: true }',
    body: `await q('sent ' + __ITER, () => sent()); await set('a=1; Path=/');`,
  },
];
