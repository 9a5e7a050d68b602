/** Links from a violation's attempts to their traces, where a config says how. Pure. */

import { traceUrlOf } from '../model/trace.ts';
import type { Verdict, Violation } from '../model/verdict.ts';
import type { Dossier } from './dossier-draft.ts';

export interface TraceLink {
  readonly attempt: string;
  readonly url: string;
}

const MAX_LINKS = 12;

/** One for each attempt of the violation, else of its dossier; none where no link template is known. */
export function traceLinks(
  run: Verdict['run'],
  violation: Violation,
  dossier: Dossier | undefined,
): TraceLink[] {
  const { traceUrl, runId } = run;
  if (traceUrl === undefined) return [];
  const invoked = dossier?.invokes.map(({ attempt }) => attempt) ?? [];
  // What stands in a history may be anything.
  if (!/^https?:\/\/[^\s"'<>()`]+$/.test(traceUrl)) return [];
  const attempts = violation.attempts.length > 0 ? violation.attempts : invoked;
  return [...new Set(attempts)]
    .slice(0, MAX_LINKS)
    .map((attempt) => ({ attempt, url: traceUrlOf(traceUrl, runId, attempt) }));
}
