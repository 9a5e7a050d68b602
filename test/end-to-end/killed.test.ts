/**
 * The harness killed with -9 at many moments of a run's life, in some of them together with its guardian. Whatever the
 * moment: the history can be judged, nothing of the run stays, and the next start tells of it.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findToxiproxy } from '../../harness/proxy/toxiproxy-process.ts';
import { below } from '../../harness/model/decide.ts';
import { findNginx } from '../../harness/environment/nginx.ts';
import { RUN_FILE } from '../../harness/environment/run-file.ts';
import { until } from '../../harness/environment/store.ts';
import { HarnessError } from '../../harness/base/errors.ts';
import { judgeHistories } from '../../harness/runs/check.ts';
import { findProgram } from '../../harness/base/program.ts';
import { onceproof, PROGRAM, projectRoot, temporaryFolder } from '../support/cli.ts';
import { IS_WHOLE } from '../support/depth.ts';
import { PHASES, type DeathNote, type Moment } from '../support/die-at.ts';

const seed = Number(process.env['ONCEPROOF_DEATH_SEED'] ?? 1);
const store = findProgram('redis-server') === undefined ? 'memory' : 'redis';
const proxy = findToxiproxy() === undefined ? 'embedded' : 'toxiproxy';
const balancer = findNginx() === undefined ? 'none' : 'nginx';

/** Runs of one kind, killed one after the other in one folder: each start meets what the one before left. */
interface Lane {
  readonly name: string;
  readonly args: readonly string[];
  readonly isWrong: boolean;
  /** In this phase the guardian dies too. */
  readonly guardian?: (typeof PHASES)[number];
}

const MEMORY = ['--store', 'memory', '--proxy', 'embedded'];
const REAL = ['--store', store, '--proxy', proxy, '--replicas', '2'];
const ALL_LANES: readonly Lane[] = [
  { name: 'memory, heavy', args: ['retry-storm', '--faults', 'heavy', ...MEMORY], isWrong: false },
  {
    name: `${store}, ${proxy}, ${balancer}, light`,
    args: ['lost-answer', '--faults', 'light', ...REAL, '--lb', balancer],
    isWrong: false,
    guardian: 'heal',
  },
  {
    name: 'memory, light, a wrong server',
    args: ['double-click', '--defect', 'check-then-act', '--intents', '25', ...MEMORY],
    isWrong: true,
    guardian: 'start',
  },
  {
    name: `${store}, ${proxy}, heavy`,
    args: ['retry-storm', '--faults', 'heavy', ...REAL],
    isWrong: false,
    guardian: 'attack',
  },
];
/** `npm run prove` plays all four, twenty moments. */
const LANES = IS_WHOLE ? ALL_LANES : ALL_LANES.slice(0, 2);
/** About so many effects a phase has; a moment past its last one falls on the next phase's first. */
const EFFECTS = { start: 12, attack: 15, heal: 6, close: 4, report: 4 } as const;
/** So many it has for certain: where the guardian dies too, the phase is met. */
const FEWEST = { start: 8, attack: 5, heal: 2, close: 4, report: 2 } as const;

interface Death {
  readonly moment: Moment;
  readonly note: DeathNote | undefined;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Text of the history; undefined when there is none. */
  readonly history: string | undefined;
  /** The run's folder, once there is one. */
  readonly dir: string | undefined;
  readonly hadRunFile: boolean;
  /** Processes of the run that are there after its guardian's work, or after the guardian's death. */
  readonly survivors: readonly number[];
  readonly temporary: readonly string[];
  readonly check: { readonly code: number | null; readonly said: string } | undefined;
}

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

/** Every process that has the mark in its environment, whoever started it and whatever became of its parents. */
function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(`/proc/${pid}/environ`)?.includes(`ONCEPROOF_TEST_MARK=${mark}`) === true)
    .map(Number);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

class Deaths {
  readonly lane: Lane;
  readonly out: string;
  readonly #place: string;
  readonly #temporary: string;
  readonly #index: number;

  constructor(lane: Lane, index: number) {
    this.lane = lane;
    this.#index = index;
    this.#place = join(folder.path, String(index));
    this.out = join(this.#place, 'results');
    // A folder of its own, so that nobody else's temporary folders are counted.
    this.#temporary = join(this.#place, 'tmp');
    mkdirSync(this.#temporary, { recursive: true });
  }

  async die(phase: (typeof PHASES)[number], turn: number): Promise<Death> {
    const killsGuardian = this.lane.guardian === phase;
    const moment: Moment = {
      phase,
      effect: 1 + below((killsGuardian ? FEWEST : EFFECTS)[phase], seed, this.#index, phase),
      // One for certain, whatever the seed.
      tear: (this.#index === 0 && phase === 'attack') || below(2, seed, 'tear', this.#index, phase) === 0,
      killsGuardian,
      noteFile: join(this.#place, `note-${turn}.json`),
    };
    const before = this.#runs();
    const mark = `${process.pid}-${this.#index}-${turn}`;
    const { signal, stderr } = await this.#start(moment, mark);
    const temporary = () => readdirSync(this.#temporary).filter((name) => name.startsWith('onceproof-'));
    const isAllGone = async (): Promise<boolean> => marked(mark).length + temporary().length === 0;
    // Its helpers end by themselves; without a guardian the servers wait for the next start.
    await until(isAllGone, killsGuardian ? 500 : 20_000);
    const dir = this.#runs().find((run) => !before.includes(run));
    const historyFile = dir === undefined ? undefined : join(dir, 'history.ndjson');
    const note = textOf(moment.noteFile);
    return {
      moment,
      note: note === undefined ? undefined : (JSON.parse(note) as DeathNote),
      signal,
      stderr,
      history: historyFile === undefined ? undefined : textOf(historyFile),
      dir,
      hadRunFile: dir !== undefined && existsSync(join(dir, RUN_FILE)),
      survivors: marked(mark),
      temporary: temporary(),
      check:
        historyFile === undefined
          ? undefined
          : await check(historyFile, phase === (this.#index === 1 ? 'start' : 'attack')),
    };
  }

  /** A run that nothing kills. */
  healthy(): ReturnType<typeof onceproof> {
    return onceproof(
      ['run', 'lost-answer', '--intents', '12', '--faults', 'none', ...MEMORY, '--out', this.out],
      { env: { TMPDIR: this.#temporary } },
    );
  }

  #runs(): string[] {
    if (!existsSync(this.out)) return [];
    return readdirSync(this.out, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => readdirSync(join(this.out, name)).map((run) => join(this.out, name, run)));
  }

  #start(moment: Moment, mark: string): Promise<{ signal: NodeJS.Signals | null; stderr: string }> {
    const dieAt = [
      '--import',
      import.meta.resolve('tsx'),
      '--import',
      join(projectRoot, 'test/support/die-at.ts'),
    ];
    const args = ['run', '--intents', '8', ...this.lane.args, '--engine', 'embedded', '--out', this.out];
    const program = PROGRAM.at(-1) ?? '';
    const child = spawn(process.execPath, [...dieAt, program, ...args], {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        TMPDIR: this.#temporary,
        ONCEPROOF_TEST_MARK: mark,
        ONCEPROOF_TEST_DIE_AT: JSON.stringify(moment),
      },
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    return new Promise((done, fail) => {
      child.once('error', fail);
      // Not `close`: whoever outlives it may hold its pipe.
      child.once('exit', (_, signal) => done({ signal, stderr }));
    });
  }
}

/** As the command does it; once in a lane by the command itself, since a program's start takes longer than the judging. */
async function check(history: string, isCommand: boolean): Promise<{ code: number | null; said: string }> {
  const { code, said } = isCommand ? await commandOf(history) : await judgementOf(history);
  return { code, said: said.replace(/\s+/g, ' ') };
}

async function commandOf(history: string): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await onceproof(['check', history]);
  return { code, said: stdout + stderr };
}

async function judgementOf(history: string): Promise<{ code: number; said: string }> {
  try {
    const { verdict, text } = await judgeHistories([history], []);
    return { code: { valid: 0, invalid: 1, unknown: 2 }[verdict.verdict], said: text };
  } catch (error) {
    if (error instanceof HarnessError) return { code: error.kind === 'usage' ? 4 : 3, said: error.message };
    throw error;
  }
}

/** What `check` has to say of the evidence, worked out from the bytes alone. */
function expectedOf(history: string | undefined, isWrong: boolean): { codes: number[]; says: RegExp[] } {
  if (history === undefined) return { codes: [4], says: [/cannot be read/] };
  if (history === '') return { codes: [4], says: [/holds no events/] };
  const isTorn = !history.endsWith('\n');
  const whole = history.split('\n').slice(0, -1);
  if (whole.length === 0) return { codes: [4], says: [/does not start with a run event/] };
  const isEnded = whole.some((line) => line.includes('"type":"end"'));
  const says = [
    ...(isTorn ? [/the last line of 1 file was cut off/] : []),
    ...(isEnded || isWrong ? [] : [/no end event: the run was cut off/]),
  ];
  // Eight intents may be too few for the coverage that it needs.
  if (isEnded) return { codes: isWrong ? [1] : [0, 2], says };
  return { codes: isWrong ? [1, 2] : [2], says };
}

describe.skipIf(process.platform !== 'linux')(`killed with kill -9, seed ${seed}`, () => {
  // Two at a time.
  const running = new Map<
    Lane,
    Promise<{ deaths: readonly Death[]; last: Awaited<ReturnType<typeof onceproof>>; out: string }>
  >();
  async function laneOf(lane: Lane, index: number) {
    const dying = new Deaths(lane, index);
    const deaths: Death[] = [];
    // Each lane begins with another phase, so that what follows a death differs too.
    const order = [...PHASES.slice(index), ...PHASES.slice(0, index)];
    for (const [turn, phase] of order.entries()) deaths.push(await dying.die(phase, turn));
    return { deaths, last: await dying.healthy(), out: dying.out };
  }
  beforeAll(async () => {
    const pairs = IS_WHOLE
      ? [
          [0, 1],
          [2, 3],
        ]
      : [[0, 1]];
    for (const pair of pairs) {
      const started = pair.map((index) => {
        const lane = LANES[index];
        if (lane === undefined) throw new Error('no such lane');
        const work = laneOf(lane, index);
        running.set(lane, work);
        return work;
      });
      await Promise.all(started);
    }
    // Under a minute where nothing else runs; a busy machine takes several times that.
  }, 600_000);

  test(`${LANES.length * PHASES.length} moments, in every phase of a run`, async () => {
    const all = (await Promise.all(running.values())).flatMap(({ deaths }) => deaths);
    expect(all).toHaveLength(LANES.length * PHASES.length);
    expect(all.map(({ signal }) => signal)).toEqual(all.map(() => 'SIGKILL'));
    const phases = all.map(({ note }) => note?.phase);
    for (const phase of PHASES) expect(phases).toContain(phase);
    expect(
      all.some(({ history }) => history !== undefined && history !== '' && !history.endsWith('\n')),
    ).toBe(true);
    expect(all.filter(({ moment }) => moment.killsGuardian)).toHaveLength(LANES.length - 1);
    // Without a guardian a Redis and a Toxiproxy live on, and the next start has something to find.
    const orphaned = all.some(({ moment, survivors }) => moment.killsGuardian && survivors.length > 0);
    expect(orphaned || (store === 'memory' && proxy === 'embedded')).toBe(true);
  });

  describe.each(LANES)('$name', (lane) => {
    const done = async () => {
      const result = await running.get(lane);
      if (result === undefined) throw new Error('this lane was not run');
      return result;
    };

    test('check reads every history and says what is missing', async () => {
      const { deaths } = await done();
      for (const { moment, note, history, check: judged } of deaths) {
        if (judged === undefined) continue;
        const at = JSON.stringify([moment, note, judged]);
        const { codes, says } = expectedOf(history, lane.isWrong);
        expect(codes, at).toContain(judged.code);
        for (const words of says) expect(judged.said, at).toMatch(words);
      }
    });

    test('no process and no temporary folder is left where the guardian lived', async () => {
      const { deaths } = await done();
      const guarded = deaths.filter(({ moment }) => !moment.killsGuardian);
      expect(guarded.length).toBeGreaterThanOrEqual(4);
      for (const { moment, note, survivors, temporary } of guarded)
        expect({ survivors, temporary }, JSON.stringify([moment, note])).toEqual({
          survivors: [],
          temporary: [],
        });
    });

    test('the next start tells of each and heals it, also where the guardian was killed', async () => {
      const { deaths, last, out } = await done();
      expect(last.code, last.stderr).toBe(0);
      const told = [...deaths.map(({ stderr }) => stderr), last.stderr];
      const found = deaths.filter(({ hadRunFile }) => hadRunFile);
      expect(found.length).toBeGreaterThan(0);
      for (const { dir, moment } of found) {
        const turn = deaths.findIndex((death) => death.dir === dir);
        const lines = told
          .slice(turn + 1)
          .join('')
          .split('\n');
        expect(
          lines.filter((line) => line.includes(`a run was killed: ${dir}:`)),
          JSON.stringify(moment),
        ).toHaveLength(1);
      }
      expect(readdirSync(out, { recursive: true }).filter((name) => String(name).endsWith(RUN_FILE))).toEqual(
        [],
      );
      for (const [turn, { moment }] of deaths.entries())
        expect(marked(`${process.pid}-${LANES.indexOf(lane)}-${turn}`), JSON.stringify(moment)).toEqual([]);
    });
  });
});
