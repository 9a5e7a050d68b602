/** What a run amounts to: for the caller, and in k6's form for `handleSummary`. */
import { createHash } from 'node:crypto';

import type { Metric, Sink } from './k6/metrics.ts';
import type { CheckTally, RunState } from './k6/run-state.ts';
import { merged } from './k6-summary.ts';
import type { Ending } from './run-end.ts';
import {
  EXIT,
  type CheckResult,
  type EngineResult,
  type SpreadResult,
  type ThresholdResult,
} from './types.ts';

const TREND_STATS = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'count'];

/** For the caller. `ending`: what ended it before its time; else thresholds that were crossed decide the exit code. */
export function engineResult(
  run: RunState,
  thresholds: readonly ThresholdResult[],
  elapsedMs: number,
  ending: Ending | undefined,
): EngineResult {
  const { exitCode, reason } = ending ?? crossed(thresholds) ?? { exitCode: EXIT.ok };
  const spreads = spreadResult(run);
  const exceptions = run.exceptions.all;
  return {
    engine: 'embedded',
    exitCode,
    ...(reason === undefined ? {} : { reason }),
    iterations: run.counts.iterations,
    dropped: run.counts.dropped,
    thresholds,
    checks: checkResults(run),
    metrics: metricResults(run, thresholds, elapsedMs),
    ...(exceptions === undefined ? {} : { exceptions }),
    ...(spreads === undefined ? {} : { spreads }),
  };
}

function crossed(thresholds: readonly ThresholdResult[]): Ending | undefined {
  const failed = thresholds.filter(({ ok }) => !ok);
  if (failed.length === 0) return undefined;
  const names = failed.map(({ metric, expression }) => `${metric}: ${expression}`);
  return { exitCode: EXIT.thresholds, reason: `thresholds crossed: ${names.join(', ')}` };
}

/** Aggregates by metric name. Times in ms. */
function metricResults(
  run: RunState,
  thresholds: readonly ThresholdResult[],
  elapsedMs: number,
): Record<string, Record<string, number>> {
  return Object.fromEntries(
    observed(run, thresholds).map(([name, , sink]) => [name, valuesOf(sink, elapsedMs, TREND_STATS)]),
  );
}

function checkResults(run: RunState): CheckResult[] {
  return merged([...run.checks.values()]);
}

function spreadResult({ spreads }: RunState): SpreadResult | undefined {
  const { groups, brokenUp, microseconds } = spreads;
  if (groups + brokenUp === 0) return undefined;
  return {
    groups,
    brokenUp,
    p50Us: microseconds.percentile(0.5),
    p99Us: microseconds.percentile(0.99),
    maxUs: microseconds.max,
  };
}

/** Name and sink of every metric and sub-metric that has samples or a threshold. */
function observed(
  run: RunState,
  thresholds: readonly ThresholdResult[],
): [name: string, metric: Metric, sink: Sink][] {
  const judged = new Set(thresholds.map(({ metric }) => metric));
  const all = [...run.registry.all()].flatMap((metric): [string, Metric, Sink][] => [
    [metric.name, metric, metric.sink],
    ...metric.subs.map((sub): [string, Metric, Sink] => [sub.name, metric, sub.sink]),
  ]);
  return all.filter(([name, , sink]) => !sink.isEmpty || judged.has(name));
}

/** The argument of `handleSummary`. */
export function summaryData(
  run: RunState,
  thresholds: readonly ThresholdResult[],
  elapsedMs: number,
  setupJson: string | undefined,
): object {
  const { summaryTrendStats, summaryTimeUnit } = run.options;
  const metrics = observed(run, thresholds).map(([name, metric, sink]) => {
    const judged = thresholds.filter((threshold) => threshold.metric === name);
    const entry = {
      type: metric.type,
      contains: metric.contains,
      values: valuesOf(sink, elapsedMs, summaryTrendStats),
    };
    const marks = Object.fromEntries(judged.map(({ expression, ok }) => [expression, { ok }]));
    return [name, judged.length === 0 ? entry : { ...entry, thresholds: marks }] as const;
  });
  return {
    root_group: groupData(run, ''),
    options: { summaryTrendStats, summaryTimeUnit, noColor: true },
    setup_data: setupJson === undefined ? undefined : (JSON.parse(setupJson) as unknown),
    state: { isStdOutTTY: false, isStdErrTTY: false, testRunDurationMs: elapsedMs },
    metrics: Object.fromEntries(metrics),
  };
}

function groupData(run: RunState, path: string): object {
  const checks = [...run.checks.values()].filter(({ group }) => group === path);
  const paths = new Set(
    [...run.checks.values()].map(({ group }) => childOf(group, path)).filter((child) => child !== undefined),
  );
  return {
    name: path.split('::').at(-1) ?? '',
    path,
    id: idOf(path),
    groups: [...paths].map((child) => groupData(run, child)),
    checks: checks.map((check) => checkData(check)),
  };
}

function checkData({ name, group, passes, fails }: CheckTally): object {
  return { name, path: `${group}::${name}`, id: idOf(`${group}::${name}`), passes, fails };
}

/** k6 names groups and checks by a digest of their path. */
function idOf(path: string): string {
  return createHash('md5').update(path).digest('hex');
}

/** The group right below `path` that `group` lies in. */
function childOf(group: string, path: string): string | undefined {
  if (group === path || !group.startsWith(`${path}::`)) return undefined;
  const [first = ''] = group.slice(path.length + 2).split('::');
  return `${path}::${first}`;
}

function valuesOf(sink: Sink, elapsedMs: number, trendStats: readonly string[]): Record<string, number> {
  const { trend, trues, total, value, min, max } = sink;
  if (sink.type === 'counter') return { count: value, rate: elapsedMs > 0 ? value / (elapsedMs / 1_000) : 0 };
  if (sink.type === 'gauge') return { value, min, max };
  if (trend === undefined)
    return { rate: total === 0 ? 0 : trues / total, passes: trues, fails: total - trues };
  const stat = (name: string): number => {
    if (name === 'avg') return trend.avg;
    if (name === 'min') return trend.min;
    if (name === 'max') return trend.max;
    if (name === 'count') return trend.count;
    return trend.percentile(name === 'med' ? 0.5 : Number(name.slice(2, -1)) / 100);
  };
  return Object.fromEntries(trendStats.map((name) => [name, stat(name)]));
}
