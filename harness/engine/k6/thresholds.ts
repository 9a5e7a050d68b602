/** Thresholds with k6's own semantics (k6 `metrics/thresholds.go`). */
import { usageError } from '../../base/errors.ts';
import { parseDurationMs } from '../duration.ts';
import type { ThresholdResult } from '../types.ts';
import { UNSUPPORTED_METRICS, unsupported } from '../unsupported.ts';
import { textOf } from './text.ts';
import { parseMetricName, Sink, type Metric, type MetricType, type Registry } from './metrics.ts';

export interface Threshold {
  /** The metric's name as the script has it, with tags. */
  readonly metric: string;
  readonly source: string;
  readonly sink: Sink;
  readonly aggregate: string;
  readonly operator: string;
  readonly limit: number;
  readonly abortOnFail: boolean;
  readonly delayAbortMs: number;
}

const AGGREGATES: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['count', 'rate'],
  gauge: ['value'],
  rate: ['rate'],
  trend: ['avg', 'min', 'max', 'med', 'p(N)'],
};

const EXPRESSION =
  /^\s*(?<aggregate>count|rate|value|avg|min|max|med|p\(\s*\d+(?:\.\d+)?\s*\))\s*(?<operator><=|>=|<|>|===|==|!=)\s*(?<limit>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*$/;

/** The thresholds of `options.thresholds`, their sub-metrics set up. Throws a usage HarnessError for what k6 answers with exit code 104. */
export function parseThresholds(declared: unknown, registry: Registry): Threshold[] {
  if (declared === undefined || declared === null) return [];
  return Object.entries(declared).flatMap(([name, list]: [string, unknown]) => {
    if (!Array.isArray(list)) throw invalid(name, 'wrong value', 'a list of thresholds', textOf(list));
    const { metric, sink } = sinkFor(name, registry);
    return (list as unknown[]).map((item) => parseOne(name, metric, sink, item));
  });
}

/** What a threshold compares, or undefined when there is nothing to compare. */
export function thresholdValue(threshold: Threshold, elapsedMs: number): number | undefined {
  const { sink, aggregate } = threshold;
  if (sink.type === 'counter') return aggregate === 'count' ? sink.value : perSecond(sink.value, elapsedMs);
  if (sink.type === 'gauge') return sink.value;
  if (sink.type === 'rate') return sink.total === 0 ? undefined : sink.trues / sink.total;
  return trendValue(sink, aggregate);
}

/** Judges one threshold. A Rate without samples passes; a Trend without samples is judged as 0. */
export function judge(threshold: Threshold, elapsedMs: number): ThresholdResult {
  const value = thresholdValue(threshold, elapsedMs);
  const ok = value === undefined || compare(value, threshold.operator, threshold.limit);
  const base = { metric: threshold.metric, expression: threshold.source, ok };
  return value === undefined ? base : { ...base, value };
}

/** Whether a threshold ends the run now. Metrics without samples are left alone while the run goes on. */
export function mustAbort(threshold: Threshold, elapsedMs: number): boolean {
  if (!threshold.abortOnFail || threshold.sink.isEmpty) return false;
  return elapsedMs > threshold.delayAbortMs && !judge(threshold, elapsedMs).ok;
}

function sinkFor(text: string, registry: Registry): { metric: Metric; sink: Sink } {
  const { name, tags } = parsedName(text);
  const metric = registry.get(name);
  if (metric === undefined) {
    if (UNSUPPORTED_METRICS.includes(name)) throw unsupported(`a threshold on ${name}`);
    throw invalid(text, 'no metric of that name', 'a built-in metric or one that the script makes', name);
  }
  if (tags.length === 0) return { metric, sink: metric.sink };
  const known = metric.subs.find((sub) => sub.name === text);
  if (known !== undefined) return { metric, sink: known.sink };
  const sink = new Sink(metric.type);
  metric.subs.push({ name: text, tags, sink });
  return { metric, sink };
}

function parsedName(text: string): ReturnType<typeof parseMetricName> {
  try {
    return parseMetricName(text);
  } catch (error) {
    throw invalid(text, 'malformed metric name', 'name or name{tag:value}', String(error));
  }
}

function parseOne(name: string, metric: Metric, sink: Sink, item: unknown): Threshold {
  const config = typeof item === 'string' ? { threshold: item } : configOf(name, item);
  const source = config.threshold;
  const groups = EXPRESSION.exec(source)?.groups;
  if (groups === undefined) throw invalid(name, 'malformed threshold', 'e.g. p(95)<500 or count==0', source);
  const aggregate = String(groups['aggregate']).replaceAll(' ', '');
  if (!AGGREGATES[metric.type].includes(aggregate.startsWith('p(') ? 'p(N)' : aggregate)) {
    throw invalid(name, `a ${metric.type} has no ${aggregate}`, AGGREGATES[metric.type].join(', '), source);
  }
  return {
    metric: name,
    source,
    sink,
    aggregate,
    operator: String(groups['operator']),
    limit: Number(groups['limit']),
    abortOnFail: config.abortOnFail ?? false,
    delayAbortMs: parseDurationMs(config.delayAbortEval ?? 0) ?? 0,
  };
}

interface ThresholdConfig {
  readonly threshold: string;
  readonly abortOnFail?: boolean | null;
  readonly delayAbortEval?: unknown;
}

/** A threshold as an object; every member of the right kind, or not there. */
function configOf(name: string, item: unknown): ThresholdConfig {
  const wrong = (expected: string, found: unknown): Error =>
    invalid(name, 'wrong value', expected, textOf(found));
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw wrong('a threshold as a text or an object', item);
  const { threshold = '', abortOnFail, delayAbortEval } = item as Record<string, unknown>;
  if (typeof threshold !== 'string') throw wrong('threshold: a text', threshold);
  if (abortOnFail !== undefined && abortOnFail !== null && typeof abortOnFail !== 'boolean')
    throw wrong('abortOnFail: true or false', abortOnFail);
  if (
    delayAbortEval !== undefined &&
    delayAbortEval !== null &&
    parseDurationMs(delayAbortEval) === undefined
  )
    throw wrong('delayAbortEval: a duration such as 10s', delayAbortEval);
  return { threshold, abortOnFail: abortOnFail ?? false, delayAbortEval };
}

function invalid(metric: string, what: string, expected: string, found: string): Error {
  return usageError('invalid-threshold', what, { field: `options.thresholds["${metric}"]`, expected, found });
}

function perSecond(value: number, elapsedMs: number): number | undefined {
  return elapsedMs > 0 ? value / (elapsedMs / 1_000) : undefined;
}

function trendValue({ trend }: Sink, aggregate: string): number {
  if (trend === undefined) return 0;
  if (aggregate === 'avg') return trend.avg;
  if (aggregate === 'min') return trend.min;
  if (aggregate === 'max') return trend.max;
  return trend.percentile(aggregate === 'med' ? 0.5 : Number(aggregate.slice(2, -1)) / 100);
}

function compare(value: number, operator: string, limit: number): boolean {
  if (operator === '<') return value < limit;
  if (operator === '<=') return value <= limit;
  if (operator === '>') return value > limit;
  if (operator === '>=') return value >= limit;
  return operator === '!=' ? value !== limit : value === limit;
}
