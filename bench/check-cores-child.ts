/**
 * Judges one history on so many cores, in a process of its own: a file, or one of any length that is made as it is read, by
 * writing new numbers into the text of one short run.
 */

import { statSync } from 'node:fs';
import { checkHistory } from '../harness/checker/check-history.ts';
import { judgeByParts } from '../harness/checker/cores/judge.ts';
import { crewOfThreads } from '../harness/checker/cores/threads.ts';
import { endLine, repeated } from './repeated.ts';

export interface CoresTask {
  readonly workers: number;
  /** A history file, or how many customers of four attempts each. */
  readonly history: string | number;
}

export interface CoresDone {
  /** By the clock. */
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly verdict: string;
  readonly attempts: number;
  /** All of it, to be compared. */
  readonly told: string;
  readonly bytes: number;
}

process.once('message', (task) => void answer(task as CoresTask));

async function answer(task: CoresTask): Promise<void> {
  process.send?.(await judged(task));
}

async function judged({ workers, history }: CoresTask): Promise<CoresDone> {
  const startedAt = performance.now();
  const verdict =
    typeof history === 'string'
      ? await checkHistory([history], { workers })
      : await judgedAsMade(workers, history);
  const { user, system } = process.cpuUsage();
  return {
    ms: performance.now() - startedAt,
    cpuMs: (user + system) / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
    verdict: verdict.verdict,
    attempts: verdict.counts['attempts'] ?? 0,
    told: JSON.stringify(verdict),
    bytes: typeof history === 'string' ? statSync(history).size : 0,
  };
}

async function judgedAsMade(
  workers: number,
  customers: number,
): Promise<Awaited<ReturnType<typeof checkHistory>>> {
  const crew = await crewOfThreads(workers, 1);
  try {
    const chunks = async function* (): AsyncGenerator<Buffer> {
      yield* repeated(customers);
      yield endLine();
    };
    return await judgeByParts([{ path: 'made', torn: false, chunks }], crew);
  } finally {
    await crew.close();
  }
}
