/** The whole order of a selftest: catalogue, cells, workers beside each other, matrix, reports. */

import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { messageOf, usageError } from '../base/errors.ts';
import { now } from '../base/now.ts';
import { findProgram } from '../base/program.ts';
import { textWithoutSecrets } from './selftest-files.ts';
import { cleanUpStale } from '../environment/clean-up.ts';
import { PLAYED_PROFILES } from '../model/contract.ts';
import {
  RIGHT,
  wayName,
  type Cell,
  type CellNotRun,
  type CellResult,
  type DefectFacts,
  type Detection,
} from '../model/detection.ts';
import { SCENARIOS } from '../plan/plan.ts';
import { renderDetection } from '../report/detection-terminal.ts';
import { visible } from '../report/format.ts';
import { runFolder, shownPath } from '../report/run-folder.ts';
import { catalogueOf } from '../selftest/catalogue.ts';
import { cellsOf, type AskedWay } from '../selftest/cells.ts';
import { matrixOf } from '../selftest/matrix.ts';
import { commitOf, writeDetection } from './selftest-files.ts';
import { listedDefects } from './serve.ts';
import { startWorker, type Worker } from './selftest-workers.ts';

export const SELFTEST = 'selftest';

export interface SelftestOptions {
  /** Seeds 1 to n. */
  readonly seeds: number;
  /** Names of defects; absent: the whole catalogue. */
  readonly only?: readonly string[];
  /** In the place of each defect's own way. */
  readonly ways?: readonly AskedWay[];
  /** Every scenario and a sweep beside each defect's own way, and the right server under every profile. */
  readonly isWhole: boolean;
  /** After this no cell is begun any more, ms. Absent: all are. */
  readonly budgetMs?: number;
  /** Processes that work beside each other. Absent: as many as there are cores. */
  readonly workers?: number;
  readonly out: string;
  /** Where the matrix is written as Markdown, beside the report's folder. */
  readonly write?: string;
  /** As it was asked for; it stands in the reports. */
  readonly command: string;
  /** Breaks off what is under way; what there is by then is told. */
  readonly signal: AbortSignal;
  readonly progress: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly say: (text: string) => void;
  readonly colour: boolean;
}

export interface SelftestResult {
  readonly detection: Detection;
  readonly dir: string;
}

/** Looks at every cell, as far as the time goes. Throws wrong usage before anything is started. */
export async function selftest(options: SelftestOptions): Promise<SelftestResult> {
  // The budget is the command's, listing the catalogue included.
  const startedAt = now();
  const defects = chosen(catalogueOf(await listedDefects()), options.only);
  await cleanUpStale(options.out, (line) => options.progress.write(`onceproof: ${visible(line)}\n`));
  const hasRedis = findProgram('redis-server') !== undefined;
  const cells = cellsOf({
    defects,
    seeds: Array.from({ length: options.seeds }, (_, index) => index + 1),
    ...(options.ways && { ways: options.ways }),
    isWhole: options.isWhole,
    scenarios: SCENARIOS,
    profiles: PLAYED_PROFILES,
    hasRedis,
  });
  const dir = await runFolder(options.out, SELFTEST, randomBytes(4).toString('hex'));
  const { done, notRun } = await performed(cells, defects, { ...options, hasRedis, dir, startedAt });
  const commit = await commitOf();
  const detection: Detection = {
    schema: 1,
    command: options.command,
    ...(commit !== undefined && { commit }),
    node: process.version,
    startedAt,
    durationMs: now() - startedAt,
    seeds: [...new Set(cells.map(({ seed }) => seed))],
    ...matrixOf(defects, done, notRun),
    notRun,
    cells: done,
  };
  await writeDetection(dir, detection);
  if (options.write !== undefined) await writeMarkdown(options.write, detection);
  options.say(renderDetection(detection, { report: shownPath(dir), colour: options.colour }));
  return { detection, dir };
}

function chosen(all: readonly DefectFacts[], only: readonly string[] | undefined): readonly DefectFacts[] {
  if (only === undefined) return all;
  const unknown = only.find((name) => !all.some((defect) => defect.name === name));
  if (unknown === undefined) return all.filter(({ name }) => only.includes(name));
  throw usageError('flag', 'no such defect', {
    field: '--only',
    expected: all.map(({ name }) => name).join(', '),
    found: unknown,
  });
}

interface Work extends SelftestOptions {
  readonly hasRedis: boolean;
  readonly dir: string;
  readonly startedAt: number;
}

interface Performed {
  readonly done: CellResult[];
  readonly notRun: CellNotRun[];
}

async function performed(
  cells: readonly Cell[],
  defects: readonly DefectFacts[],
  work: Work,
): Promise<Performed> {
  const { signal, hasRedis, dir, budgetMs, startedAt } = work;
  const rules = new Map(defects.map(({ name, rules: own }) => [name, own]));
  const result: Performed = { done: [], notRun: [] };
  const waiting = cells.filter((cell) => {
    if (cell.way.store !== 'redis' || hasRedis) return true;
    result.notRun.push({ ...cell, why: 'redis-server is not installed', hasFailed: false });
    return false;
  });
  const runs = join(dir, 'runs');
  const tell = progressOf(work, waiting.length);
  const whyNot = (): string | undefined => {
    if (signal.aborted) return 'broken off';
    return budgetMs !== undefined && now() - startedAt > budgetMs ? 'the time was over' : undefined;
  };
  let next = 0;
  const oneAfterTheOther = async (): Promise<void> => {
    let worker: Worker | undefined;
    const breakOff = (): void => worker?.breakOff();
    signal.addEventListener('abort', breakOff);
    try {
      for (let cell = waiting[next++]; cell !== undefined; cell = waiting[next++]) {
        const why = whyNot();
        if (why !== undefined) {
          result.notRun.push({ ...cell, why, hasFailed: false });
          continue;
        }
        if (!worker?.isAlive()) worker = startWorker();
        await oneCell(worker, cell, runs);
        tell(result);
      }
    } finally {
      signal.removeEventListener('abort', breakOff);
      await worker?.end();
    }
  };
  const oneCell = async (worker: Worker, cell: Cell, out: string): Promise<void> => {
    try {
      const one = await worker.perform(cell, rules.get(cell.subject) ?? [], out);
      const isAsOught = cell.subject === RIGHT ? one.verdict === 'valid' : one.caughtBy !== undefined;
      // What was broken off half-way is no evidence against anybody.
      if (signal.aborted && !isAsOught) result.notRun.push({ ...cell, why: 'broken off', hasFailed: false });
      else result.done.push(one);
    } catch (error) {
      const isBrokenOff = signal.aborted;
      const why = isBrokenOff ? 'broken off' : messageOf(error);
      result.notRun.push({ ...cell, why, hasFailed: !isBrokenOff });
    }
  };
  const width = Math.min(work.workers ?? availableParallelism(), Math.max(1, waiting.length));
  await Promise.all(Array.from({ length: width }, oneAfterTheOther));
  tell(undefined);
  if (
    result.done.every(({ dir: kept }) => kept === undefined) &&
    result.notRun.every((cell) => !cell.hasFailed)
  )
    await rm(runs, { recursive: true, force: true });
  return result;
}

const PLAIN_MS = 5000;

/** On a terminal one line that is written over, elsewhere one every 5 s. */
function progressOf({ progress, startedAt }: Work, all: number): (far: Performed | undefined) => void {
  let toldAt = startedAt;
  return (far) => {
    const isLive = progress.isTTY === true;
    if (far === undefined) {
      if (isLive) progress.write('\r\x1b[K');
      return;
    }
    if (!isLive && now() - toldAt < PLAIN_MS) return;
    toldAt = now();
    const { done, notRun } = far;
    const last = done.at(-1);
    const caught = done.filter(({ caughtBy }) => caughtBy !== undefined).length;
    const alarms = done.filter(({ subject, verdict }) => subject === RIGHT && verdict === 'invalid').length;
    const about = last === undefined ? '' : `; ${last.subject}, ${wayName(last.way)}, seed ${last.seed}`;
    const line = `${SELFTEST}: cell ${done.length + notRun.length} of ${all}, ${caught} caught, ${alarms} false alarms${about}`;
    progress.write(isLive ? `\r${line.slice(0, 110)}\x1b[K` : `${line}\n`);
  };
}

async function writeMarkdown(file: string, detection: Detection): Promise<void> {
  try {
    await writeFile(file, textWithoutSecrets(detection));
  } catch (error) {
    throw usageError('write', 'cannot be written', {
      field: '--write',
      expected: 'a file',
      found: messageOf(error),
    });
  }
}
