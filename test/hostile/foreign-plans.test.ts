/** Folders of runs from elsewhere: one clear line, exit 4, nothing run, nobody called, nothing written. */

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HarnessError } from '../../harness/base/errors.ts';
import { replay } from '../../harness/runs/replay.ts';
import { onceproof, temporaryFolder, type CliResult } from '../support/cli.ts';

type Members = Record<string, unknown>;

interface Row {
  readonly name: string;
  /** Changes the plan, or gives the text of its file. */
  readonly plan?: (plan: Members) => unknown;
  readonly verdict?: unknown;
  /** Changes the folder after it was made. */
  readonly folder?: (dir: string) => void;
  readonly flags?: readonly string[];
  readonly line: RegExp;
  /** Through a program of its own. */
  readonly isWhole?: boolean;
}

const PLAN = {
  schema: 1,
  runId: 'feedbeef',
  seed: '1',
  scenario: 'double-click',
  client: 'seed',
  keyShape: 'uuid',
  profile: 'seed',
  replicas: 2,
  workload: { timeoutMs: 1000, backoffFactor: 0.02, intents: 1 },
  faults: { profile: 'none', kinds: [], http: [], timed: [], left: [] },
  required: [],
  parts: { engine: 'embedded', proxy: 'embedded', store: 'memory' },
  asked: { engine: 'embedded', proxy: 'embedded', store: 'memory' },
} as const;
const VERDICT = {
  schema: 1,
  verdict: 'invalid',
  reasons: [],
  run: { runId: 'feedbeef', scenario: 'double-click' },
  violations: [{ rule: 'double-debit', intent: 'dc-0-1', attempts: ['dc-0-1.1'] }],
} as const;
const TOXIC = { kind: 'edge', toxic: { name: 't', type: 'http_lose_answer' } };
const FAULT = {
  id: 'f#1',
  name: 'f',
  kind: 'edge',
  action: 'latency',
  where: 'edge',
  startMs: 0,
  durationMs: 10,
  detail: {},
};

/** Whoever connects to it was told to by a plan. */
let trap: Server;
let visits = 0;
let address = '';
let folderCount = 0;
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  folder = temporaryFolder();
  trap = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((done) => trap.listen(0, '127.0.0.1', done));
  address = `127.0.0.1:${(trap.address() as AddressInfo).port}`;
});
afterAll(() => {
  trap.close();
  folder.remove();
});

const asked = (more: () => Members) => (plan: Members) =>
  Object.assign(plan, { asked: { ...PLAN.asked, ...more() } });
const workload = (more: Members) => (plan: Members) =>
  Object.assign(plan, { workload: { ...PLAN.workload, ...more } });
const faults = (more: Members) => (plan: Members) =>
  Object.assign(plan, { faults: { ...PLAN.faults, ...more } });
const evil = (): string => join(folder.path, 'evil.mjs');

const ROWS: readonly Row[] = [
  {
    name: 'a script',
    plan: asked(() => ({ script: evil() })),
    line: /names a script to run; expected --trust/,
    isWhole: true,
  },
  {
    name: 'a script, with store and proxy said again',
    plan: asked(() => ({ script: evil() })),
    flags: ['--store', 'memory', '--proxy', 'embedded'],
    line: /names a script to run/,
  },
  {
    name: 'a config',
    plan: asked(() => ({ target: evil() })),
    line: /names a config to run; expected --target .* or --trust/,
  },
  {
    name: 'a scenario that is a path',
    plan: (plan) => (plan['scenario'] = evil()),
    line: /scenario: no such scenario/,
  },
  {
    name: 'a scenario that is a path, trusted',
    plan: (plan) => (plan['scenario'] = evil()),
    flags: ['--trust'],
    line: /scenario: no such scenario/,
  },
  {
    name: 'a scenario of the prototype',
    plan: (plan) => (plan['scenario'] = '__proto__'),
    line: /scenario: no such scenario/,
  },
  {
    name: 'a store',
    plan: asked(() => ({ store: `redis://${address}` })),
    line: /names a store; expected --store/,
  },
  {
    name: 'a store behind TLS',
    plan: asked(() => ({ store: `rediss://${address}` })),
    line: /names a store; expected --store/,
  },
  {
    name: 'a proxy',
    plan: asked(() => ({ proxy: `http://${address}` })),
    line: /names a proxy; expected --proxy/,
  },
  {
    name: 'a proxy of another scheme',
    plan: asked(() => ({ proxy: `gopher://${address}` })),
    line: /names a proxy; expected --proxy/,
  },
  {
    name: 'a store with a hidden password',
    plan: asked(() => ({ store: `redis://:***@${address}` })),
    line: /--store: the password is not in the plan/,
  },
  {
    name: 'a script under the mark of another plan',
    plan: (plan) => Object.assign(plan, { asked: { ...PLAN.asked, script: evil() }, origin: 'f'.repeat(64) }),
    line: /names a script to run/,
  },
  {
    name: 'virtual users without end',
    plan: workload({ vus: 10_001 }),
    line: /\/workload\/vus must be <= 10000/,
  },
  {
    name: 'a rate without end',
    plan: workload({ rate: 1e9, duration: '1s' }),
    line: /\/workload\/rate must be <= 100000/,
  },
  {
    name: 'intents without end',
    plan: workload({ intents: 1e12 }),
    line: /\/workload\/intents must be <= 10000000/,
  },
  { name: 'half an intent', plan: workload({ intents: 0.5 }), line: /\/workload\/intents must be integer/ },
  {
    name: 'a duration of years',
    plan: workload({ duration: '9999h' }),
    line: /\/workload\/duration is wrong; expected .* 24h/,
  },
  {
    name: 'a duration that is none',
    plan: workload({ duration: '$(reboot)' }),
    line: /\/workload\/duration is wrong/,
  },
  {
    name: 'a crowd of replicas',
    plan: (plan) => (plan['replicas'] = 500),
    line: /\/replicas is wrong; expected at most 16/,
  },
  {
    name: 'a seed that is no number',
    plan: (plan) => (plan['seed'] = '1; rm'),
    line: /\/seed must match pattern/,
  },
  {
    name: 'a seed without end',
    plan: (plan) => (plan['seed'] = '9'.repeat(400)),
    line: /\/seed must match pattern/,
  },
  {
    name: 'a request fault that is not known',
    plan: faults({ http: [{ ...TOXIC, toxic: { name: 't', type: 'http_exec' } }] }),
    line: /\/faults\/http\/0\/toxic\/type/,
  },
  {
    name: 'too many request faults',
    plan: faults({ http: Array.from({ length: 1001 }, () => TOXIC) }),
    line: /\/faults\/http must not have more than 1000 items/,
  },
  {
    name: 'a timed fault that is not known',
    plan: faults({ timed: [{ ...FAULT, action: 'exec' }] }),
    line: /\/faults\/timed\/0\/action/,
  },
  {
    name: 'a fault at a place that is not known',
    plan: faults({ timed: [{ ...FAULT, where: '/etc' }] }),
    line: /\/faults\/timed\/0\/where/,
  },
  {
    name: 'a fault in the far future',
    plan: faults({ timed: [{ ...FAULT, startMs: 1e15 }] }),
    line: /\/faults\/timed\/0\/startMs must be <= 86400000/,
  },
  {
    name: 'a fault that ends before it begins',
    plan: faults({ timed: [{ ...FAULT, durationMs: -1 }] }),
    line: /\/faults\/timed\/0\/durationMs must be >= 0/,
  },
  {
    name: 'too many timed faults',
    plan: faults({ timed: Array.from({ length: 20_001 }, () => FAULT) }),
    line: /\/faults\/timed must not have more than 20000 items/,
  },
  { name: 'an engine that is not known', plan: asked(() => ({ engine: 'bash' })), line: /\/asked\/engine/ },
  { name: 'a load balancer that is not known', plan: (plan) => (plan['lb'] = 'evil'), line: /\/lb/ },
  {
    name: 'a profile that is a path',
    plan: (plan) => (plan['profile'] = '../../etc/passwd'),
    line: /\/profile is wrong; expected seed, ietf, stripe/,
  },
  { name: 'another schema', plan: (plan) => (plan['schema'] = 2), line: /\/schema/ },
  { name: 'a list', plan: () => '[]', line: /is no plan that can be run again/ },
  { name: 'null', plan: () => 'null', line: /is no plan that can be run again/ },
  { name: 'nothing', plan: () => '', line: /is torn or no JSON/ },
  { name: 'bytes', plan: () => '\u0000\u0001\ufffd\u001b[2J', line: /is torn or no JSON/ },
  { name: 'brackets without end', plan: () => '['.repeat(200_000), line: /is torn or no JSON/ },
  {
    name: 'a plan that never ends',
    folder: (dir) => symlinkSync('/dev/zero', join(dir, 'plan.json')),
    plan: () => undefined,
    line: /holds no plan\.json/,
  },
  {
    name: 'a plan that is a folder',
    folder: (dir) => mkdirSync(join(dir, 'plan.json')),
    plan: () => undefined,
    line: /holds no plan\.json/,
  },
  {
    name: 'a verdict without violations',
    verdict: { ...VERDICT, violations: 'all' },
    line: /holds no verdict to compare with/,
  },
  {
    name: 'a verdict with a violation that is none',
    verdict: { ...VERDICT, violations: [null] },
    line: /holds no verdict to compare with/,
  },
  {
    name: 'a verdict with a violation without attempts',
    verdict: { ...VERDICT, violations: [{ rule: 'double-debit' }] },
    line: /holds no verdict to compare with/,
  },
  {
    name: 'a verdict of a run without a name',
    verdict: { ...VERDICT, run: {} },
    line: /holds no verdict to compare with/,
  },
  {
    name: 'a verdict that is valid',
    verdict: { ...VERDICT, verdict: 'valid', violations: [] },
    line: /nothing to reproduce: this run was valid/,
  },
  {
    name: 'a verdict with a reason that steers the terminal',
    verdict: { ...VERDICT, verdict: 'unknown', violations: [], reasons: ['\u001b[2J\u0007gone'] },
    line: /this run was unknown \(\\x1b\[2J\\x07gone\)/,
    isWhole: true,
  },
];

test.each(ROWS)(
  'a folder with $name',
  async ({ plan, verdict = VERDICT, folder: change, flags = [], line, isWhole = false }) => {
    const dir = join(folder.path, `run-${folderCount++}`);
    mkdirSync(dir);
    // Code that tells of itself, should it ever run.
    writeFileSync(
      evil(),
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(`${evil()}.ran`)}, '');`,
    );
    const whole: Members = structuredClone(PLAN);
    const given = plan?.(whole);
    const isText = typeof given === 'string' && given !== whole['scenario'] && given !== whole['seed'];
    const isMember = Object.values(whole).includes(given);
    if (given !== undefined || plan === undefined)
      writeFileSync(join(dir, 'plan.json'), isText && !isMember ? given : JSON.stringify(whole));
    writeFileSync(join(dir, 'verdict.json'), JSON.stringify(verdict));
    change?.(dir);
    const out = join(dir, 'out');
    const before = visits;
    const { code, stdout, stderr } = await replayed(dir, out, flags, isWhole);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([4, '']);
    expect(visits).toBe(before);
    expect(existsSync(`${evil()}.ran`)).toBe(false);
    expect(existsSync(out)).toBe(false);
  },
);

/** As the command line does it; by itself, since a program of its own for each row takes minutes. */
async function replayed(
  dir: string,
  out: string,
  flags: readonly string[],
  isWhole: boolean,
): Promise<Pick<CliResult, 'code' | 'stdout' | 'stderr'>> {
  if (isWhole) return await onceproof(['replay', dir, '--json', '--tries', '1', '--out', out, ...flags]);
  const valueOf = (flag: string): string | undefined =>
    flags.includes(flag) ? flags[flags.indexOf(flag) + 1] : undefined;
  const [store, proxy] = [valueOf('--store'), valueOf('--proxy')];
  const said: string[] = [];
  try {
    await replay({
      dir,
      tries: 1,
      out,
      report: [],
      signal: new AbortController().signal,
      progress: process.stderr,
      trust: flags.includes('--trust'),
      ...(store !== undefined && { store }),
      ...(proxy !== undefined && { proxy }),
      loadConfig: () => Promise.reject(new Error('a config was loaded')),
      onStart: () => said.push('it started'),
    });
    return { code: 0, stdout: '', stderr: said.join('\n') };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return { code: error.kind === 'usage' ? 4 : 3, stdout: '', stderr: [...said, error.message].join('\n') };
  }
}
