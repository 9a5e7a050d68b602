import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HarnessError } from '../../harness/base/errors.ts';
import { readHistory } from '../../harness/history/reader.ts';
import type { ArrivalEvent, HistoryEvent, InvokeEvent } from '../../harness/history/events.ts';
import type { Plan } from '../../harness/plan/plan.ts';
import type { ReplayResult } from '../../harness/plan/replay-result.ts';
import { replay, type ReplayOptions } from '../../harness/runs/replay.ts';
import { startEndpoint, type Endpoint } from '../scenarios/endpoint.ts';
import { onceproof, projectRoot, runForVerdict, temporaryFolder, told } from '../support/cli.ts';

const PARTS = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory'];
const WRONG = ['double-click', '--defect', 'check-then-act', '--intents', '25', ...PARTS];

let folder: ReturnType<typeof temporaryFolder>;
/** An invalid run: requests that the load balancer doubles, on purpose, both find no record of their key. */
let original: string;
beforeAll(async () => {
  folder = temporaryFolder();
  const out = join(folder.path, 'original');
  await runForVerdict([...WRONG, '--out', out]);
  original = realpathSync(join(out, 'latest'));
}, 60_000);
afterAll(() => folder.remove());

describe('a run of a wrong server, replayed', () => {
  let again: string;
  let first: readonly HistoryEvent[];
  let second: readonly HistoryEvent[];

  beforeAll(async () => {
    const out = join(folder.path, 'again');
    const run = await onceproof(['replay', original, '--out', out]);
    again = realpathSync(join(out, 'latest'));
    first = await eventsOf(original);
    second = await eventsOf(again);
    expect(run.stdout).toMatch(/^Replaying double-click, run [0-9a-f]{8}$/m);
    expect(run.stdout).toMatch(/looking for \S+ on dc-\S+/);
    expect(run.stdout).toMatch(/✗ REPRODUCED {2}in try \d of 3: \S+ on dc-/);
    expect(run.code, run.stderr).toBe(1);
  }, 120_000);

  test('follows the same plan under a fresh run id', () => {
    const [old, fresh] = [planOf(original), planOf(again)];
    expect({ ...fresh, faults: unpinned(fresh) }).toEqual({
      ...old,
      runId: fresh.runId,
      // Of this very plan.
      origin: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      faults: unpinned(old),
    });
    expect(fresh.runId).not.toBe(old.runId);
  });

  test('names the attempts that each crash rule really hit in its plan', () => {
    const armed = toxicsOf(planOf(again)).filter(({ type }) => type === 'http_arm');
    const carriedOut = (rule: string) =>
      arrivalsOf(first)
        .filter(
          ({ copy, faults = [], undone = {} }) => copy === 0 && faults.includes(rule) && !(rule in undone),
        )
        .map(({ attempt }) => attempt);
    expect(armed.length).toBeGreaterThanOrEqual(3);
    for (const { name, attributes } of armed) {
      expect(attributes).not.toHaveProperty('one_in');
      expect(attributes['chosen']).toEqual(carriedOut(name));
    }
    expect(armed.flatMap(({ attributes }) => attributes['chosen']).length).toBeGreaterThan(0);
  });

  test('has the same intents, and their first attempts ask for the same', () => {
    const wishes = wishesOf(first);
    expect(wishes.size).toBeGreaterThanOrEqual(25);
    expect(wishesOf(second)).toEqual(wishes);
  });

  test('has its own keys, customers and redemptions', () => {
    const keys = new Set(invokesOf(first).map(({ key }) => String(key)));
    const customers = new Set(invokesOf(first).map(({ customer }) => customer));
    expect(invokesOf(second).filter(({ key }) => keys.has(String(key)))).toEqual([]);
    expect(invokesOf(second).filter(({ customer }) => customers.has(customer))).toEqual([]);
  });

  test('meets the same faults at every attempt that occurs in both', () => {
    const decided = decisionsOf(first);
    const decidedAgain = decisionsOf(second);
    const shared = [...decided.keys()].filter((attempt) => decidedAgain.has(attempt));
    expect(shared.length).toBeGreaterThanOrEqual(25);
    expect(shared.some((attempt) => attempt.endsWith('.2'))).toBe(true);
    expect(shared.filter((attempt) => decided.get(attempt) !== '').length).toBeGreaterThanOrEqual(5);
    for (const attempt of shared) expect(decidedAgain.get(attempt), attempt).toBe(decided.get(attempt));
  });

  test('another load decides the same for every attempt', { timeout: 60_000 }, async () => {
    const out = join(folder.path, 'other-load');
    await runForVerdict([...WRONG, '--vus', '5', '--out', out]);
    const decided = decisionsOf(first);
    const others = decisionsOf(await eventsOf(join(out, 'latest')));
    const shared = [...decided.keys()].filter((attempt) => others.has(attempt));
    expect(shared.length).toBeGreaterThanOrEqual(25);
    for (const attempt of shared) expect(others.get(attempt), attempt).toBe(decided.get(attempt));
  });

  test('another seed decides otherwise', { timeout: 60_000 }, async () => {
    const out = join(folder.path, 'other-seed');
    await runForVerdict([...WRONG, '--seed', '2', '--out', out]);
    const other = join(out, 'latest');
    const events = await eventsOf(other);
    const decided = decisionsOf(first);
    const others = decisionsOf(events);
    const shared = [...decided.keys()].filter((attempt) => others.has(attempt));
    expect(shared.filter((attempt) => decided.get(attempt) !== others.get(attempt)).length).toBeGreaterThan(
      3,
    );
    expect(wishesOf(events)).not.toEqual(wishesOf(first));
  });
});

describe('a run whose server has changed since', () => {
  test('is FIXED when every try of the right server is valid, exit 0', { timeout: 90_000 }, async () => {
    const dir = copyWith((plan) => delete plan['defect']);
    const run = await onceproof([
      'replay',
      dir,
      '--tries',
      '2',
      '--json',
      '--out',
      join(folder.path, 'fixed'),
    ]);
    const result = JSON.parse(run.stdout) as ReplayResult;
    expect(result).toMatchObject({ schema: 1, outcome: 'fixed', triesWanted: 2, isInterrupted: false });
    expect(result.wanted.map(({ rule }) => rule)).toContain('double-debit');
    expect(result.tries.map(({ verdict }) => verdict.verdict)).toEqual(['valid', 'valid']);
    expect(new Set(result.tries.map(({ verdict }) => verdict.run.runId)).size).toBe(2);
    expect(run.code).toBe(0);
  });

  test('is NOT REPRODUCED when a try shows another violation, exit 2', { timeout: 60_000 }, async () => {
    const dir = copyWith(() => {});
    const verdict = JSON.parse(readFileSync(join(dir, 'verdict.json'), 'utf8')) as Record<string, unknown>;
    // As if another intent had been hit: whatever the server does now, it is not this.
    const wanted = [
      { rule: 'overdraft', intent: 'dc-none', summary: '', attempts: [], expected: '', found: '' },
    ];
    writeFileSync(join(dir, 'verdict.json'), JSON.stringify({ ...verdict, violations: wanted }));
    const run = await onceproof(['replay', dir, '--tries', '1', '--out', join(folder.path, 'other')]);
    expect(run.stdout).toMatch(/looking for overdraft on dc-none/);
    expect(run.stdout).toMatch(/\? NOT REPRODUCED {2}0 valid, 1 invalid, 0 unknown of 1 try/);
    expect(run.code, run.stderr).toBe(2);
  });

  test('is compared with its history when its verdict was never written', { timeout: 60_000 }, async () => {
    const dir = copyWith(() => {});
    rmSync(join(dir, 'verdict.json'));
    const run = await onceproof(['replay', dir, '--out', join(folder.path, 'unjudged')]);
    expect(run.stdout).toMatch(/REPRODUCED {2}in try/);
    expect(run.code, run.stderr).toBe(1);
  });
});

describe("a run of one's own script against one's own endpoint", () => {
  let wrong: Endpoint;
  let right: Endpoint;
  beforeAll(async () => {
    wrong = await startEndpoint({ flaw: 'redeems twice' });
    right = await startEndpoint();
  });
  afterAll(async () => {
    await wrong?.close();
    await right?.close();
  });

  test(
    'is replayed with both, and is FIXED against a config of the repaired one',
    { timeout: 120_000 },
    async () => {
      const out = join(folder.path, 'own');
      const script = join(folder.path, 'mine.ts');
      const scenario = JSON.stringify(join(projectRoot, 'scenarios/double-click.ts'));
      writeFileSync(script, `export * from ${scenario};\nexport { default } from ${scenario};\n`);
      const config = ownConfig('wrong', wrong);
      const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--faults', 'none', '--intents', '6'];
      const run = await runForVerdict([script, '--target', config, ...parts, '--out', out]);
      expect(run.verdict.verdict).toBe('invalid');
      const dir = realpathSync(join(out, 'latest'));
      expect(planOf(dir).asked).toEqual({ engine: 'embedded', proxy: 'embedded', script, target: config });

      // From another folder: the plan's paths do not depend on it.
      const again = await onceproof(['replay', dir, '--out', out], { cwd: folder.path });
      expect(again.stdout).toMatch(/REPRODUCED {2}in try 1 of 3/);
      expect(again.code, again.stderr).toBe(1);

      const repaired = ['--target', ownConfig('right', right), '--tries', '1', '--out', out, '--json'];
      const fixed = await onceproof(['replay', dir, ...repaired]);
      const { outcome, tries } = JSON.parse(fixed.stdout) as ReplayResult;
      expect(tries.map(({ verdict }) => verdict.violations)).toEqual([[]]);
      expect(outcome, tries.map(({ verdict }) => told(verdict)).join()).toBe('fixed');
      expect(fixed.code).toBe(0);
    },
  );

  function ownConfig(name: string, { url }: Endpoint): string {
    const file = join(folder.path, `${name}.config.json`);
    const config = {
      baseUrl: url,
      auth: { token: 'a-token-for-everyone' },
      redeem: {
        path: '/redeem',
        body: {
          customer_id: '{customer_id}',
          reward_id: '{reward_id}',
          points_amount: '{points_amount}',
          client_redemption_id: '{client_redemption_id}',
        },
      },
      answer: { redemption: '/redemption_id' },
      balance: { path: '/customers/{customer_id}/balance', value: '/balance' },
      rewards: [{ id: 'coffee', points: 120 }],
      customers: ['ada', 'grace', 'katherine', 'margaret'],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }
});

describe('what cannot be replayed is one clear line and exit 4', () => {
  const REQUEST = {
    tries: 1,
    out: join(tmpdir(), 'onceproof-refused-replay'),
    report: [],
    signal: new AbortController().signal,
    progress: process.stderr,
    loadConfig: () => Promise.reject(new Error('no config is asked for')),
  } as const;

  test.each([
    [
      'a folder that is not there',
      () => join(folder.path, 'nothing'),
      {},
      /nothing: no such folder; expected the folder of a run/,
    ],
    ['a folder without a plan', () => folder.path, {}, /holds no plan\.json; expected the folder of a run/],
    ['a torn plan', () => torn(), {}, /plan\.json: is torn or no JSON; expected a whole plan/],
    [
      'a plan that lacks its schedule',
      () => copyWith((plan) => delete plan['faults']),
      {},
      /plan\.json: is no plan that can be run again: .*faults/,
    ],
    [
      'a plan of an unknown scenario',
      () => copyWith((plan) => (plan['scenario'] = 'tsunami')),
      {},
      /scenario: no such scenario; .*"tsunami"/,
    ],
    [
      'a plan whose scenario is a path',
      () => copyWith((plan) => (plan['scenario'] = './evil.ts')),
      { trust: true },
      /scenario: no such scenario; .*"\.\/evil\.ts"/,
    ],
    ...(
      [
        [
          'a script',
          { script: '/tmp/evil.ts' },
          /names a script to run; expected --trust for all that it names; found "\/tmp\/evil\.ts"/,
        ],
        [
          'a config',
          { target: '/tmp/evil.config.ts' },
          /names a config to run; expected --target with what you mean, or --trust/,
        ],
        [
          'a store',
          { store: 'redis://192.0.2.1:6379' },
          /names a store; expected --store with what you mean, or --trust .*; found "redis:/,
        ],
        ['a store on this machine', { store: 'redis://127.0.0.1:6379' }, /names a store; /],
        [
          'a proxy',
          { proxy: 'http://192.0.2.1:8474' },
          /names a proxy; expected --proxy with what you mean, or --trust/,
        ],
      ] as const
    ).map(
      ([what, asked, line]) =>
        [
          `${what} in a plan from elsewhere`,
          () =>
            copyWith(
              (plan) =>
                (plan['asked'] = { engine: 'embedded', proxy: 'embedded', store: 'memory', ...asked }),
            ),
          {},
          line,
        ] as [string, () => string, Partial<ReplayOptions>, RegExp],
    ),
    [
      'a script in a plan from elsewhere, with everything else named',
      () =>
        copyWith(
          (plan) =>
            (plan['asked'] = { engine: 'embedded', proxy: 'http://192.0.2.1:1', script: '/tmp/evil.ts' }),
        ),
      { store: 'memory', proxy: 'embedded' },
      /names a script to run/,
    ],
    ...(
      [
        ['vus', { workload: { vus: 20_000, timeoutMs: 1, backoffFactor: 1 } }, /\/workload\/vus/],
        ['rate', { workload: { rate: 1e9, timeoutMs: 1, backoffFactor: 1 } }, /\/workload\/rate/],
        [
          'duration',
          { workload: { duration: '25h', timeoutMs: 1, backoffFactor: 1 } },
          /\/workload\/duration is wrong; expected a duration of at most 24h/,
        ],
        ['replicas', { replicas: 17 }, /\/replicas is wrong; expected at most 16; found 17/],
        ['seed', { seed: '9'.repeat(30) }, /\/seed/],
      ] as const
    ).map(
      ([what, change, line]) =>
        [
          `a plan with more ${what} than a flag takes`,
          () => copyWith((plan) => Object.assign(plan, change)),
          { trust: true },
          line,
        ] as [string, () => string, Partial<ReplayOptions>, RegExp],
    ),
    [
      'a run that was valid',
      () => judged('valid'),
      {},
      /there is nothing to reproduce: this run was valid; expected a run that was invalid/,
    ],
    [
      'a run that was unknown',
      () => judged('unknown'),
      {},
      /there is nothing to reproduce: this run was unknown \(no race\)/,
    ],
    [
      'a config beside a plan of the bundled server',
      () => original,
      { target: 'mine.json' },
      /--target: the plan is one of the bundled reference server/,
    ],
    [
      'a store whose password was not kept',
      () =>
        copyWith(
          (plan) =>
            (plan['asked'] = { engine: 'embedded', proxy: 'embedded', store: 'redis://:***@127.0.0.1:1' }),
        ),
      {},
      /--store: the password is not in the plan; expected the URL/,
    ],
  ] satisfies [string, () => string, Partial<ReplayOptions>, RegExp][])('%s', async (_, dir, more, line) => {
    const request = { ...REQUEST, dir: dir(), ...more };
    const error: unknown = await replay(request).catch((thrown: unknown) => thrown);
    assert(error instanceof HarnessError, String(error));
    expect(error.message).toMatch(line);
    expect(error.message).not.toContain('\n');
    expect(error.kind).toBe('usage');
    expect(existsSync(REQUEST.out)).toBe(false);
  });

  test.each([
    ['a torn plan', () => torn(), [], /plan\.json: is torn or no JSON/],
    [
      'no try',
      () => original,
      ['--tries', '0'],
      /--tries: wrong value; expected a whole number from 1 to 1000/,
    ],
  ] satisfies [string, () => string, string[], RegExp][])(
    '%s, on the command line',
    async (_, dir, flags, line) => {
      const { code, stdout, stderr } = await onceproof(['replay', dir(), '--json', ...flags], {
        cwd: folder.path,
      });
      expect(stderr).toMatch(line);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stdout).toBe('');
      expect(code).toBe(4);
    },
  );

  function torn(): string {
    const dir = copyWith(() => {});
    const plan = readFileSync(join(dir, 'plan.json'), 'utf8');
    writeFileSync(join(dir, 'plan.json'), plan.slice(0, plan.length / 2));
    return dir;
  }

  function judged(word: string): string {
    const dir = copyWith(() => {});
    const verdict = JSON.parse(readFileSync(join(dir, 'verdict.json'), 'utf8')) as Record<string, unknown>;
    const changed = {
      ...verdict,
      verdict: word,
      violations: [],
      reasons: word === 'unknown' ? ['no race'] : [],
    };
    writeFileSync(join(dir, 'verdict.json'), JSON.stringify(changed));
    return dir;
  }
});

function planOf(dir: string): Plan {
  return JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8')) as Plan;
}

/** A copy of the original run whose plan was changed. */
function copyWith(change: (plan: Record<string, unknown>) => unknown): string {
  const copies = join(folder.path, 'copies');
  mkdirSync(copies, { recursive: true });
  const dir = join(copies, String(readdirSync(copies).length + 1));
  cpSync(original, dir, { recursive: true });
  const plan: Record<string, unknown> = { ...planOf(dir) };
  change(plan);
  writeFileSync(join(dir, 'plan.json'), JSON.stringify(plan));
  return dir;
}

async function eventsOf(dir: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of readHistory(join(dir, 'history.ndjson'))) events.push(event);
  return events;
}

function invokesOf(events: readonly HistoryEvent[]): readonly InvokeEvent[] {
  return events.filter((event): event is InvokeEvent => event.type === 'invoke');
}

/** What the first attempt of each intent asked for, with the run id taken out of names. */
function wishesOf(events: readonly HistoryEvent[]): ReadonlyMap<string, object> {
  const runId = events.find((event) => event.type === 'run')?.runId ?? '';
  const plain = (name: string | undefined) => name?.replaceAll(runId, '*');
  const firsts = invokesOf(events)
    .filter(({ attempt, intent }) => attempt === `${intent}.1`)
    .map(({ intent, customer, reward, points, redemptionType, clientRedemptionId }) => {
      const wish = { reward, points, redemptionType, customer: plain(customer) };
      return [intent, { ...wish, clientRedemptionId: plain(clientRedemptionId) }] as const;
    });
  return new Map(firsts.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

interface PlannedToxic {
  readonly name: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

function toxicsOf({ faults }: Plan): readonly PlannedToxic[] {
  return (faults['http'] as readonly { readonly toxic: PlannedToxic }[]).map(({ toxic }) => toxic);
}

/** The faults of a plan without the rules that a replay pins. */
function unpinned({ faults }: Plan): object {
  const http = faults['http'] as readonly { readonly toxic: PlannedToxic }[];
  return { ...faults, http: http.filter(({ toxic }) => toxic.type !== 'http_arm') };
}

function arrivalsOf(events: readonly HistoryEvent[]): readonly ArrivalEvent[] {
  return events.filter((event): event is ArrivalEvent => event.type === 'arrival');
}

/** Which request faults were decided for each attempt that reached the hop, crashes included. */
function decisionsOf(events: readonly HistoryEvent[]): ReadonlyMap<string, string> {
  const decisions = new Map<string, string>();
  for (const { attempt, copy, faults = [] } of arrivalsOf(events)) {
    if (attempt === undefined || copy !== 0) continue;
    const hit = faults.join(' ');
    // An attempt that comes twice is decided once.
    expect(decisions.get(attempt) ?? hit, attempt).toBe(hit);
    decisions.set(attempt, hit);
  }
  return decisions;
}
