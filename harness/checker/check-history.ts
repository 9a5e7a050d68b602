/** The checker's one file with input: history files in, verdict out. */

import { readHistories } from '../history/merge.ts';
import type { Verdict } from '../model/verdict.ts';
import { Checker, type CheckerOptions } from './checker.ts';

/** Judges the history of one run, which may lie in several files. Throws `HarnessError` (usage) on a file that is no history. */
export async function checkHistory(files: readonly string[], options: CheckerOptions = {}): Promise<Verdict> {
  const checker = new Checker(options);
  const history = readHistories(files);
  for await (const batch of history.batches()) for (const event of batch) checker.push(event);
  return checker.finish({ torn: history.torn });
}
