/** `k6/metrics`. */
import { ownTag } from './core.ts';
import type { Metric, MetricContains, MetricType, Tagged } from './metrics.ts';
import type { VuContext } from './vu-context.ts';

export function metricsModule(vu: VuContext): object {
  const made = (type: MetricType) =>
    function construct(name: unknown, isTime?: unknown): ScriptMetric {
      if (vu.phase !== 'init') throw new Error('metrics must be declared in the init context');
      return new ScriptMetric(vu, vu.run.registry.define(String(name), type, containsOf(isTime)));
    };
  return { Counter: made('counter'), Gauge: made('gauge'), Rate: made('rate'), Trend: made('trend') };
}

function containsOf(isTime: unknown): MetricContains {
  return isTime === true ? 'time' : 'default';
}

/** What `new Counter(…)` and its like give to a script: one class for all, so that calls stay cheap. */
class ScriptMetric {
  static readonly fields = ['name'];
  readonly name: string;
  private readonly vu: VuContext;
  private readonly metric: Metric;

  constructor(vu: VuContext, metric: Metric) {
    this.name = metric.name;
    this.vu = vu;
    this.metric = metric;
  }

  add(value: unknown, tags?: unknown): boolean {
    const { vu, metric } = this;
    if (vu.phase === 'init') throw new Error('metrics cannot be added to in the init context');
    const number = Number(value);
    if (Number.isNaN(number) || value === null) {
      vu.run.log(
        'warning',
        `'${String(value)}' is an invalid value for metric '${metric.name}', a number or a boolean value is expected`,
      );
      return false;
    }
    metric.add(number, tags === undefined ? vu : new SampleTags(vu, tags));
    return true;
  }
}

class SampleTags implements Tagged {
  private readonly vu: VuContext;
  private readonly tags: unknown;

  constructor(vu: VuContext, tags: unknown) {
    this.vu = vu;
    this.tags = tags;
  }

  tag(name: string): string | undefined {
    return ownTag(this.tags, name) ?? this.vu.tag(name);
  }
}
