/** k6's own summary export (`--summary-export`), read into the harness's form. */
import type { CheckResult, EngineResult, ThresholdResult } from './types.ts';

interface K6Group {
  readonly groups?: Readonly<Record<string, K6Group>>;
  readonly checks?: Readonly<Record<string, CheckResult>>;
}

/** A metric's aggregates, and of each threshold whether it was *crossed*. */
type K6Metric = Readonly<Record<string, number | Readonly<Record<string, boolean>>>>;

interface K6Summary {
  readonly metrics?: Readonly<Record<string, K6Metric>>;
  readonly root_group?: K6Group;
}

export type SummaryParts = Pick<EngineResult, 'iterations' | 'dropped' | 'thresholds' | 'checks' | 'metrics'>;

/** The parts of a result that a summary export holds; undefined text (k6 ended before it wrote one) gives empty parts. */
export function readSummary(text: string | undefined): SummaryParts {
  const { metrics = {}, root_group: root = {} } = (text === undefined ? {} : JSON.parse(text)) as K6Summary;
  const values = Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [name, valuesOf(metric)]),
  );
  return {
    iterations: values['iterations']?.['count'] ?? 0,
    dropped: values['dropped_iterations']?.['count'] ?? 0,
    thresholds: Object.entries(metrics).flatMap(([name, metric]) =>
      thresholdsOf(name, metric, values[name] ?? {}),
    ),
    checks: merged(checksOf(root)),
    metrics: values,
  };
}

function valuesOf(metric: K6Metric): Record<string, number> {
  const numbers = Object.entries(metric).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  const isRate = 'passes' in metric;
  return Object.fromEntries(
    numbers.map(([name, value]) => [isRate && name === 'value' ? 'rate' : name, value]),
  );
}

function thresholdsOf(
  metric: string,
  { thresholds }: K6Metric,
  values: Readonly<Record<string, number>>,
): ThresholdResult[] {
  return Object.entries((thresholds ?? {}) as Readonly<Record<string, boolean>>).map(
    ([expression, isCrossed]) => {
      const [, aggregate = ''] = /^\s*([a-z]+(?:\([\d.]+\))?)/.exec(expression) ?? [];
      const value = values[aggregate];
      const base = { metric, expression, ok: !isCrossed };
      return value === undefined ? base : { ...base, value };
    },
  );
}

function checksOf({ groups = {}, checks = {} }: K6Group): CheckResult[] {
  return [...Object.values(checks), ...Object.values(groups).flatMap(checksOf)];
}

/** One entry a name, over all groups. */
export function merged(checks: readonly CheckResult[]): CheckResult[] {
  const byName = new Map<string, CheckResult>();
  for (const { name, passes, fails } of checks) {
    const known = byName.get(name);
    byName.set(name, { name, passes: passes + (known?.passes ?? 0), fails: fails + (known?.fails ?? 0) });
  }
  return [...byName.values()];
}
