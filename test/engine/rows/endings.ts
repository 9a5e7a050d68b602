/** How a run ends, and what its summary holds. */
import type { Row } from './row.ts';

/** What `handleSummary` prints is the outcome: a line like all others, by the console. */
const summary = (shown: string): string =>
  `export function handleSummary(d) { console.log(JSON.stringify({ probe: 'summary', v: ${shown} })); return {}; }`;

export const ENDINGS: readonly Row[] = [
  {
    title: 'the iteration that aborts the test is a full one, and nothing after it is dropped',
    options: "{ scenarios: { a: { executor: 'shared-iterations', vus: 1, iterations: 5 } } }",
    init: `const steps = new Counter('steps');\n${summary('[d.metrics.iterations.values.count, d.metrics.steps.values.count, d.metrics.dropped_iterations === undefined]')}`,
    body: "steps.add(1); if (__ITER === 2) exec.test.abort('enough'); steps.add(1);",
  },
  {
    title: 'the summary holds what setup gave, through JSON',
    options: '{}',
    init: `export function setup() { return { a: 1, u: undefined, n: null }; }\n${summary('d.setup_data')}`,
    body: '',
  },
  {
    title: 'without setup the summary has nothing of it',
    options: '{}',
    init: summary("['setup_data' in d, d.setup_data === undefined, Object.keys(d).sort()]"),
    body: '',
  },
  {
    title: 'the summary counts bytes both ways, and the durations of expected answers apart',
    options: "{ thresholds: { data_received: ['count>100'], data_sent: ['count>50'] } }",
    init: summary(
      "[d.metrics.data_received.type, d.metrics.data_received.contains, d.metrics.data_received.values.count > 100, d.metrics.data_sent.values.count > 50, 'http_req_duration{expected_response:true}' in d.metrics]",
    ),
    body: "await get('/echo'); await get('/status/404');",
  },
  {
    title: 'groups and checks of the summary have the ids of k6',
    options: '{}',
    init: summary('d.root_group'),
    body: "check(1, { top: true }); group('G', () => group('H', () => check(1, { below: false })));",
  },
  {
    title: 'percentiles of a Trend are exact while it has few values',
    options: "{ summaryTrendStats: ['min', 'p(10)', 'med', 'p(90)', 'p(99.9)', 'max', 'count', 'avg'] }",
    init: `const times = new Trend('times');\n${summary('d.metrics.times.values')}`,
    body: 'for (let i = 1; i <= 1000; i++) times.add((i * 7919) % 1009);',
  },
  {
    title: 'a metric has a name of two letters at least',
    options: '{}',
    init: "const made = ['a', 'ab', '1ab', 'a b', ''].map((name) => { try { new Counter(name); return true; } catch (e) { return false; } });",
    body: "p('made', () => made);",
  },
  {
    title: 'tags of a VU are listed, hidden and kept as texts',
    options:
      "{ scenarios: { one: { executor: 'per-vu-iterations', tags: { st: 'v' } } }, tags: { run: 'r' } }",
    body: `p('all', () => ({ ...exec.vu.tags }));
p('number', () => { exec.vu.tags.n = 5; return exec.vu.tags.n; });
for (const [name, v] of [['object', {}], ['null', null], ['list', [1]]]) p(name, () => { exec.vu.tags.x = v; return 1; });
p('deleted', () => { delete exec.vu.tags.st; return [exec.vu.tags.st, Object.keys(exec.vu.tags).sort()]; });
p('metadata', () => { exec.vu.metrics.metadata.m = 1; return [exec.vu.metrics.metadata.m, Object.keys(exec.vu.metrics.metadata)]; });
p('same', () => exec.vu.metrics.tags.n);`,
  },
  {
    title: 'tags of samples and checks are texts, numbers and booleans',
    options: '{}',
    init: "const count = new Counter('count');",
    body: `for (const [name, v] of [['text', 'b'], ['number', 5], ['null', null], ['object', {}]]) { p(name, () => count.add(1, { a: v })); p('check ' + name, () => check(1, { fine: true }, { a: v })); }
p('none', () => count.add(1, null));`,
  },
];
