/** Connections: one set for each VU, kept and closed as k6 does. */
import type { Row } from './row.ts';

/** `use(path)` gives the number that the connection has within its VU; teardown prints how many there were in all. */
const COUNTED = `
const seen = [];
async function use(params) {
  const { connection } = (await get('/connection', params)).json();
  if (!seen.includes(connection)) seen.push(connection);
  return seen.indexOf(connection);
}
export async function teardown() { console.log(JSON.stringify({ probe: 'all', v: (await get('/connection')).json('all') })); }`;

const counted = (title: string, options: string, body: string): Row => ({
  title,
  options,
  body,
  init: COUNTED,
});

const MANY = "await Promise.all(Array.from({ length: 8 }, () => get('/slow?ms=100')));";

export const CONNECTIONS: readonly Row[] = [
  counted(
    'requests of one VU, one after the other, share a connection',
    '{ vus: 1, iterations: 3 }',
    "for (const name of ['first', 'second']) await q(name, () => use());",
  ),
  counted(
    'each VU has a connection of its own',
    "{ scenarios: { main: { executor: 'per-vu-iterations', vus: 5, iterations: 3 } } }",
    "await q('number', () => use());",
  ),
  counted(
    'setup and teardown have connections of their own',
    '{ vus: 1, iterations: 1 }',
    "p('setup', () => data); await q('number', () => use());",
  ),
  counted(
    'with noConnectionReuse each request has a connection of its own',
    '{ vus: 2, iterations: 4, noConnectionReuse: true }',
    "await q('status', async () => (await get('/connection')).status);",
  ),
  counted(
    'with noVUConnectionReuse each iteration has',
    '{ vus: 1, iterations: 3, noVUConnectionReuse: true }',
    "for (const name of ['first', 'second']) await q(name, () => use());",
  ),
  counted('of connections to one host six are kept', '{ vus: 1, iterations: 2 }', MANY),
  counted(
    'of all connections of a VU twenty are kept',
    '{ vus: 1, iterations: 2, batchPerHost: 30 }',
    "await Promise.all(Array.from({ length: 25 }, () => get('/slow?ms=1000')));",
  ),
  counted(
    'of connections to one host as many are kept as batchPerHost says',
    '{ vus: 1, iterations: 2, batchPerHost: 2 }',
    MANY,
  ),
  counted('a batchPerHost of 0 keeps two', '{ vus: 1, iterations: 2, batchPerHost: 0 }', MANY),
  counted(
    'of all connections of a VU as many are kept as batch says',
    '{ vus: 1, iterations: 2, batch: 3 }',
    MANY,
  ),
  counted(
    'a batch of 0 sets no limit over all hosts',
    '{ vus: 1, iterations: 2, batch: 0, batchPerHost: 8 }',
    MANY,
  ),
  counted(
    'a request that ran out of time takes its connection along',
    '{ vus: 1, iterations: 1 }',
    "await use(); await q('late', async () => (await get('/slow?ms=5000', { timeout: 200 })).error_code); await q('next', () => use());",
  ),
  counted(
    'an answer that breaks off takes its connection along',
    '{ vus: 1, iterations: 1 }',
    "await use(); await q('cut', async () => (await get('/cut')).error_code); await q('next', () => use());",
  ),
  counted(
    'a body that nobody reads keeps its connection',
    '{ vus: 1, iterations: 1 }',
    "await use({ responseType: 'none' }).catch(() => 0); await get('/echo', { responseType: 'none' }); await q('next', () => use());",
  ),
  counted(
    'answers without a body keep their connection',
    '{ vus: 1, iterations: 1 }',
    "await use(); for (const s of [204, 304, 404, 500]) await get('/status/' + s); await http.asyncRequest('HEAD', B + '/echo'); await q('next', () => use());",
  ),
  counted(
    'a redirect goes over the same connection',
    '{ vus: 1, iterations: 1 }',
    "await use(); await get('/chain/3'); await q('next', () => use());",
  ),
  counted(
    'two names of one address have connections of their own',
    '{ vus: 1, iterations: 2 }',
    "await use(); await q('other', async () => (await http.asyncRequest('GET', B.replace('127.0.0.1', 'localhost') + '/connection')).status);",
  ),
  counted(
    'an exception leaves the connection for the next iteration',
    '{ vus: 1, iterations: 3 }',
    "await q('number', () => use()); throw new Error('in the middle');",
  ),
  {
    title: 'what a fault does to a connection hits each VU, not whoever shares it',
    options:
      "{ scenarios: { main: { executor: 'per-vu-iterations', vus: 10, iterations: 10 } }, thresholds: { http_req_failed: ['rate<0.01'] } }",
    body: "await q('status', async () => (await post('/fifth', 'x')).status);",
  },
  {
    title: 'a dead connection is replaced once, by the VU that had it',
    options: "{ scenarios: { main: { executor: 'per-vu-iterations', vus: 3, iterations: 7 } } }",
    body: "await q('iteration ' + __ITER, async () => { const r = await post('/fifth', 'x'); return [r.status, r.error_code]; });",
  },
];
