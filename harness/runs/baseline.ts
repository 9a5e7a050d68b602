/** What is known to be wrong already: a verdict of before, held against those of now. It excuses, and changes no verdict. */

import { messageOf, usageError } from '../base/errors.ts';
import { smallText } from '../base/small-file.ts';
import { isIncidentName } from '../model/incident.ts';
import { worstOf, type Verdict } from '../model/verdict.ts';

/** Incidents by scenario and name: a cause that is known in one scenario is news in another. */
export interface Baseline {
  readonly known: ReadonlySet<string>;
}

export interface Comparison {
  /** Incidents of now that the baseline has. */
  readonly known: readonly string[];
  /** Incidents of now that it has not. */
  readonly fresh: readonly string[];
  /** Incidents that it has, of scenarios that ran now, and that are not there any more. */
  readonly gone: readonly string[];
  /** Invalid, by nothing but known incidents, on whole evidence. */
  readonly isExcused: boolean;
}

/** `file`: a verdict.json, or what `run --json` printed for several scenarios. Throws a usage error for any other. */
export async function readBaseline(file: string): Promise<Baseline> {
  const verdicts = verdictsIn(await jsonAt(file), file);
  return { known: new Set(verdicts.flatMap(namesOf)) };
}

export function compare(baseline: Baseline, verdicts: readonly Verdict[]): Comparison {
  const now = new Set(verdicts.flatMap(namesOf));
  const scenarios = new Set(verdicts.map(({ run }) => run.scenario));
  const known = [...now].filter((name) => baseline.known.has(name));
  const fresh = [...now].filter((name) => !baseline.known.has(name));
  const gone = [...baseline.known].filter(
    (name) => !now.has(name) && scenarios.has(name.split(': ')[0] ?? ''),
  );
  const isWhole = verdicts.every(
    (verdict) => verdict.verdict !== 'unknown' && verdict.reasons.length === 0 && isGrouped(verdict),
  );
  const isInvalid = worstOf(verdicts.map(({ verdict }) => verdict)) === 'invalid';
  return { known, fresh, gone, isExcused: isInvalid && isWhole && fresh.length === 0 };
}

export function comparisonText({ known, fresh, gone, isExcused }: Comparison): string {
  const lines = [
    known.length === 0 && fresh.length === 0
      ? 'baseline: no incident'
      : `baseline: invalid, ${known.length} known${fresh.length > 0 ? `, ${fresh.length} new` : ''}`,
    ...fresh.map((name) => `  new    ${name}`),
    ...known.map((name) => `  known  ${name}`),
    ...gone.map((name) => `  gone   ${name}`),
  ];
  if (fresh.length === 0 && known.length > 0 && !isExcused)
    lines.push('  not excused: the evidence is not whole, and a baseline knows nothing of what was not seen');
  return lines.join('\n');
}

function namesOf({ run, incidents = [] }: Verdict): string[] {
  return incidents.map(({ name }) => `${run.scenario}: ${name}`);
}

/** More kinds of incidents than a verdict keeps cannot all be known. */
function isGrouped({ violationCount, incidents = [] }: Verdict): boolean {
  return incidents.reduce((sum, { violations }) => sum + violations, 0) === violationCount;
}

async function jsonAt(file: string): Promise<unknown> {
  try {
    return JSON.parse(smallText(file)) as unknown;
  } catch (error) {
    throw notABaseline(file, messageOf(error));
  }
}

function verdictsIn(value: unknown, file: string): Verdict[] {
  const runs = (value as { readonly runs?: unknown } | null)?.runs;
  const verdicts: readonly unknown[] = Array.isArray(runs) ? runs : [value];
  for (const one of verdicts) if (!isVerdict(one)) throw notABaseline(file, 'no verdict of schema 1');
  const all = verdicts as Verdict[];
  const old = all.find(({ violationCount, incidents }) => violationCount > 0 && incidents === undefined);
  if (old)
    throw notABaseline(
      file,
      'a verdict without incidents, of an earlier edition (`onceproof check` writes it anew)',
    );
  return all;
}

function isVerdict(value: unknown): boolean {
  const { schema, verdict, run, violationCount, incidents } = (value ?? {}) as Partial<Verdict>;
  if (schema !== 1 || typeof verdict !== 'string' || typeof violationCount !== 'number') return false;
  if (typeof run?.scenario !== 'string') return false;
  if (incidents === undefined) return true;
  return Array.isArray(incidents) && incidents.every(({ name }) => isIncidentName(name));
}

function notABaseline(file: string, found: string): Error {
  return usageError('flag', 'is no baseline', {
    field: '--baseline',
    expected: 'a verdict.json, or what `onceproof run --json` printed',
    found: `${file}: ${found}`,
  });
}
