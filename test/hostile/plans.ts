import { row } from './row.ts';
import { jsonShape } from './shape.ts';

const WORKLOAD = { intents: 2, timeoutMs: 1000, backoffFactor: 0.02 };
const FAULTS = { profile: 'none', kinds: [], names: [], http: [], timed: [], left: [] };
const ASKED = { engine: 'embedded', proxy: 'embedded', store: 'memory' };
const PLAN = {
  schema: 1,
  runId: 'p',
  seed: '1',
  scenario: 'near-zero',
  client: 'seed',
  keyShape: 'uuid',
  profile: 'seed',
  replicas: 1,
  workload: WORKLOAD,
  faults: FAULTS,
  required: [],
  parts: { engine: 'embedded', proxy: 'embedded', store: 'memory' },
  asked: ASKED,
};
const TIMED = {
  id: 'a',
  name: 'a',
  kind: 'edge',
  action: 'latency',
  where: 'edge',
  startMs: 1,
  durationMs: 1,
  detail: {},
};
const plan = (members: object): string => JSON.stringify({ ...PLAN, ...members });
const faults = (members: object): string => plan({ faults: { ...FAULTS, ...members } });
const timed = (members: object): string => faults({ timed: [{ ...TIMED, ...members }] });
const workload = (members: object): string => plan({ workload: { ...WORKLOAD, ...members } });
const asked = (members: object): string => plan({ asked: { ...ASKED, ...members } });

/** Text of plan.json; nothing else lies beside it. */
export const PLANS = [
  row('nothing', '', 4, /torn or no JSON/),
  row('half of it', plan({}).slice(0, 80), 4, /torn or no JSON/),
  row('a mark of byte order', `\uFEFF${plan({})}`, 4, /torn or no JSON/),
  row('two plans', `${plan({})}\n${plan({})}`, 4, /torn or no JSON/),
  row('YAML', 'schema: 1\nrunId: p\n', 4, /torn or no JSON/),
  row('a list', '[]', 4, /no plan that can be run again/),
  row('null', 'null', 4, /no plan that can be run again/),
  row('a text', '"plan"', 4, /no plan that can be run again/),
  row('nested without end', `{"schema":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 4, /no plan|JSON/),
  row('a schema of later', plan({ schema: 2 }), 4, /\/schema/),
  row('no schema', plan({ schema: undefined }), 4, /schema/),
  row('a prototype for a member', `{"__proto__":${plan({})}}`, 4, /no plan that can be run again/),
  row('a run id of nothing', plan({ runId: '' }), 4, /\/runId/),
  row('a seed that is no number', plan({ seed: '1; rm' }), 4, /\/seed/),
  row('a seed that is no text', plan({ seed: 1 }), 4, /\/seed/),
  row('no scenario', plan({ scenario: undefined }), 4, /scenario/),
  row('a scenario that there is not', plan({ scenario: 'tsunami' }), 4, /scenario/),
  row('a client that there is not', plan({ client: 'hasty' }), 4, /\/client/),
  row('keys of another shape', plan({ keyShape: 'round' }), 4, /\/keyShape/),
  row('a profile that is a list', plan({ profile: ['seed'] }), 4, /\/profile/),
  row('half a replica', plan({ replicas: 0.5 }), 4, /\/replicas/),
  row('a load balancer that there is not', plan({ lb: 'haproxy' }), 4, /\/lb/),
  row('a defect of nothing', plan({ defect: '' }), 4, /\/defect/),
  row('no workload', plan({ workload: null }), 4, /\/workload/),
  row('intents below one', workload({ intents: 0 }), 4, /\/workload\/intents/),
  row('virtual users in words', workload({ vus: 'many' }), 4, /\/workload\/vus/),
  row('a rate that is a list', workload({ rate: [] }), 4, /\/workload\/rate/),
  row('a duration that is none', workload({ duration: 'long' }), 4, /\/workload\/duration/),
  row('a time-out below nothing', workload({ timeoutMs: -1 }), 4, /\/workload\/timeoutMs/),
  row(
    'a factor beyond numbers',
    workload({ backoffFactor: 7 }).replace('":7', '":1e999'),
    4,
    /\/workload\/backoffFactor/,
  ),
  row('a time that never ends', workload({ maxTimeMs: 1e12 }), 4, /\/workload\/maxTimeMs/),
  row('no faults', plan({ faults: [] }), 4, /\/faults/),
  row('a kind that there is not', faults({ kinds: ['moon'] }), 4, /\/faults\/kinds/),
  row(
    'a toxic that there is not',
    faults({ http: [{ kind: 'edge', toxic: { name: 'x', type: 'meteor' } }] }),
    4,
    /\/faults\/http/,
  ),
  row(
    'a toxic without a name',
    faults({ http: [{ kind: 'edge', toxic: { type: 'http_lose_answer' } }] }),
    4,
    /\/faults\/http/,
  ),
  row('an act that is no word', timed({ action: 7 }), 4, /\/faults\/timed/),
  row('an act without its time', timed({ startMs: undefined }), 4, /\/faults\/timed/),
  row('an act on a replica before the first', timed({ replica: 0 }), 4, /\/faults\/timed/),
  row('an act with details in a text', timed({ detail: 'x' }), 4, /\/faults\/timed/),
  row('what was left in words', faults({ left: 'none' }), 4, /\/faults\/left/),
  row('a store that keeps by hope', faults({ persistence: 'hope' }), 4, /\/faults\/persistence/),
  row('an engine that there is not', asked({ engine: 'jet' }), 4, /\/asked\/engine/),
  row('a proxy of nothing', asked({ proxy: '' }), 4, /\/asked\/proxy/),
  row('a script that is no path', asked({ script: 7 }), 4, /\/asked\/script/),
  row('a config that is a list', asked({ target: ['x'] }), 4, /\/asked\/target/),
  row('no verdict beside it', plan({}), 4, /verdict\.json or history\.ndjson/),
];

/** By what differs from a plan that can be run. */
export function planShape(content: string): string {
  // Deeper than a function that calls itself can follow.
  if (content.includes('[[[[')) return 'nested';
  const right = content.includes('"timed":[{') ? { ...PLAN, faults: { ...FAULTS, timed: [TIMED] } } : PLAN;
  return jsonShape(content, right);
}
