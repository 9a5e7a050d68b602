/** `onceproof check`: saved histories are judged again. */

import { dirname, resolve } from 'node:path';
import { checkHistory } from '../checker/check-history.ts';
import type { ReportKind } from '../report/kinds.ts';
import { renderVerdict } from '../report/terminal.ts';
import { evidenceFrom, writeReports } from '../report/write.ts';
import type { Verdict } from '../model/verdict.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** The verdict as the terminal shows it. */
  readonly text: string;
}

/** Judges saved histories, merged where there are several. Reports, where asked for, go beside the first. */
export async function judgeHistories(
  files: readonly string[],
  reports: readonly ReportKind[],
  colour = false,
): Promise<Judgement> {
  const verdict = await checkHistory(files);
  const [first = ''] = files;
  const evidence = await evidenceFrom(files, verdict);
  if (reports.length > 0) await writeReports(dirname(resolve(first)), verdict, files, reports, evidence);
  return { verdict, text: renderVerdict(verdict, { evidence, colour, report: dirname(resolve(first)) }) };
}
