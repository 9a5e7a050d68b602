import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type ExpectStatic } from 'vitest';
import { IS_WHOLE } from '../support/depth.ts';
import { Lanes } from '../support/lanes.ts';
import { CONFIGS, configShape } from './configs.ts';
import { configFor } from './endpoint-server.ts';
import { ENDPOINTS, endpointShape } from './endpoints.ts';
import { ENVIRONMENTS } from './environments.ts';
import { FLAGS } from './flags.ts';
import { HISTORIES, historyShape } from './histories.ts';
import { HOOKS, hookShape } from './hooks.ts';
import { Lane } from './lane.ts';
import { PLANS, planShape } from './plans.ts';
import type { Row } from './row.ts';
import { SCHEDULES, scheduleShape } from './schedules.ts';
import { leakIn } from './secret.ts';
import { argumentsShape, masked } from './shape.ts';
import { filesIn, leakingFiles } from './traces.ts';
import type { Ask, Left } from './worker.ts';

/** Of the whole process in which a command ran. */
const PEAK_BYTES = 400 * 1024 * 1024;
const LEAST_ROWS = 25;
const LEAST_ROWS_IN_ALL = 300;

let folder: string;
/** Three rows are asked at once: they wait more than they work. */
const lanes = new Lanes([new Lane(), new Lane(), new Lane()]);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onceproof-hostile-'));
});
afterAll(() => {
  for (const lane of lanes.all) lane.end();
  rmSync(folder, { recursive: true, force: true });
});

let rowCount = 0;
/** How many rows had their streams and files searched for the token, so that the search is not a search of nothing. */
let searchedBytes = 0;

/** A folder of its own for a row, so that none sees another's files; `scratch` is what it may use. */
interface Scratch {
  readonly dir: string;
  readonly lane: Lane;
  /** Asks the harness, in this folder. */
  readonly ask: (asked: { readonly args: readonly string[] } | { readonly hook: string }) => Promise<Left>;
}

interface Surface<Input> {
  readonly name: string;
  readonly rows: readonly Row<Input>[];
  readonly shape: (input: Input) => string;
  /** A row is a whole run: every second one is asked in verify, all of them in `npm run prove`. */
  readonly isLong?: boolean;
  /** Puts the input where it belongs, and asks. */
  readonly tell: (input: Input, scratch: Scratch, title: string) => Promise<Left>;
}

function surface<Input>({ name, rows, shape, tell, isLong = false }: Surface<Input>): void {
  describe(name, () => {
    test('has enough inputs, no two of which differ in a value only', () => {
      expect(rows.length).toBeGreaterThanOrEqual(LEAST_ROWS);
      expect(twice(rows.map(({ title }) => masked(title)))).toEqual([]);
      expect(twice(rows.map(({ input }) => shape(input)))).toEqual([]);
    });

    // An `expect` of its own for each test: they run at the same time.
    const taken = rows.filter((_, index) => IS_WHOLE || !isLong || index % 2 === 0);
    test.concurrent.for(taken.map((each) => [each.title, each] as const))('%s', ([title, row], context) =>
      lanes.use((lane) => asked(title, row, lane, context.expect)),
    );

    async function asked(title: string, row: Row<Input>, lane: Lane, expect: ExpectStatic): Promise<void> {
      const dir = join(folder, String(rowCount++));
      const temporary = join(dir, 'temporary');
      mkdirSync(temporary, { recursive: true });
      let before: readonly string[] = [];
      const ask = (what: { readonly args: readonly string[] } | { readonly hook: string }) => {
        before = filesIn(dir);
        const whole: Ask = { ...what, cwd: dir, temporary };
        return lane.harness.ask(whole);
      };
      const left = await tell(row.input, { dir, lane, ask }, title);
      assertTold(expect, row, left);
      assertNothingLeft(expect, row, left, dir, before);
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

function assertTold(expect: ExpectStatic, { code, line }: Row<unknown>, left: Left): void {
  const isFailure = left.code === 3 || left.code === 4;
  const said = isFailure ? left.stderr : `${left.stdout}\n${left.stderr}`;
  expect.soft(said).toMatch(line);
  expect.soft(said).not.toMatch(/\n {4}at /);
  if (isFailure) {
    expect.soft(said.trimEnd().split('\n')).toHaveLength(1);
    expect.soft(said.length).toBeLessThan(1500);
  }
  expect(left.code).toBe(code);
}

function assertNothingLeft(
  expect: ExpectStatic,
  { code }: Row<unknown>,
  left: Left,
  dir: string,
  before: readonly string[],
): void {
  const made = filesIn(dir).filter((file) => !before.includes(file));
  searchedBytes += left.stdout.length + left.stderr.length;
  expect.soft(left.uncaught).toEqual([]);
  expect.soft(left.processes).toEqual([]);
  expect.soft(left.ports).toEqual([]);
  expect.soft(left.peakBytes).toBeLessThan(PEAK_BYTES);
  expect.soft(leakIn(left.stdout + left.stderr)).toBeUndefined();
  expect.soft(leakingFiles(dir, made)).toEqual([]);
  // Only below --out, and there nothing when nothing was run.
  expect.soft(made.filter((file) => code === 4 || !file.startsWith('out/'))).toEqual([]);
}

function twice(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

const LOCAL = ['--proxy', 'embedded', '--engine', 'embedded', '--out', 'out'];

surface({
  name: 'flags',
  rows: FLAGS,
  shape: argumentsShape,
  tell: (args, { dir, ask }) =>
    ask({ args: args.map((arg) => (arg.startsWith('@') ? join(dir, arg.slice(1)) : arg)) }),
});

surface({
  name: 'configs',
  rows: CONFIGS,
  shape: configShape,
  tell: (content, { dir, ask }) => {
    const file = join(dir, content.startsWith('{') ? 'config.json' : 'config.mjs');
    writeFileSync(file, content);
    return ask({ args: ['run', 'near-zero', '--target', file, ...LOCAL] });
  },
});

surface({
  name: 'histories',
  rows: HISTORIES,
  shape: historyShape,
  tell: (content, { dir, ask }) => {
    const file = join(dir, 'history.ndjson');
    writeFileSync(file, content());
    return ask({ args: ['check', file] });
  },
});

surface({
  name: 'schedules',
  rows: SCHEDULES,
  shape: scheduleShape,
  tell: (content, { dir, ask }) => {
    const file = join(dir, 'faults.json');
    writeFileSync(file, content);
    return ask({ args: ['run', 'near-zero', '--faults', file, '--store', 'memory', ...LOCAL] });
  },
});

surface({
  name: 'hooks',
  rows: HOOKS,
  shape: hookShape,
  tell: (_, { ask }, title) => ask({ hook: title }),
});

surface({
  name: 'plans',
  rows: PLANS,
  shape: planShape,
  tell: (content, { dir, ask }) => {
    writeFileSync(join(dir, 'plan.json'), content);
    return ask({ args: ['replay', dir, '--out', 'out'] });
  },
});

surface({
  name: 'endpoints',
  rows: ENDPOINTS,
  isLong: true,
  shape: endpointShape,
  tell: (_, { dir, lane, ask }, title) =>
    lane.withEndpoint(title, (url) => {
      const file = join(dir, 'config.json');
      writeFileSync(file, JSON.stringify(configFor(url)));
      // Ends by itself, long before that: the bound is for what would never end.
      const bounds = ['--intents', '2', '--faults', 'none', '--max-time', '60s'];
      return ask({ args: ['run', 'lost-answer', '--target', file, ...bounds, ...LOCAL] });
    }),
});

test('there are enough inputs over all surfaces', () => {
  const tables = [CONFIGS, FLAGS, SCHEDULES, HISTORIES, PLANS, HOOKS, ENDPOINTS, ENVIRONMENTS];
  expect(tables.map((rows) => rows.length).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(
    LEAST_ROWS_IN_ALL,
  );
  expect(searchedBytes).toBeGreaterThan(0);
});
