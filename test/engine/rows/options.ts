/** Options: what is honoured, and what is wrong. */
import type { Row } from './row.ts';

/** Only the outcome: exit code, iterations. */
const given = (title: string, options: string, body = '', init = ''): Row => ({ title, options, body, init });
/** Each is wrong by itself. */
const wrong = (what: string, options: string): Row => given(`wrong: ${what}`, options);

export const OPTIONS: readonly Row[] = [
  given(
    'an option that k6 does not know changes nothing',
    '{ nonsense: 1, more: { a: 1 }, linger: true, vus: 2, iterations: 2 }',
  ),
  given(
    'what the types name and k6 does not know',
    '{ linger: true, noUsageReport: true, tlsAIAFetch: true, vusMax: 5, vus: 2, iterations: 2 }',
    "p('SSL_3_0', () => [typeof http.SSL_3_0, 'SSL_3_0' in http]);",
  ),
  given('options are known in any letters', '{ VUS: 1, Iterations: 3 }'),
  given('numbers may be texts', "{ vus: '2', iterations: '3' }"),
  given(
    'what is null is not given',
    '{ vus: null, iterations: null, thresholds: null, tags: null, scenarios: null }',
  ),
  given(
    'with noSetup setup does not run',
    '{ noSetup: true }',
    "p('data', () => data);",
    "export function setup() { console.log(JSON.stringify({ probe: 'setup', v: 1 })); return 5; }",
  ),
  given(
    'with noTeardown teardown does not run',
    '{ noTeardown: true }',
    "p('ran', () => 1);",
    "export function teardown() { console.log(JSON.stringify({ probe: 'teardown', v: 1 })); }",
  ),
  given(
    'an agent of the script goes with every request',
    "{ userAgent: 'mine/1' }",
    "await q('sent', async () => (await get('/echo')).json('headers.user-agent'));",
  ),
  given(
    'without an agent none is sent',
    "{ userAgent: '' }",
    "await q('sent', async () => (await get('/echo')).json('headers.user-agent') || null);",
  ),
  given(
    'blocked hosts are not asked',
    "{ blockHostnames: ['blocked.example', '*.wild.example'] }",
    "for (const h of ['blocked.example', 'BLOCKED.example', 'a.wild.example', 'a.b.wild.example']) await q(h, async () => { const r = await http.asyncRequest('GET', 'http://' + h + ':1/', null, { timeout: '5s' }); return [r.status, r.error, r.error_code]; });\nawait q('other', async () => (await get('/echo')).status);",
  ),
  given(
    'discarded bodies are null, unless a call wants them',
    '{ discardResponseBodies: true }',
    "await q('default', async () => (await get('/echo')).body);\nawait q('wanted', async () => typeof (await get('/echo', { responseType: 'text' })).body);",
  ),
  given(
    'an iteration that is over too soon keeps its VU',
    "{ vus: 1, duration: '1s', minIterationDuration: '700ms' }",
    '',
  ),
  given(
    'requests a second are held',
    '{ vus: 5, iterations: 5, rps: 20 }',
    "await get('/echo'); p('late', () => exec.instance.currentTestRunDuration > 0);",
  ),
  wrong('vus', "{ vus: 'many' }"),
  wrong('vus with a fraction', '{ vus: 1.5 }'),
  wrong('iterations', '{ iterations: true }'),
  wrong('duration', "{ duration: 'soon' }"),
  wrong('no duration', '{ duration: {} }'),
  wrong('noSetup', "{ noSetup: 'yes' }"),
  wrong('noCookiesReset', '{ noCookiesReset: 1 }'),
  wrong('tags', '{ tags: { a: 1 } }'),
  wrong('tags as a list', "{ tags: ['a'] }"),
  wrong('systemTags', '{ systemTags: [1] }'),
  wrong('hosts', "{ hosts: { 'a.example': 5 } }"),
  wrong('userAgent', '{ userAgent: 5 }'),
  wrong('setupTimeout', "{ setupTimeout: '0s' }"),
  wrong('scenarios', '{ scenarios: 5 }'),
  wrong('scenarios as a list', '{ scenarios: [] }'),
  wrong('stages', "{ stages: { duration: '1s', target: 1 } }"),
  wrong('options as a list', '[1]'),
  wrong('options as a number', '5'),
  wrong('thresholds as a list', "{ thresholds: ['http_reqs: count>1'] }"),
  wrong('a threshold that is no list', "{ thresholds: { http_reqs: 'count>1' } }"),
  wrong('a threshold that is a number', '{ thresholds: { http_reqs: [5] } }'),
  wrong('a threshold without an expression', '{ thresholds: { http_reqs: [{ abortOnFail: true }] } }'),
  wrong('abortOnFail', "{ thresholds: { http_reqs: [{ threshold: 'count>1', abortOnFail: 'yes' }] } }"),
  wrong(
    'delayAbortEval',
    "{ thresholds: { http_reqs: [{ threshold: 'count>1', delayAbortEval: 'soon' }] } }",
  ),
  wrong('env of a scenario', "{ scenarios: { a: { executor: 'per-vu-iterations', env: { A: 1 } } } }"),
  wrong('exec of a scenario', "{ scenarios: { a: { executor: 'per-vu-iterations', exec: 5 } } }"),
  wrong(
    'a member that a scenario does not have',
    "{ scenarios: { a: { executor: 'per-vu-iterations', nonsense: 5 } } }",
  ),
  wrong('executor', '{ scenarios: { a: { executor: 5 } } }'),
];
