/** Scripts that block as k6's own do: `http.get` and its like, and `sleep`. */
import type { Row } from './row.ts';

const row = (title: string, body: string): Row => ({ title, body, blocks: true });
const run = (title: string, options: string, init: string, body: string): Row => ({
  title,
  options,
  init,
  body,
  blocks: true,
});

export const BLOCKING: readonly Row[] = [
  row(
    'each verb sends its method, and a body where it has one',
    `const shown = (r) => [r.status, r.json('method'), r.json('body')];
p('get', () => shown(http.get(B + '/echo')));
p('post', () => shown(http.post(B + '/echo', 'x')));
p('put', () => shown(http.put(B + '/echo', 'x')));
p('patch', () => shown(http.patch(B + '/echo', 'x')));
p('del', () => shown(http.del(B + '/echo', 'x')));
p('options', () => shown(http.options(B + '/echo', 'x')));
p('request', () => shown(http.request('PROPFIND', B + '/echo', 'x')));
p('head', () => { const r = http.head(B + '/echo'); return [r.status, r.body, r.request.method]; });
p('form', () => http.post(B + '/form', { a: 1, b: [2, 3] }).json());
p('none', () => shown(http.post(B + '/echo')));`,
  ),
  row(
    'get and head take parameters second, and all others third',
    `const own = (r) => r.json('headers.x-own') ?? null;
p('get', () => own(http.get(B + '/echo', { headers: { 'X-Own': '1' } })));
p('get with three', () => own(http.get(B + '/echo', { headers: { 'X-Own': '1' } }, { headers: { 'X-Own': '2' } })));
p('get with none', () => own(http.get(B + '/echo', null, { headers: { 'X-Own': '2' } })));
p('head', () => http.head(B + '/echo', { headers: { 'X-Own': '1' } }).request.headers['X-Own']);
p('post', () => own(http.post(B + '/echo', null, { headers: { 'X-Own': '1' } })));
p('del', () => own(http.del(B + '/echo', null, { headers: { 'X-Own': '1' } })));`,
  ),
  row(
    'a verb gives a response and no promise, and await takes it as it is',
    `p('then', () => typeof http.get(B + '/echo').then);
p('status', () => http.get(B + '/status/404').status);
await q('awaited', async () => (await http.get(B + '/echo')).status);
p('binary', () => bytes(http.get(B + '/echo', { responseType: 'binary' }).body).length > 10);
p('none', () => http.get(B + '/echo', { responseType: 'none' }).body);
p('json', () => http.get(B + '/echo').json('list.1.id'));
p('headers', () => http.get(B + '/twice').headers['X-Twice']);
p('packed', () => http.get(B + '/gzip').body);
p('timings', () => { const { timings: t } = http.get(B + '/slow?ms=60'); return [t.duration >= 50, t.waiting >= 50, t.receiving >= 0, t.blocked >= 0]; });`,
  ),
  row(
    'a request that fails gives status 0 and its code, and throws where it is asked to',
    `const shown = (r) => [r.status, r.error_code, r.body];
p('refused', () => shown(http.get('http://127.0.0.1:1/')));
p('reset', () => http.get(B + '/reset').status);
p('late', () => [http.get(B + '/never', { timeout: 100 })].map((r) => [r.status, r.error, r.error_code]));
p('no port', () => http.get('http://127.0.0.1:99999/').status);
p('no host', () => http.get('http:///x').status);
p('no url', () => shown(http.get('nothing')));
p('throws', () => http.get('http://127.0.0.1:1/', { throw: true }));
p('goes on', () => http.get(B + '/echo').status);`,
  ),
  row(
    'cookies are kept from one call to the next, and a jar of the own is apart',
    `http.get(B + '/cookie');
p('sent', () => http.get(B + '/echo').json('headers.cookie'));
p('jar', () => http.cookieJar().cookiesForURL(B + '/'));
const jar = new http.CookieJar();
http.get(B + '/set-cookies?line=own%3D1', { jar });
p('own', () => jar.cookiesForURL(B + '/'));
p('own sent', () => http.get(B + '/echo', { jar }).json('headers.cookie'));
p('redirected', () => http.get(B + '/redirect-to?to=/echo&line=hop%3D1').json('headers.cookie'));
p('kept', () => Object.keys(http.cookieJar().cookiesForURL(B + '/')).sort());
p('cookies', () => Object.keys(http.get(B + '/cookie').cookies));
p('call', () => http.get(B + '/echo', { cookies: { mine: '2' } }).json('headers.cookie').split('; ').sort());
http.cookieJar().clear(B + '/');
p('cleared', () => http.get(B + '/echo').json('headers.cookie') ?? null);`,
  ),
  row(
    'redirects, credentials and digests are as with a request that does not block',
    `p('chain', () => [http.get(B + '/chain/3')].map((r) => [r.status, r.url.endsWith('/echo?from=chain')]));
p('none', () => http.get(B + '/chain/3', { redirects: 0 }).status);
p('basic', () => http.get('http://user:secret@' + A + '/basic-auth').body);
p('digest', () => [http.get('http://user:secret@' + A + '/digest-auth', { auth: 'digest' })].map((r) => [r.status, r.body]));`,
  ),
  row(
    'sleep waits its time and gives nothing',
    `const took = (seconds) => { const from = Date.now(); const given = sleep(seconds); const ms = Date.now() - from; return [given === undefined, ms >= Number(seconds) * 1000 - 2]; };
for (const s of [0.05, 0, -1, '0.03']) p('' + s, () => took(s));
p('nothing', () => took(undefined)[0]);
p('no number', () => took('x')[0]);
await q('awaited', async () => { const from = Date.now(); await sleep(0.05); return Date.now() - from >= 48; });`,
  ),
  row(
    'all sleeps of a list wait, one after the other',
    `const from = Date.now();
await Promise.all([sleep(0.05), sleep(0.05), sleep(0.05)]);
p('sum', () => Date.now() - from >= 148);`,
  ),
  row(
    'what does not block goes on meanwhile, and its code when the blocking is over',
    `const seen = [];
const pending = http.asyncRequest('GET', B + '/echo').then(() => seen.push('answered'));
setTimeout(() => seen.push('timer'), 1);
Promise.resolve().then(() => seen.push('micro'));
sleep(0.1);
seen.push('slept');
http.get(B + '/slow?ms=50');
seen.push('got');
p('before', () => seen.join());
await pending;
await new Promise((resolve) => setTimeout(resolve, 20));
p('first', () => seen.slice(0, 3).join());
p('after', () => seen.slice().sort().join());`,
  ),
  row(
    'verbs may be called in groups and checks, whose values they give',
    `p('group', () => group('a', () => group('b', () => http.get(B + '/echo').status)));
p('check', () => check(null, { up: () => http.get(B + '/echo').status === 200, down: () => http.get(B + '/status/500').status === 200 }));
p('thrown', () => group('c', () => { http.get(B + '/echo'); throw new Error('x'); }));`,
  ),
  row(
    'module state, globals and prototypes are those of one VU',
    `globalThis.mark = (globalThis.mark ?? 0) + 1;
http.get(B + '/echo');
sleep(0.02);
p('mark', () => globalThis.mark);
p('names', () => [typeof process, typeof Buffer, typeof SharedArrayBuffer, typeof Atomics, typeof require]);
p('realm', () => [http.get(B + '/echo') instanceof Object, http.get(B + '/echo').json() instanceof Object]);`,
  ),
  row(
    'k6/execution tells of the running VU and test',
    `sleep(0.01);
p('vu', () => [exec.vu.iterationInInstance, exec.vu.iterationInScenario, typeof exec.vu.idInTest]);
p('scenario', () => [exec.scenario.executor, exec.scenario.iterationInTest, typeof exec.scenario.startTime, exec.scenario.progress >= 0]);
p('instance', () => [exec.instance.vusActive >= 1, exec.instance.vusInitialized >= 1, exec.instance.currentTestRunDuration > 0]);`,
  ),
];

const ONE = "{ executor: 'per-vu-iterations', vus: 1, iterations: 1 }";

export const BLOCKING_RUNS: readonly Row[] = [
  run(
    'tags of calls, groups and the VU reach the thresholds',
    `{ thresholds: { 'http_reqs{name:one}': ['count==1'], 'http_reqs{group:::a::b}': ['count==2'], 'http_reqs{mine:x}': ['count==1'], 'checks{check:bad}': ['rate==1'], 'own{kind:a}': ['count==2'], 'own{kind:b}': ['count==9'], 'group_duration{group:::a}': ['max<60000'], 'http_req_failed{status:500}': ['rate==1'], 'data_sent{scenario:default}': ['count>10'] } }`,
    "const own = new Counter('own');",
    `http.get(B + '/echo', { tags: { name: 'one' } });
group('a', () => { group('b', () => { http.get(B + '/echo'); http.post(B + '/echo', 'x'); }); });
exec.vu.tags.mine = 'x';
http.get(B + '/status/500');
delete exec.vu.tags.mine;
check(1, { bad: false });
own.add(1, { kind: 'a' }); own.add(1, { kind: 'a' }); own.add(1, { kind: 'b' });`,
  ),
  run(
    'setup and teardown may block, and setup gives its data to all',
    '{ vus: 2, iterations: 4 }',
    `export function setup() { sleep(0.01); return { status: http.get(B + '/echo').status, list: [1, { a: null }] }; }
export function teardown(d) { console.log(JSON.stringify({ probe: 'teardown', v: [d, http.get(B + '/status/404').status] })); }`,
    "p('data', () => data); http.get(B + '/echo'); sleep(0.02);",
  ),
  run(
    'handleSummary may block',
    '{ iterations: 2 }',
    "export function handleSummary(d) { console.log(JSON.stringify({ probe: 'summary', v: [d.metrics.http_reqs.values.count, d.metrics.iterations.values.count, http.get(B + '/echo').status] })); return {}; }",
    "http.get(B + '/echo');",
  ),
  run(
    'an exception after a request ends the iteration, which counts',
    '{ vus: 1, iterations: 3 }',
    '',
    "http.get(B + '/echo'); out('before', __ITER); if (__ITER === 1) throw new Error('no'); sleep(0.01); out('after', __ITER);",
  ),
  run(
    'the end of the test cannot be caught, also where code blocks',
    "{ scenarios: { a: { executor: 'shared-iterations', vus: 1, iterations: 3 } } }",
    '',
    "http.get(B + '/echo'); try { if (__ITER === 1) exec.test.abort('enough'); } catch (e) { out('caught', 1); } out('after', __ITER); sleep(0.01);",
  ),
  run(
    'exec.test.fail leaves the run its course',
    '{ iterations: 2 }',
    '',
    "exec.test.fail('no'); http.get(B + '/echo'); out('after', __ITER);",
  ),
  run(
    'a sleep is cut where the graceful stop is over',
    "{ scenarios: { a: { executor: 'constant-vus', vus: 2, duration: '1s', gracefulStop: '0s' } } }",
    '',
    "out('begun', 1); sleep(30);",
  ),
  run(
    'a request is cut where the graceful stop is over, and one that is answered in it is not',
    `{ scenarios: { a: { executor: 'per-vu-iterations', vus: 1, maxDuration: '1s', gracefulStop: '0s' }, b: { executor: 'per-vu-iterations', exec: 'b', vus: 1, maxDuration: '1s', gracefulStop: '20s' } } }`,
    "export function b() { http.get(B + '/slow?ms=1500'); console.log(JSON.stringify({ probe: 'b', v: 1 })); }",
    "out('begun', 1); http.get(B + '/never');",
  ),
  run(
    'setup that blocks too long ends the run',
    "{ setupTimeout: '500ms' }",
    'export function setup() { sleep(20); }',
    "out('iteration', 1);",
  ),
  run(
    'setup that throws after a request ends the run',
    '{}',
    "export function setup() { http.get(B + '/echo'); throw new Error('no'); }\nexport function teardown() { console.log(JSON.stringify({ probe: 'teardown', v: 1 })); }",
    "out('iteration', 1);",
  ),
  run(
    'iterations are numbered over all VUs',
    "{ scenarios: { a: { executor: 'shared-iterations', vus: 3, iterations: 9 } } }",
    '',
    "p('number', () => exec.scenario.iterationInTest); sleep(0.01); http.get(B + '/echo');",
  ),
  run(
    'a ramp stops its VUs, and a sleep that is too long with them',
    "{ scenarios: { a: { executor: 'ramping-vus', startVUs: 3, stages: [{ duration: '500ms', target: 0 }], gracefulRampDown: '0s', gracefulStop: '0s' } } }",
    '',
    "if (__ITER === 0) out('begun', 1); sleep(20);",
  ),
  run(
    'arrivals find no VU while all block',
    `{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 10, timeUnit: '1s', duration: '1s', preAllocatedVUs: 2, maxVUs: 2, gracefulStop: '10s' } }, thresholds: { dropped_iterations: ['count==8'], iterations: ['count==2'] } }`,
    '',
    "http.get(B + '/slow?ms=1500'); out('done', 1);",
  ),
  run(
    'each VU that blocks has connections of its own, and keeps them',
    "{ scenarios: { a: { executor: 'per-vu-iterations', vus: 3, iterations: 4 } } }",
    "export function teardown() { console.log(JSON.stringify({ probe: 'all', v: http.get(B + '/connection').json('all') })); }",
    "p('nth', () => http.get(B + '/connection').json('nth'));",
  ),
  run(
    'with noVUConnectionReuse they last for an iteration, also where code blocks',
    '{ vus: 1, iterations: 3, noVUConnectionReuse: true }',
    '',
    "p('first', () => http.get(B + '/connection').json('nth')); p('second', () => http.get(B + '/connection').json('nth'));",
  ),
  run(
    'cookies are those of an iteration, also where code blocks',
    '{ vus: 1, iterations: 2 }',
    '',
    "p('before', () => http.get(B + '/echo').json('headers.cookie') ?? null); http.get(B + '/cookie'); p('after', () => http.get(B + '/echo').json('headers.cookie'));",
  ),
  run(
    'with noCookiesReset they stay, also where code blocks',
    '{ vus: 1, iterations: 2, noCookiesReset: true }',
    '',
    "p('before', () => http.get(B + '/echo').json('headers.cookie') ?? null); http.get(B + '/cookie');",
  ),
  run(
    'minIterationDuration counts what blocks',
    "{ iterations: 2, minIterationDuration: '300ms', thresholds: { iteration_duration: ['max<250'] } }",
    'let last = 0;',
    "if (last > 0) p('apart', () => Date.now() - last >= 290); last = Date.now(); sleep(0.05);",
  ),
  run(
    'the init context may sleep, and asks nobody',
    '{ iterations: 1 }',
    "sleep(0.01); const asked = (() => { try { http.get(B + '/echo'); return 'asked'; } catch (e) { return 'threw'; } })(); const many = (() => { try { http.batch([B + '/echo']); return 'asked'; } catch (e) { return 'threw'; } })();",
    "p('asked', () => [asked, many]);",
  ),
  run(
    'a shared array is one for all VUs that block',
    `{ scenarios: { a: ${ONE.replace('vus: 1', 'vus: 3')} } }`,
    "import { SharedArray } from 'k6/data'; const list = new SharedArray('list', () => [{ a: 1 }, { a: 'ü€' }, null, 7]);",
    "sleep(0.01); p('list', () => [list.length, list[1].a, list[2], list[3], list[4] === undefined, list.map((x) => typeof x)]); p('frozen', () => { list[0].a = 2; return list[0].a; });",
  ),
  run(
    'a scenario has its own function, environment and tags',
    `{ scenarios: { one: { executor: 'per-vu-iterations', env: { MINE: '1' }, tags: { t: 'x' } }, two: { executor: 'per-vu-iterations', exec: 'two', startTime: '300ms' } }, thresholds: { 'http_reqs{t:x}': ['count==1'], 'http_reqs{scenario:two}': ['count==2'] } }`,
    "export function two() { http.get(B + '/echo'); http.get(B + '/echo'); console.log(JSON.stringify({ probe: 'two', v: [exec.scenario.name, __ENV.MINE === undefined] })); }",
    "http.get(B + '/echo'); p('one', () => [exec.scenario.name, __ENV.MINE, exec.vu.tags.t]);",
  ),
  run(
    'a threshold with abortOnFail ends scripts that block',
    "{ scenarios: { a: { executor: 'constant-vus', vus: 2, duration: '30s' } }, thresholds: { http_req_failed: [{ threshold: 'rate<0.5', abortOnFail: true }] } }",
    '',
    "if (__ITER === 0) out('begun', 1); http.get(B + '/status/500'); sleep(30);",
  ),
  run(
    'discardResponseBodies and the option throw hold for verbs that block',
    '{ discardResponseBodies: true, throw: true }',
    '',
    "p('body', () => http.get(B + '/echo').body); p('text', () => http.get(B + '/echo', { responseType: 'text' }).status); p('refused', () => http.get('http://127.0.0.1:1/').status); p('batch', () => http.batch(['http://127.0.0.1:1/']).length); p('no url', () => http.get('nothing').status);",
  ),
];
