/** Puts everything together: violations before doubts, doubts before valid. */

import { gapsOf, segmentOf } from '../model/segment.ts';
import { PROFILES } from '../model/contract.ts';
import type { EndEvent, HistoryEvent, WholeRun } from '../history/events.ts';
import type { Incident } from '../model/incident.ts';
import type { CoverageCount, Rule, ScriptException, SweepSummary, Verdict } from '../model/verdict.ts';
import { COVERAGE_NAMES, requiredCoverage } from './coverage.ts';
import type { Findings } from './findings.ts';
import type { Histogram } from './latency.ts';
import type { Processes } from './processes.ts';
import { sweepReasons } from './sweep.ts';
import { unjudgedByNature } from './unjudged.ts';

export interface SummingUp {
  readonly run: WholeRun | undefined;
  /** How many files, each with its own run event. */
  readonly runs: number;
  readonly processes: Processes;
  readonly ends: readonly EndEvent[];
  readonly lastAt: number;
  readonly findings: Findings;
  readonly incidents: readonly Incident<Rule>[];
  /** Events that were read, by type. */
  readonly read: Readonly<Record<string, number>>;
  readonly latency: Histogram;
  /** How far a sweep came; undefined for any other run. */
  readonly sweep: SweepSummary | undefined;
  /** Spread of simultaneous arrivals, µs. */
  readonly spread: Histogram;
}

/** Reasons for which a run ended as a whole run. An interrupted one proves what was wrong, never that nothing was. */
const WHOLE: ReadonlySet<string> = new Set(['finished']);

export function verdictOf(sum: SummingUp): Verdict {
  const { findings, run } = sum;
  doubtTheRun(sum);
  doubtTheCounts(sum);
  const coverage = coverageOf(sum);
  const reasons = [...findings.reasons(), ...coverage.filter(isMissing).map(missingReason)];
  if (sum.sweep) reasons.push(...sweepReasons(sum.sweep));
  for (const { rule, why } of run ? unjudgedByNature(run) : []) findings.unjudged(rule, why);
  return {
    schema: 1,
    verdict: findings.violationCount > 0 ? 'invalid' : reasons.length > 0 ? 'unknown' : 'valid',
    reasons,
    violations: findings.violations,
    violationCount: findings.violationCount,
    ...(sum.incidents.length > 0 && { incidents: sum.incidents }),
    ...exceptionsOf(sum),
    coverage,
    counts: countsOf(sum),
    latency: {
      p50: rounded(sum.latency.quantile(0.5)),
      p90: rounded(sum.latency.quantile(0.9)),
      p99: rounded(sum.latency.quantile(0.99)),
      max: rounded(sum.latency.max),
    },
    unjudged: findings.unjudgedRules(),
    run: runOf(sum),
    ...(sum.sweep && { sweep: sum.sweep }),
  };
}

/** Of all files, those of one place together, the most frequent first. */
function exceptionsOf({ ends }: SummingUp): Pick<Verdict, 'exceptions'> {
  const found = new Map<string, ScriptException>();
  for (const exception of ends.flatMap(({ exceptions = [] }) => exceptions)) {
    const key = JSON.stringify([exception.message, exception.place]);
    found.set(key, { ...exception, count: exception.count + (found.get(key)?.count ?? 0) });
  }
  const exceptions = [...found.values()].toSorted((one, two) => two.count - one.count);
  return exceptions.length === 0 ? {} : { exceptions };
}

/** How a history ends whose script failed its own thresholds; run.ts writes it. */
export const THRESHOLDS_FAILED = "the script's own thresholds failed";

/** What the writer counted must be there: a cut-out event is as good as a forged one. */
function doubtTheCounts({ ends, read, findings }: SummingUp): void {
  const written = new Map<string, number>();
  for (const { counts } of ends)
    for (const [name, count] of Object.entries(counts))
      if (EVENT_TYPES.has(name)) written.set(name, (written.get(name) ?? 0) + count);
  for (const [name, count] of written) {
    const found = read[name] ?? 0;
    if (found === count) continue;
    findings.doubt('incomplete', `${count} ${name} events were written, ${found} were read`);
    return;
  }
}

/** Members of `end.counts` that count lines; the others count what was done. */
const EVENT_TYPES: ReadonlySet<string> = new Set<HistoryEvent['type']>([
  'invoke',
  'complete',
  'arrival',
  'fault',
  'clock',
  'credit',
  'observe',
  'retire',
  'audited',
]);

function doubtTheRun({ run, runs, ends, processes, findings }: SummingUp): void {
  if (run === undefined) findings.doubt('no-run');
  doubtTheParts(processes, findings);
  for (let missing = ends.length; missing < runs; missing++) findings.doubt('no-end');
  for (const { reason } of ends) {
    if (WHOLE.has(reason)) continue;
    if (!reason.startsWith(THRESHOLDS_FAILED)) findings.doubt('ended-early', reason);
    // Where the checker has found violations too, the script's own ones only confirm them.
    else if (findings.violationCount === 0) findings.doubt('thresholds-failed', reason);
  }
  if (run === undefined) return;
  if ((findings.counts.get('intents') ?? 0) === 0) findings.doubt('no-intents');
  if (run.faults.impossible !== undefined) findings.doubt('no-faults', run.faults.impossible);
  const { balance, redemptions, ledger } = run.capabilities;
  if (!balance && !redemptions && !ledger) findings.doubt('no-read-back');
}

/** What several processes make together is judged together: a part of it that is not there may hold anything. */
function doubtTheParts({ parts }: Processes, findings: Findings): void {
  if (parts.every((part) => part === undefined)) return;
  const { missing, twice } = gapsOf(parts.flatMap((part) => part ?? ['0:1']).map(segmentOf));
  if (missing.length > 0) findings.doubt('part-missing', missing.join(', '));
  if (twice.length > 0) findings.doubt('part-twice', twice.join(', '));
}

function coverageOf({ run, findings }: SummingUp): CoverageCount[] {
  const required = new Map((run ? requiredCoverage(run) : []).map(({ name, advice }) => [name, advice]));
  return COVERAGE_NAMES.map((name) => {
    const count = findings.coverage.get(name) ?? 0;
    const advice = required.get(name);
    return {
      name,
      count,
      required: advice !== undefined,
      ...(advice !== undefined && count === 0 && { advice }),
    };
  });
}

function isMissing({ required, count }: CoverageCount): boolean {
  return required && count === 0;
}

function missingReason({ name, advice }: CoverageCount): string {
  return `the run never met "${name}": ${advice}`;
}

const BASE_COUNTS = { intents: 0, attempts: 0, ok: 0, fail: 0, info: 0, arrivals: 0, debits: 0 };

function countsOf({ findings, spread }: SummingUp): Verdict['counts'] {
  const counts = { ...BASE_COUNTS, hiddenResends: 0, duplicates: 0, ...Object.fromEntries(findings.counts) };
  if (spread.count === 0) return counts;
  return {
    ...counts,
    arrivalSpreadCount: spread.count,
    arrivalSpreadP50Us: Math.round(spread.quantile(0.5)),
    arrivalSpreadP99Us: Math.round(spread.quantile(0.99)),
    arrivalSpreadMaxUs: Math.round(spread.max),
  };
}

function runOf({ run, lastAt, processes }: SummingUp): Verdict['run'] {
  if (run === undefined) {
    const none = 'unknown';
    return {
      runId: none,
      seed: none,
      scenario: none,
      engine: none,
      proxy: none,
      store: none,
      contract: PROFILES.seed,
      durationMs: 0,
      faults: none,
      client: none,
      target: none,
    };
  }
  const { runId, seed, scenario, engine, proxy, store, contract, startedAt, faults, client, defect, target } =
    run;
  const told = processes.told();
  return {
    runId,
    seed,
    scenario,
    engine,
    proxy,
    store,
    contract,
    durationMs: rounded(Math.max(0, Number.isFinite(lastAt) ? lastAt - startedAt : 0)),
    faults: faults.profile,
    client,
    ...(defect !== undefined && { defect }),
    target,
    ...(run.traceUrl !== undefined && { traceUrl: run.traceUrl }),
    ...(told !== undefined && { processes: told }),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
