/** URLs, credentials in them, redirects. */
import type { Row } from './row.ts';

const ASK = `const ask = (url) => q(String(url).replace(A, 'A'), async () => { const r = await http.asyncRequest('GET', url, null, { redirects: 0, timeout: '30s' }); return [r.status, r.error_code, r.url, r.status === 200 ? r.json('url') : null]; });\n`;
const row = (title: string, body: string): Row => ({ title, body });
const urls = (title: string, ...list: string[]): Row => ({
  title,
  before: ASK,
  body: list.map((url) => `await ask(${url});`).join('\n'),
});
const onServer = (...paths: string[]): string[] => paths.map((path) => `B + ${JSON.stringify(path)}`);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

export const URLS: readonly Row[] = [
  urls(
    'a path is escaped where it must be, and else left alone',
    ...onServer(
      '/echo/a b',
      '/echo/\u00fc',
      '/echo/%41',
      '/echo/%2f',
      '/echo/../x',
      '/echo/./x',
      '//echo//x',
      '/echo/"<>^`{|}',
      "/echo/!$&'()*+,;=:@",
      '/echo/[x]',
      '/echo/a\\b',
      '/echo;x=1',
    ),
  ),
  urls(
    'a query is left alone, and a fragment stays at home',
    ...onServer(
      '/echo?q=\u00fc',
      '/echo?q=a%20b',
      '/echo?',
      '/echo?&&',
      '?x=1',
      '',
      '/echo?q="<>^`{|}',
      '/echo?a=1?b=2',
      '/echo?q=%zz',
      '/echo#frag',
      '/echo?a=1#frag',
    ),
  ),
  urls(
    'what is no URL is an answer with its reason',
    "B + '/echo/%zz'",
    "'http://127.0.0.1:x/'",
    "'http://[::1/'",
    "' ' + B",
    "B + ' '",
    "'http://h h/'",
    "':x'",
    '5',
    'null',
    'undefined',
    '{}',
    'true',
  ),
  urls(
    'what cannot be asked is an answer with its reason',
    "'ftp://h/'",
    "'/echo'",
    "'echo'",
    "'http:///x'",
    "'http://127.0.0.1:99999/'",
    "'mailto:x'",
    "'//' + A + '/echo'",
  ),
  row(
    'a URL made by http.url has its template as its name',
    `const t = http.url\`\${B}/echo/\${5}/x/\${'a b'}\`;
p('parts', () => [t.name, t.url, t.clean_url]);
await q('asked', async () => { const r = await http.asyncRequest('GET', t); return [r.url, r.json('url')]; });
p('nothing in it', () => { const x = http.url\`http://u:p@h/x\`; return [x.name, x.url, x.clean_url]; });
p('no URL', () => http.url\`http://h/%zz\`);`,
  ),
  row(
    'name and password of a URL go as basic credentials',
    `await q('both', async () => { const r = await http.asyncRequest('GET', 'http://us%20er:pa:ss@' + A + '/basic-auth'); return [r.status, r.body, r.url, r.request.url]; });
await q('name', async () => (await http.asyncRequest('GET', 'http://user@' + A + '/basic-auth')).body);
await q('own header', async () => (await http.asyncRequest('GET', 'http://user:pass@' + A + '/basic-auth', null, { headers: { authorization: 'own' } })).body);
await q('auth basic', async () => (await http.asyncRequest('GET', 'http://user:pass@' + A + '/basic-auth', null, { auth: 'basic' })).body);
await q('without', async () => (await get('/basic-auth', { auth: 'basic' })).status);`,
  ),
  row(
    'a digest answers the challenge with two requests',
    `await q('get', async () => { const r = await http.asyncRequest('GET', 'http://user:secret@' + A + '/digest-auth?x=1', null, { auth: 'digest' }); return [r.status, r.body, r.url]; });
await q('post', async () => { const r = await http.asyncRequest('POST', 'http://user:secret@' + A + '/digest-auth', 'body', { auth: 'digest' }); return [r.status, r.body]; });
await q('wrong', async () => { const r = await http.asyncRequest('GET', 'http://user:wrong@' + A + '/digest-auth', null, { auth: 'digest' }); return [r.status, r.body]; });
await q('not asked for', async () => { const r = await http.asyncRequest('GET', 'http://user:secret@' + A + '/status/200', null, { auth: 'digest' }); return [r.status, r.url]; });`,
  ),
  {
    title: "a digest's first answer is expected to be the challenge",
    options:
      "{ thresholds: { 'http_reqs{path:right}': ['count==2'], 'http_req_failed{path:right}': ['rate==0'], 'http_req_failed{path:none}': ['rate==1'] } }",
    body: `await http.asyncRequest('GET', 'http://user:secret@' + A + '/digest-auth', null, { auth: 'digest', tags: { path: 'right' } });
await http.asyncRequest('GET', 'http://user:secret@' + A + '/status/200', null, { auth: 'digest', tags: { path: 'none' } });`,
  },
  row(
    'credentials stay with their host on a redirect',
    `const away = 'http://localhost:' + A.split(':')[1];
await q('relative', async () => { const r = await http.asyncRequest('GET', 'http://user:pass@' + A + '/redirect-to?to=/basic-auth'); return [r.status, r.body, r.url]; });
await q('absolute', async () => { const r = await http.asyncRequest('GET', 'http://user:pass@' + A + '/redirect-to?to=' + encodeURIComponent(B + '/basic-auth')); return [r.status, r.url]; });
await q('headers away', async () => { const h = (await get('/redirect-to?to=' + encodeURIComponent(away + '/echo'), { headers: { Authorization: 'secret', Cookie: 'a=1', 'X-Own': 'o' } })).json('headers'); return [h.authorization || null, h.cookie || null, h['x-own'], h.referer]; });`,
  ),
  ...[301, 302, 303, 307, 308].map((status) =>
    row(
      `${status}: method, body and headers of the next hop`,
      METHODS.map(
        (method) =>
          `await q('${method}', async () => { const r = await http.asyncRequest('${method}', B + '/redirect-to?to=/echo%23frag&status=${status}', ${method === 'GET' || method === 'HEAD' ? 'null' : "'body'"}, { headers: { 'Content-Type': 'x/y', 'X-Own': 'o' } }); const j = r.body ? r.json() : { headers: {} }; return [r.status, r.url, j.method, j.body, j.headers['content-type'] || null, j.headers['x-own'], j.headers.referer]; });`,
      ).join('\n'),
    ),
  ),
  row(
    'statuses that are no redirects are answers',
    `for (const s of [300, 304, 305]) await q('' + s, async () => { const r = await get('/redirect-to?to=/echo&status=' + s); return [r.status, r.url]; });
await q('no location', async () => { const r = await get('/redirect-to'); return [r.status, r.url]; });`,
  ),
  row(
    'a location is resolved as Go does',
    `for (const to of ['', '//' + A + '/echo', '?status=200', '#f', 'echo', '/a b', '/x/../echo', './echo', B, 'http://%zz/', 'http://127.0.0.1:1/', 'ftp://x/']) await q(to.replace(A, 'A'), async () => { const r = await get('/redirect-to?to=' + encodeURIComponent(to), { redirects: 1 }); return [r.status, r.url, r.error_code]; });`,
  ),
];
