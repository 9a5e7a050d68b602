/** `onceproof check`: saved histories are judged again. */

import { dirname, resolve } from 'node:path';
import { checkHistory } from '../checker/check-history.ts';
import type { ReportKind } from '../report/kinds.ts';
import { NO_EVIDENCE } from '../report/evidence.ts';
import { renderVerdict } from '../report/terminal.ts';
import { evidenceFrom, writeReports } from '../report/write.ts';
import type { Verdict } from '../model/verdict.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** The verdict as the terminal shows it. */
  readonly text: string;
}

/** Judges saved histories, merged where there are several. Reports, where asked for, go beside the first. `workers`: threads. */
export async function judgeHistories(
  files: readonly string[],
  reports: readonly ReportKind[],
  { colour = false, workers }: { readonly colour?: boolean; readonly workers?: number | undefined } = {},
): Promise<Judgement> {
  const verdict = await checkHistory(files, workers === undefined ? {} : { workers });
  const [first = ''] = files;
  // Without a report only the stories of violations need the events once more.
  const isTold = reports.length > 0 || verdict.violations.length > 0;
  const evidence = isTold ? await evidenceFrom(files, verdict) : NO_EVIDENCE;
  if (reports.length > 0) await writeReports(dirname(resolve(first)), verdict, files, reports, evidence);
  return { verdict, text: renderVerdict(verdict, { evidence, colour, report: dirname(resolve(first)) }) };
}
