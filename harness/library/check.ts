/** Saved histories, from a program. */

import type { Verdict } from '../model/verdict.ts';
import { checkOptions, membersOf } from './checked.ts';
import type { CheckOptions } from './options.ts';

const MEMBERS = membersOf('report', 'workers');

/** Judges the histories of one run again, as `onceproof check` does; several are merged. Rejects for a file that is none. */
export async function check(
  histories: string | readonly string[],
  options: CheckOptions = {},
): Promise<Verdict> {
  checkOptions(options, MEMBERS);
  const files = typeof histories === 'string' ? [histories] : histories;
  const { judgeHistories } = await import('../runs/check.ts');
  return (await judgeHistories(files, options.report ?? [], { workers: options.workers })).verdict;
}
