import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TimedAction } from '../../harness/faults/fault-rule.ts';
import { findToxiproxy } from '../../harness/proxy/toxiproxy-process.ts';
import { until } from '../../harness/environment/store.ts';
import type { FaultEvent, HistoryEvent } from '../../harness/history/events.ts';
import { findProgram } from '../../harness/base/program.ts';
import { runSuite } from '../../harness/runs/run-suite.ts';
import type { RunResult } from '../../harness/runs/suite.ts';
import { isListening } from '../environment/support.ts';
import { temporaryFolder, told } from '../support/cli.ts';
import { IS_WHOLE } from '../support/depth.ts';

const hasParts = findProgram('redis-server') !== undefined && findToxiproxy() !== undefined;
const why = hasParts ? '' : ' (skipped: redis-server or toxiproxy-server is not installed)';

/** In `npm run prove` a thousand faults on real parts, where each is a call to another process. */
const ON_REAL_PARTS = IS_WHOLE ? { count: 1000, duration: '45s' } : { count: 200, duration: '16s' };

/** The script's first customers come first. */
const START_MS = 500;

const TOXICS: readonly (readonly [TimedAction, object])[] = [
  ['latency', { latency: 5, jitter: 2 }],
  ['bandwidth', { rate: 100 }],
  ['slicer', { average_size: 64, size_variation: 16, delay: 100 }],
  ['slow_close', { delay: 5 }],
  ['limit_data', { bytes: 4000 }],
];
const OUTAGES: readonly (readonly [TimedAction, object])[] = [
  ['timeout', { timeout: 0 }],
  ['down', {}],
];

/** Short faults at one place, one of each kind every so many ms. */
function weather(
  where: string,
  every: number,
  kinds: readonly (readonly [TimedAction, object])[],
  overlap: boolean,
): readonly object[] {
  return kinds.map(([what, detail], index) => ({
    name: `${what} ${where}`,
    what,
    where,
    after: START_MS + 15 * index,
    every,
    for: [10, 30],
    overlap,
    detail,
  }));
}

/** Many at once. */
const EMBEDDED = ['edge:1', 'edge:2'].flatMap((where) => weather(where, 130, [...TOXICS, ...OUTAGES], true));

/**
 * One toxic at a time at each place: Toxiproxy 2.12 panics (link.go, AddToxic, index out of range) when one of several
 * toxics is added to a proxy after another one was taken from a connection that had closed.
 */
const REAL = ['edge:1', 'edge:2', 'store-path:1', 'store-path:2'].flatMap((where) => [
  ...weather(where, 200, TOXICS, false),
  ...weather(where, 1500, [['down', {}]], true),
]);

/** A process needs its time to come back, and the other replica goes on. */
const PROCESSES = [
  { name: 'kill replica', what: 'kill', where: 'replica:1', after: 2500, for: [10, 50] },
  { name: 'pause replica', what: 'pause', where: 'replica:1', after: 1900, every: 900, for: [10, 50] },
  { name: 'pause store', what: 'pause', where: 'store', after: 1700, every: 1500, for: [10, 50] },
].map((rule) => ({ ...rule, overlap: true }));

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

interface Parts {
  readonly store: string;
  readonly proxy: string;
}

async function runSoak(
  { store, proxy }: Parts,
  duration: string,
  rules: readonly object[],
): Promise<RunResult> {
  const faults = join(folder.path, `${store}-${duration}.json`);
  writeFileSync(faults, JSON.stringify({ name: 'a thousand', rules }));
  const suite = await runSuite({
    scenarios: ['soak'],
    faults,
    engine: 'embedded',
    store,
    proxy,
    replicas: 2,
    client: 'seed',
    keyShape: 'uuid',
    seed: 1,
    duration,
    out: join(folder.path, store),
    report: [],
    signal: new AbortController().signal,
    progress: new PassThrough().resume(),
    say: () => {},
    colour: false,
  });
  expect(suite.harnessFailures.map(({ message }) => message)).toEqual([]);
  const [run] = suite.runs;
  if (run === undefined) throw new Error('nothing was run');
  return run;
}

function timedFaults(dir: string): readonly FaultEvent[] {
  const lines = readFileSync(join(dir, 'history.ndjson'), 'utf8').trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line) as HistoryEvent)
    .filter((event): event is FaultEvent => event.type === 'fault');
}

/** What this process has open, by number. */
function descriptors(): ReadonlyMap<string, string> {
  const open = new Map<string, string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      open.set(fd, readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      // The one that was open to list them.
    }
  }
  return open;
}

/** What is open now and was not before; a number that was used again for the like of it counts as the old one. */
function openedSince(before: ReadonlyMap<string, string>): readonly string[] {
  const now = descriptors();
  if (now.size <= before.size) return [];
  return [...now].filter(([fd, what]) => before.get(fd) !== what).map(([fd, what]) => `${fd} ${what}`);
}

/** Ids of the processes that this one has started and that are still there. */
function children(): readonly string[] {
  return readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
}

/** Runs them, and sees that each has its end and that nothing of the run is left. */
async function carriedOut(
  parts: Parts,
  { count, duration }: { readonly count: number; readonly duration: string },
  rules: readonly object[],
): Promise<void> {
  // What the first run opens for good (the compiler of scripts) is no leak of the second one.
  await runSoak(parts, '1s', [
    { name: 'slow', what: 'latency', where: 'edge', for: 10, detail: { latency: 1 } },
  ]);
  const [descriptorsBefore, childrenBefore] = [descriptors(), children()];

  const { verdict, dir } = await runSoak(parts, duration, rules);

  expect(verdict.verdict, told(verdict)).toBe('valid');
  const faults = timedFaults(dir);
  const idsOf = (phase: FaultEvent['phase']): readonly string[] =>
    faults.filter((fault) => fault.phase === phase).map(({ id }) => id);
  expect(idsOf('start').length).toBeGreaterThanOrEqual(count);
  expect(idsOf('end').toSorted()).toEqual(idsOf('start').toSorted());
  expect(new Set(idsOf('start')).size).toBe(idsOf('start').length);
  await until(async () => openedSince(descriptorsBefore).length === 0, 30_000);
  expect(openedSince(descriptorsBefore)).toEqual([]);
  expect(children().filter((pid) => !childrenBefore.includes(pid))).toEqual([]);
  expect(await isListening(verdict.run.target)).toBe(false);
}

const hasProc = process.platform === 'linux';

describe.skipIf(!hasProc)(
  `hundreds of faults in one run${hasProc ? '' : ' (skipped: no /proc here)'}`,
  () => {
    test('on the bundled server with its store inside and the embedded proxy: all are healed, nothing is left', () =>
      carriedOut({ store: 'memory', proxy: 'embedded' }, { count: 1000, duration: '14s' }, EMBEDDED));

    test.skipIf(!hasParts)(`on real Redis and real Toxiproxy: all are healed, nothing is left${why}`, () =>
      carriedOut({ store: 'redis', proxy: 'toxiproxy' }, ON_REAL_PARTS, [...REAL, ...PROCESSES]),
    );
  },
);
