/** The checker's one file with input: history files in, verdict out. */

import { availableParallelism } from 'node:os';
import { open } from 'node:fs/promises';
import { bytesOf } from '../history/bytes.ts';
import { readHistories } from '../history/merge.ts';
import type { Verdict } from '../model/verdict.ts';
import { Checker, type CheckerOptions } from './checker.ts';
import { judgeByParts } from './cores/judge.ts';

export interface HistoryOptions extends CheckerOptions {
  /** Threads that judge, beside the one that reads. Default: one a core, and this thread alone for a small history. */
  readonly workers?: number;
}

/** Threads that are started unless somebody asks for more: one thread that reads cannot feed any number. */
const MOST_WORKERS = 16;
/** A smaller history is judged before the threads have started. */
const LARGE_BYTES = 32 * 1024 * 1024;
/** What a gzipped history is larger when it is read. */
const GZIP_FACTOR = 8;

/** Judges the history of one run, which may lie in several files. Throws `HarnessError` (usage) on a file that is no history. */
export async function checkHistory(
  files: readonly string[],
  { workers, ...options }: HistoryOptions = {},
): Promise<Verdict> {
  const parts = workers ?? (await workersFor(files));
  if (parts > 1 && files.length > 0 && options.lingerMs === undefined) {
    const verdict = await checkedByParts(files, parts);
    if (verdict !== undefined) return verdict;
  }
  const checker = new Checker(options);
  const history = readHistories(files);
  for await (const batch of history.batches()) for (const event of batch) checker.push(event);
  return checker.finish({ torn: history.torn });
}

/** Undefined for what one thread has to look at: it says the same of all else, and alone says what is wrong with a file. */
async function checkedByParts(files: readonly string[], parts: number): Promise<Verdict | undefined> {
  const { crewOfThreads } = await import('./cores/threads.ts');
  const crew = await crewOfThreads(parts, files.length);
  try {
    return await judgeByParts(
      files.map((file) => bytesOf(file)),
      crew,
    );
  } catch {
    return undefined;
  } finally {
    await crew.close();
  }
}

async function workersFor(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map((file) => sizeOf(file)));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return bytes < LARGE_BYTES ? 1 : Math.min(availableParallelism(), MOST_WORKERS);
}

/** Bytes that will be read of it, about; 0 for what is no file, which is told of elsewhere. */
async function sizeOf(path: string): Promise<number> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const magic = Buffer.alloc(2);
      await file.read(magic, 0, 2, 0);
      return magic[0] === 0x1f && magic[1] === 0x8b ? size * GZIP_FACTOR : size;
    } finally {
      await file.close();
    }
  } catch {
    return 0;
  }
}
