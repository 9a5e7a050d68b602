/**
 * What each script in `scripts/` must do, as data, in every engine. Written down from runs of the real k6 2.2, so that
 * the embedded engine is held to it where no k6 is installed.
 */

export type Line = Readonly<Record<string, unknown>>;

export interface ParityCase {
  /** Behaviour, as a sentence. */
  readonly title: string;
  readonly script: string;
  /** k6's exit code; 0 when not given. */
  readonly exitCode?: number;
  readonly iterations?: number | readonly [min: number, max: number];
  readonly dropped?: number | readonly [min: number, max: number];
  /** History lines, in any order. */
  readonly lines?: readonly Line[];
  /** `name passes/fails`. */
  readonly checks?: readonly string[];
  /** `metric expression` of every threshold that is crossed; none when not given. */
  readonly crossed?: readonly string[];
  /** A part of the result's reason. */
  readonly reason?: string;
  /** What the script's `handleSummary` wrote, after `SUMMARY`. */
  readonly summary?: Line;
  /** The run does not even end as one: a part of the error. */
  readonly fails?: string;
  /** Takes seconds and hardly any work: played beside others. */
  readonly isSlow?: true;
  /** Requests that reached the server. */
  readonly arrivals?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly overrides?: {
    readonly vus?: number;
    readonly duration?: string;
    readonly iterations?: number;
    readonly rate?: number;
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const EXECUTORS: readonly ParityCase[] = [
  {
    title: 'shared iterations are numbered over all VUs, each number once',
    script: 'shared-iterations.js',
    iterations: 10,
    lines: range(10).map((iteration) => ({ iteration })),
  },
  {
    title: "iterations per VU are numbered in each VU, and module state is the VU's own",
    script: 'per-vu-iterations.js',
    iterations: 6,
    lines: [1, 2, 3].flatMap((vu) =>
      [0, 1].map((iteration) => ({
        vu,
        sameVu: true,
        iteration,
        inScenario: iteration,
        count: iteration + 1,
      })),
    ),
  },
  {
    title: 'constant VUs loop until the time is up',
    script: 'constant-vus.js',
    iterations: [2, 60],
    lines: [1, 2].map((vu) => ({ vu, executor: 'constant-vus', name: 'main' })),
  },
  {
    title: 'ramping VUs rise to the highest target',
    script: 'ramping-vus.js',
    iterations: [3, 200],
    lines: [1, 2, 3].map((vu) => ({ vu })),
  },
  {
    title: 'a VU that a ramp takes away is cut after its graceful ramp-down, one that stays may end',
    script: 'ramp-down-cuts.js',
    iterations: 1,
    lines: [{ done: true }],
    arrivals: 2,
  },
  {
    title: 'a constant arrival rate starts one iteration a period, both ends included',
    script: 'constant-arrival-rate.js',
    // Whether the one at the very end starts is a race in k6.
    iterations: [10, 11],
    dropped: 0,
  },
  {
    title: 'a ramping arrival rate starts as many iterations as lie under the ramp',
    script: 'ramping-arrival-rate.js',
    iterations: [9, 10],
    dropped: 0,
  },
  { title: 'arrivals without a free VU are dropped', script: 'dropped.js', iterations: 1, dropped: [9, 10] },
  {
    title: 'shared iterations that the maximum duration leaves over are dropped',
    script: 'max-duration.js',
    iterations: 2,
    dropped: 3,
    lines: [{ iteration: 0 }, { iteration: 1 }],
  },
  {
    title: 'iterations per VU that the maximum duration leaves over are dropped',
    script: 'max-duration-per-vu.js',
    iterations: 2,
    dropped: 4,
  },
  {
    title: 'an attempt in flight beyond the graceful stop has no last line, and teardown still runs',
    script: 'graceful-stop-cuts.js',
    iterations: 0,
    lines: [{ event: 'invoke' }, { event: 'teardown' }],
  },
  {
    title: 'an attempt in flight within the graceful stop ends',
    script: 'graceful-stop-waits.js',
    iterations: 1,
    lines: [{ event: 'invoke' }, { event: 'complete', status: 200 }],
  },
  ...[
    'shared-iterations',
    'per-vu-iterations',
    'constant-vus',
    'ramping-vus',
    'constant-arrival-rate',
    'ramping-arrival-rate',
  ].flatMap((executor): ParityCase[] => {
    // The ramp starts twenty a second and has one VU. Whether the one at the very end starts is a race in k6.
    const dropped = executor === 'ramping-arrival-rate' ? ([18, 19] as const) : 0;
    const common = { script: 'graceful-stop-kinds.js', dropped, arrivals: 1, isSlow: true } as const;
    return [
      {
        ...common,
        title: `${executor}: an attempt in flight beyond the graceful stop has no last line`,
        env: { EXECUTOR: executor, GRACE: '0s' },
        iterations: 0,
        lines: [{ event: 'invoke' }, { event: 'teardown' }],
      },
      {
        ...common,
        title: `${executor}: an attempt in flight within the graceful stop ends`,
        env: { EXECUTOR: executor, GRACE: '20s' },
        iterations: 1,
        lines: [{ event: 'invoke' }, { event: 'complete', status: 200 }, { event: 'teardown' }],
      },
    ];
  }),
  {
    title: 'the graceful stop of a ramp of arrivals begins at the end of its last stage',
    script: 'ramp-to-nothing.js',
    iterations: 2,
    dropped: 0,
    lines: [{ status: 200 }, { status: 200 }],
    isSlow: true,
  },
  {
    title: 'arrivals that find no VU call for more, up to the most that are allowed',
    script: 'more-vus.js',
    iterations: 0,
    dropped: [7, 8],
    lines: [1, 2, 3].map((vu) => ({ vu })),
    isSlow: true,
  },
  {
    title: 'dropped iterations can be judged by a threshold',
    script: 'dropped-threshold.js',
    exitCode: 99,
    iterations: 0,
    dropped: [9, 10],
    crossed: ['dropped_iterations count<5', 'dropped_iterations{scenario:main} count<4'],
    isSlow: true,
  },
  {
    title: 'flags for iterations replace the scenarios of the script',
    script: 'overrides.js',
    overrides: { vus: 2, iterations: 3 },
    iterations: 3,
    lines: range(3).map(() => ({ name: 'default', executor: 'shared-iterations' })),
  },
  {
    title: 'a bare number of VUs replaces the scenarios with one iteration each',
    script: 'overrides.js',
    overrides: { vus: 2 },
    iterations: 2,
    lines: range(2).map(() => ({ name: 'default', executor: 'shared-iterations' })),
  },
  {
    title: 'a rate replaces the scenarios with a constant arrival rate',
    script: 'overrides.js',
    overrides: { rate: 2, duration: '1s', vus: 3 },
    iterations: [2, 3],
  },
];

const EVERYWHERE = {
  scenario: true,
  instance: true,
  vu: true,
  iteration: true,
  tags: true,
  options: true,
};
const NOWHERE = {
  scenario: false,
  instance: false,
  vu: false,
  iteration: false,
  tags: false,
  options: false,
};

const LIFE: readonly ParityCase[] = [
  {
    title: "setup's data is a copy for each VU and for teardown",
    script: 'setup-teardown.js',
    iterations: 4,
    lines: [
      { event: 'setup', vu: 0 },
      ...[1, 2, 1, 2].map((count) => ({ event: 'iteration', count, list: [1], gone: true })),
      { event: 'teardown', vu: 0, count: 0 },
    ],
  },
  {
    title: 'what setup and teardown began is waited for, and what it throws counts',
    script: 'setup-not-awaited.js',
    exitCode: 107,
    iterations: 1,
    lines: [{ event: 'setup is through' }, { event: 'iteration', data: 1 }],
  },
  {
    title: "setup's data is what JSON makes of it",
    script: 'setup-forms.js',
    iterations: 1,
    lines: [
      {
        event: 'iteration',
        given: [[null, null], 'ü', { a: [1] }],
        members: ['list', 'nested', 'text'],
      },
      { event: 'teardown', given: [[null, null], 'ü', { a: [1] }] },
    ],
  },
  { title: "setup's data must be what JSON can hold", script: 'setup-function.js', fails: 'setup()' },
  {
    title: 'a setup that takes too long ends the run with its code, without iterations and teardown',
    script: 'setup-timeout.js',
    exitCode: 100,
    iterations: 0,
    lines: [],
    isSlow: true,
  },
  {
    title: 'a teardown that takes too long ends the run with its code',
    script: 'teardown-timeout.js',
    exitCode: 101,
    iterations: 1,
    lines: [{ event: 'iteration' }],
    isSlow: true,
  },
  {
    title: 'the counters of execution count for scenario, VU and test',
    script: 'exec-counters.js',
    iterations: 4,
    lines: ['first', 'second'].flatMap((name, index) =>
      [0, 1].map((iteration) => ({
        name,
        inTest: iteration,
        inInstance: iteration,
        sameVu: true,
        ofVu: iteration,
        ofVuHere: iteration,
        iter: iteration,
        completed: index * 2 + iteration,
        interrupted: 0,
        active: 1,
        initialized: 2,
        isRunning: true,
        progress: 'number',
      })),
    ),
    isSlow: true,
  },
  {
    title: 'iterations that were cut are counted apart',
    script: 'interrupted.js',
    iterations: 2,
    lines: [{ completed: 1, interrupted: 2, active: 1 }],
    isSlow: true,
  },
  {
    title: 'what belongs to an iteration is refused in init, setup and teardown',
    script: 'exec-outside.js',
    iterations: 1,
    lines: [
      { event: 'setup', found: { ...EVERYWHERE, scenario: false } },
      { event: 'iteration', inInit: NOWHERE, found: EVERYWHERE },
      { event: 'teardown', found: { ...EVERYWHERE, scenario: false, instance: false } },
    ],
  },
  {
    title: 'whatever an iteration throws or rejects with ends it only',
    script: 'throws-anything.js',
    iterations: 4,
    lines: range(4).map((iteration) => ({ iteration })),
  },
  {
    title: 'a file that is not there ends the run in init',
    script: 'open-missing.js',
    exitCode: 107,
    iterations: 0,
    lines: [],
    reason: 'no-such-file.txt',
  },
  {
    title: 'without setup the data is undefined',
    script: 'no-setup.js',
    iterations: 1,
    lines: [{ data: 'undefined' }],
  },
  {
    title: 'scenarios have their own function, environment, tags and start',
    script: 'exec.js',
    env: { SHARED: 's' },
    iterations: 3,
    lines: [
      ...[0, 1].map((iteration) => ({
        name: 'first',
        executor: 'per-vu-iterations',
        iterationInTest: iteration,
        iterationInInstance: iteration,
        hasProgress: true,
        startsNow: true,
        who: 'first',
        shared: 's',
        side: 'left',
        run: 'r',
        scenarioTag: 'first',
      })),
      {
        name: 'second',
        isElsewhere: true,
        iterationsCompleted: 2,
        vusActive: 1,
        vusInitialized: 2,
        iterationInInstance: 0,
        iterationInScenario: 0,
        scenarios: ['first', 'second'],
      },
    ],
  },
  {
    title: 'an exception ends its iteration only, is counted as a full one, and leaves the exit code at 0',
    script: 'exception.js',
    iterations: 3,
  },
  {
    title: 'an exception in a timer ends the iteration that set it',
    script: 'exception-in-timer.js',
    iterations: 2,
  },
  {
    title:
      'an exception cuts the other requests of its iteration, which say so, and its timers, which do not',
    script: 'exception-cuts.js',
    iterations: 1,
    lines: [{ event: 'complete', status: 0, code: 1000 }],
  },
  {
    title: 'an exception at the top level ends the run',
    script: 'init-exception.js',
    exitCode: 107,
    reason: 'at the top level',
  },
  {
    title: 'an exception in setup ends the run, without iterations and without teardown',
    script: 'setup-exception.js',
    exitCode: 107,
    iterations: 0,
    lines: [],
  },
  {
    title: 'an exception in teardown ends the run with its code',
    script: 'teardown-exception.js',
    exitCode: 107,
    iterations: 1,
    lines: [{ event: 'iteration' }],
  },
  {
    title: 'an abort ends the run at once, and teardown runs',
    script: 'abort.js',
    exitCode: 108,
    lines: [{ event: 'teardown' }],
    reason: 'enough',
  },
  {
    title: 'a run marked as failed goes on, and hides a crossed threshold',
    script: 'fail.js',
    exitCode: 110,
    iterations: 2,
    lines: [{ event: 'goes on' }, { event: 'goes on' }],
    crossed: ['wrong count==0'],
  },
  {
    title: 'work that was not awaited is waited for',
    script: 'not-awaited.js',
    iterations: 2,
    lines: range(2).map((iteration) => ({ iteration, status: 200 })),
  },
  {
    title: 'console output that is no JSON object is no history',
    script: 'console.js',
    iterations: 1,
    lines: [{ event: 'line' }],
  },
  {
    title: 'a script in TypeScript with a relative import runs as it is',
    script: 'typed.ts',
    iterations: 1,
    lines: [{ joined: 'a+b' }],
  },
];

const JUDGEMENT: readonly ParityCase[] = [
  { title: 'thresholds of every kind of metric pass', script: 'thresholds-pass.js', iterations: 10 },
  {
    title: 'thresholds of every kind of metric are crossed',
    script: 'thresholds-fail.js',
    exitCode: 99,
    iterations: 2,
    crossed: [
      'done count<2',
      'empty_counter count>0',
      'empty_trend avg>0',
      'level value>5',
      'right rate>0.9',
      'size max<2',
    ],
  },
  {
    title: 'each aggregation holds and is crossed at its value',
    script: 'thresholds-each.js',
    exitCode: 99,
    iterations: 10,
    crossed: [
      'done count!=10',
      'done rate<=0',
      'level value<9',
      'right rate>0.5',
      'size avg<5.5',
      'size max<10',
      'size med!=5.5',
      'size min>1',
      'size p(90)>9.11',
      'size p(99.9) < 9.9',
    ],
  },
  {
    title: "thresholds on k6's own metrics",
    script: 'built-in-metrics.js',
    iterations: 4,
    checks: ['answered 4/0'],
    arrivals: 4,
  },
  ...(
    [
      ['Counter', 'count<3'],
      ['Counter', 'rate<1'],
      ['Gauge', 'value<1'],
      ['Rate', 'rate>0.9'],
      ['Trend', 'avg<1'],
      ['Trend', 'min<1'],
      ['Trend', 'max<1'],
      ['Trend', 'med<1'],
      ['Trend', 'p(95)<1'],
    ] as const
  ).map(([kind, expression]): ParityCase => ({
    title: `a ${kind} that crosses ${expression} with abortOnFail ends the run`,
    script: 'abort-on-fail-kinds.js',
    env: { KIND: kind, EXPRESSION: expression },
    exitCode: 99,
    iterations: [1, 300],
    lines: [{ event: 'teardown' }],
    crossed: [`it ${expression}`],
    isSlow: true,
  })),
  {
    title: 'abortOnFail ends nothing while the thresholds hold, or before delayAbortEval is over',
    script: 'abort-on-fail-holds.js',
    exitCode: 99,
    iterations: 30,
    crossed: ['late count==0'],
    isSlow: true,
  },
  {
    title: 'checks and groups have their tags, and give back what they are given',
    script: 'check-groups.js',
    iterations: 2,
    checks: ['deep 2/0', 'tagged 2/2'],
    lines: range(2).map(() => ({ given: 'through', message: 'inside', empty: true })),
  },
  {
    title: 'a check that throws is a failed one, and throws',
    script: 'check-throws.js',
    iterations: 1,
    checks: ['breaks 0/1'],
    lines: [{ message: 'in a check' }],
  },
  {
    title: 'a threshold on an empty tag is refused',
    script: 'empty-tag.js',
    exitCode: 104,
    iterations: 0,
  },
  {
    title: 'a summary that throws changes nothing',
    script: 'summary-throws.js',
    iterations: 1,
    lines: [{ event: 'iteration' }],
  },
  {
    title: 'a threshold with abortOnFail ends the run, one without samples cannot',
    script: 'abort-on-fail.js',
    exitCode: 99,
    iterations: [1, 100],
    lines: [{ event: 'teardown' }],
    crossed: ['never count>0', 'wrong count==0'],
  },
  {
    title: 'failed checks are counted and do not change the exit code',
    script: 'checks.js',
    iterations: 3,
    checks: ['bad 0/3', 'good 6/0', 'plain 3/0'],
    lines: range(3).map(() => ({ all: false, grouped: true })),
  },
  {
    title: 'the summary gets metrics, thresholds, checks and groups',
    script: 'handle-summary.js',
    exitCode: 99,
    iterations: 2,
    checks: ['inner 2/0', 'wrong 0/2'],
    crossed: ['checks rate>0.9'],
    summary: {
      events: 2,
      thresholds: { 'count==2': { ok: true } },
      checks: { rate: 0.5, passes: 2, fails: 2 },
      crossed: { 'rate>0.9': { ok: false } },
      rootChecks: [{ name: 'wrong', passes: 0, fails: 2, path: '::wrong' }],
      groups: [{ name: 'outer', path: '::outer', checks: 1 }],
      hasDuration: true,
    },
  },
  { title: 'sub-metrics see the tags of the call, the VU and the request', script: 'tags.js', iterations: 2 },
  {
    title: 'a duration that k6 refuses is refused',
    script: 'invalid-options.js',
    exitCode: 104,
    iterations: 0,
  },
  {
    title: 'an executor that does not exist is refused',
    script: 'unknown-executor.js',
    exitCode: 104,
    iterations: 0,
    reason: 'constant-users',
  },
  {
    title: 'a threshold on no metric is refused',
    script: 'unknown-threshold.js',
    exitCode: 104,
    iterations: 0,
    reason: 'no_such_metric',
  },
  {
    title: 'a threshold that the metric cannot have is refused',
    script: 'malformed-threshold.js',
    exitCode: 104,
    iterations: 0,
    reason: 'count',
  },
  {
    title: 'a function that is not exported is refused',
    script: 'unknown-exec.js',
    exitCode: 104,
    iterations: 0,
    reason: 'missing',
  },
];

const requestLine = (name: string, value: unknown): Line => ({ name, value });

const FIELDS = {
  status: 'number',
  status_text: 'string',
  proto: 'string',
  url: 'string',
  body: 'string',
  headers: 'object',
  cookies: 'object',
  error: 'string',
  error_code: 'number',
  timings: 'object',
  request: 'object',
};

const REQUESTS: readonly ParityCase[] = [
  {
    title: "network errors are answers with status 0 and k6's numbers",
    script: 'errors.js',
    iterations: 1,
    lines: [
      { name: 'timeout', status: 0, code: 1050, hasError: true, body: null },
      { name: 'timeout as text', status: 0, code: 1050, hasError: true, body: null },
      { name: 'reset', status: 0, code: 1220, hasError: true, body: null },
      { name: 'closed', status: 0, code: 1000, hasError: true, body: null },
      { name: 'cut', status: 0, code: 1000, hasError: true, body: 'half' },
      { name: 'refused', status: 0, code: 1212, hasError: true, body: null },
      { name: 'invalid URL', status: 0, code: 1000, hasError: true, body: null },
      { name: '409', status: 409, code: 1409, hasError: false, body: 'x' },
      { name: '503', status: 503, code: 1503, hasError: false, body: 'x' },
    ],
    // One each: nothing is sent again.
    arrivals: 7,
  },
  {
    title: 'redirects are followed with the method that net/http would use',
    script: 'redirects.js',
    iterations: 1,
    lines: [
      ...[301, 302, 303].map((status) => ({
        status,
        final: 200,
        method: 'GET',
        body: '',
        kept: 'yes',
        url: '/echo?from=redirect',
      })),
      ...[307, 308].map((status) => ({
        status,
        final: 200,
        method: 'POST',
        body: 'payload',
        kept: 'yes',
        url: '/echo?from=redirect',
      })),
      { status: 302, final: 302, location: '/echo?from=redirect' },
    ],
    arrivals: 11,
  },
  {
    title: 'redirects are followed as often as the options and the call say',
    script: 'redirects-limit.js',
    iterations: 1,
    lines: [
      { path: '/chain/2', status: 200, code: 0, url: '/echo?from=chain' },
      { path: '/chain/3', status: 302, code: 0, url: '/chain/1' },
      { path: '/chain/3', status: 200, code: 0, url: '/echo?from=chain' },
      { path: '/chain/4', status: 302, code: 0, url: '/chain/1' },
    ],
    arrivals: 14,
  },
  {
    title: 'a timeout covers the body of the answer',
    script: 'timeout-in-body.js',
    iterations: 1,
    lines: [...range(2).map(() => ({ status: 0, code: 1050, error: 'request timeout' })), { status: 200 }],
    arrivals: 3,
  },
  {
    title: 'without a callback for responses nothing is expected or failed',
    script: 'response-callback-none.js',
    iterations: 1,
    arrivals: 3,
  },
  {
    title: 'by default statuses from 200 to 399 are expected',
    script: 'response-callback-default.js',
    iterations: 1,
    arrivals: 4,
  },
  {
    title: 'responses have the fields of k6',
    script: 'response-fields.js',
    iterations: 1,
    lines: [
      {
        answer: { ...FIELDS, body: 'string' },
        url: '/echo?a=1',
        timings: Object.fromEntries(
          [
            'blocked',
            'connecting',
            'duration',
            'looking_up',
            'receiving',
            'sending',
            'tls_handshaking',
            'waiting',
          ].map((name) => [name, 'number']),
        ),
        adds: true,
        sent: { body: 'string', cookies: 'object', headers: 'object', method: 'string', url: 'string' },
        sentUrl: '/echo?a=1',
        sentOne: ['two'],
      },
      { failed: { ...FIELDS, body: 'null' }, text: '', headers: [] },
    ],
    arrivals: 1,
  },
  {
    title: 'promises of requests can be raced, settled and rejected',
    script: 'promises.js',
    iterations: 1,
    lines: [{ settled: ['fulfilled', 'rejected', 'fulfilled'], first: 'fast', any: 200, all: 'rejected' }],
    arrivals: 6,
    isSlow: true,
  },
  {
    title: 'expected statuses decide what counts as failed',
    script: 'response-callback.js',
    iterations: 1,
    arrivals: 5,
  },
  {
    title: 'requests and responses have the forms of k6',
    script: 'requests.js',
    iterations: 1,
    lines: [
      requestLine('json', {
        type: 'application/json',
        key: 'k-1',
        number: '5',
        agent: 'agent/1',
        body: '{"a":1}',
      }),
      requestLine('canonical', 'true'),
      requestLine('lower', true),
      requestLine('selector', [8, 2, 'POST']),
      requestLine('status', [200, '200 OK', 'HTTP/1.1', '', 0]),
      requestLine('timings', true),
      requestLine('form', 'a=1&a=2&b=x+y'),
      requestLine('form type', 'application/x-www-form-urlencoded'),
      requestLine('bytes', 'hi'),
      requestLine('get', 'GET'),
      requestLine('delete', 'DELETE'),
      requestLine('head', ''),
      requestLine('twice', 'one, two'),
      requestLine('gzip', 'zipped'),
      requestLine('binary', 6),
      requestLine('none', null),
      requestLine('cookie', 'abc'),
      requestLine('cookie sent', 'session=abc'),
      requestLine('own cookie', ['own=x', 'session=abc']),
      requestLine('sent', ['POST', '{"a":1}', 'k-1']),
    ],
  },
  {
    title: 'with the option throw a network error rejects, an answer does not',
    script: 'throw-option.js',
    iterations: 1,
    lines: [
      { name: 'refused', isRejected: true },
      { name: 'answered', isRejected: false },
    ],
  },
  {
    title: 'one VU has several requests in flight',
    script: 'promise-all.js',
    iterations: 1,
    lines: [{ statuses: [200, 200, 200, 200, 200] }],
    arrivals: 5,
  },
];

const MODULES: readonly ParityCase[] = [
  {
    title: 'timers fire in order, stop when cleared, and sleep can be awaited',
    script: 'timers.js',
    iterations: 1,
    lines: [{ order: ['early', 'late'], ticks: 3, id: 'number' }],
  },
  {
    title: 'timers and promises take their turns, and timers outlive the function',
    script: 'timers-order.js',
    iterations: 1,
    lines: [
      { order: ['now', 'promise', 'timer', 'promise in timer', 'nested', 'a+b'] },
      { event: 'after the end' },
    ],
  },
  {
    title: 'a shared array is made once by its name, walked, and cannot be changed',
    script: 'shared-array-forms.js',
    iterations: 2,
    lines: range(2).map(() => ({
      walked: [1, 2, 'text'],
      mapped: 3,
      again: 3,
      beyond: true,
      gone: false,
      isDeepFrozen: true,
      atMostOnce: true,
    })),
  },
  {
    title: 'a shared array that is no array ends the run in init',
    script: 'shared-array-wrong.js',
    exitCode: 107,
    iterations: 0,
    reason: 'only arrays can be made into SharedArray',
  },
  {
    title: 'files are opened and arrays shared in the init context only',
    script: 'data.js',
    iterations: 2,
    lines: range(2).map(() => ({
      text: 'some text',
      size: 10,
      length: 2,
      id: 2,
      isFrozen: true,
      refused: true,
    })),
  },
  {
    title: 'hashes and encodings have the forms of k6',
    script: 'crypto.js',
    iterations: 1,
    lines: [
      {
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        hashed: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        md5: '900150983cd24fb0d6963f7d28e17f72',
        hmac: 'nBluMtwBdfhvSxy4konWYZ3mvuaZ5MN45oMJ7Zehpqs=',
        url: 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0',
        random: 12,
        b64: 'YT8+Yg==',
        b64url: 'YT8-Yg',
        back: 'a?>b',
        uuid: 36,
      },
    ],
  },
];

export const PARITY: readonly ParityCase[] = [...EXECUTORS, ...LIFE, ...JUDGEMENT, ...REQUESTS, ...MODULES];
