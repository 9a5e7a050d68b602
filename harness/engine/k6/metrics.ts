/** Metrics of a run: one registry for all VUs, with the sub-metrics that thresholds ask for. */
import { TrendSink } from './trend.ts';

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend';
export type MetricContains = 'default' | 'time' | 'data';

/** Whoever adds a sample, asked for a tag only when a threshold names one. */
export interface Tagged {
  tag(name: string): string | undefined;
}

/** One metric or sub-metric: only the fields of its type are used. */
export class Sink {
  readonly type: MetricType;
  /** Sum of a Counter, last value of a Gauge. */
  value = 0;
  min = 0;
  max = 0;
  trues = 0;
  total = 0;
  readonly trend: TrendSink | undefined;

  constructor(type: MetricType) {
    this.type = type;
    this.trend = type === 'trend' ? new TrendSink() : undefined;
  }

  add(value: number): void {
    if (this.trend !== undefined) this.trend.add(value);
    else if (this.type === 'counter') this.value += value;
    else if (this.type === 'rate') {
      if (value !== 0) this.trues++;
    } else this.gauge(value);
    this.total++;
  }

  get isEmpty(): boolean {
    return this.total === 0;
  }

  private gauge(value: number): void {
    this.value = value;
    if (this.total === 0 || value < this.min) this.min = value;
    if (this.total === 0 || value > this.max) this.max = value;
  }
}

export interface SubMetric {
  /** As the threshold names it, e.g. `http_req_duration{name:redeem}`. */
  readonly name: string;
  readonly tags: readonly (readonly [name: string, value: string])[];
  readonly sink: Sink;
}

export class Metric {
  readonly name: string;
  readonly contains: MetricContains;
  readonly sink: Sink;
  readonly subs: SubMetric[] = [];

  constructor(name: string, type: MetricType, contains: MetricContains = 'default') {
    this.name = name;
    this.contains = contains;
    this.sink = new Sink(type);
  }

  get type(): MetricType {
    return this.sink.type;
  }

  add(value: number, tagged: Tagged): void {
    this.sink.add(value);
    if (this.subs.length > 0) this.addToSubs(value, tagged);
  }

  /** As `add`, with the places of the sub-metrics that the sample belongs to. */
  addTo(value: number, places: readonly number[]): void {
    this.sink.add(value);
    for (const place of places) this.subs[place]?.sink.add(value);
  }

  private addToSubs(value: number, tagged: Tagged): void {
    for (const sub of this.subs) {
      if (sub.tags.every(([name, wanted]) => tagged.tag(name) === wanted)) sub.sink.add(value);
    }
  }
}

const BUILTINS: readonly (readonly [name: string, type: MetricType, contains?: MetricContains])[] = [
  ['checks', 'rate'],
  ['data_received', 'counter', 'data'],
  ['data_sent', 'counter', 'data'],
  ['dropped_iterations', 'counter'],
  ['group_duration', 'trend', 'time'],
  ['http_req_blocked', 'trend', 'time'],
  ['http_req_duration', 'trend', 'time'],
  ['http_req_failed', 'rate'],
  ['http_req_receiving', 'trend', 'time'],
  ['http_req_waiting', 'trend', 'time'],
  ['http_reqs', 'counter'],
  ['iteration_duration', 'trend', 'time'],
  ['iterations', 'counter'],
  ['vus', 'gauge'],
  ['vus_max', 'gauge'],
];

type MakeMetric = (name: string, type: MetricType, contains: MetricContains) => Metric;

/** All metrics of a run by name, the built-in ones at hand as fields for the hot path. */
export class Registry {
  private readonly byName = new Map<string, Metric>();
  private readonly made: MakeMetric;
  readonly requests: Metric;
  readonly failed: Metric;
  readonly duration: Metric;
  readonly blocked: Metric;
  readonly waiting: Metric;
  readonly receiving: Metric;
  readonly iterations: Metric;
  readonly iterationDuration: Metric;
  readonly dropped: Metric;
  readonly dataReceived: Metric;
  readonly dataSent: Metric;
  readonly checks: Metric;
  readonly groupDuration: Metric;
  readonly vus: Metric;
  readonly vusMax: Metric;

  /** `made`: what a metric is, where it is no sink of its own. */
  constructor(made: MakeMetric = (...of) => new Metric(...of)) {
    this.made = made;
    for (const [name, type, contains = 'default'] of BUILTINS)
      this.byName.set(name, made(name, type, contains));
    this.requests = this.builtin('http_reqs');
    this.failed = this.builtin('http_req_failed');
    this.duration = this.builtin('http_req_duration');
    this.blocked = this.builtin('http_req_blocked');
    this.waiting = this.builtin('http_req_waiting');
    this.receiving = this.builtin('http_req_receiving');
    this.iterations = this.builtin('iterations');
    this.iterationDuration = this.builtin('iteration_duration');
    this.dropped = this.builtin('dropped_iterations');
    this.dataReceived = this.builtin('data_received');
    this.dataSent = this.builtin('data_sent');
    this.checks = this.builtin('checks');
    this.groupDuration = this.builtin('group_duration');
    this.vus = this.builtin('vus');
    this.vusMax = this.builtin('vus_max');
  }

  get(name: string): Metric | undefined {
    return this.byName.get(name);
  }

  all(): Iterable<Metric> {
    return this.byName.values();
  }

  /** The metric of that name, made at its first mention. Throws when it is there with another type, or the name is no metric's. */
  define(name: string, type: MetricType, contains: MetricContains): Metric {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]{1,127}$/.test(name)) throw new Error(`Invalid metric name: '${name}'`);
    const known = this.byName.get(name);
    if (known === undefined) {
      const metric = this.made(name, type, contains);
      this.byName.set(name, metric);
      return metric;
    }
    if (known.type !== type) {
      throw new Error(`metric '${name}' already exists but with type ${known.type}, instead of ${type}`);
    }
    return known;
  }

  private builtin(name: string): Metric {
    const metric = this.byName.get(name);
    if (metric === undefined) throw new Error(`${name} is not a built-in metric`);
    return metric;
  }
}

/** `name{tag:value,…}` in its parts. Throws when the braces do not match or a tag has no value (k6 `metrics.ParseMetricName`). */
export function parseMetricName(text: string): { name: string; tags: SubMetric['tags'] } {
  const open = text.indexOf('{');
  if (open === -1 && !text.includes('}')) return { name: text, tags: [] };
  if (open === -1 || !text.endsWith('}')) throw new Error(`malformed metric name "${text}"`);
  const tags = text
    .slice(open + 1, -1)
    .split(',')
    .map((part) => tagOf(part, text));
  return { name: text.slice(0, open).trim(), tags };
}

function tagOf(part: string, text: string): readonly [string, string] {
  const colon = part.indexOf(':');
  if (colon === -1 || part.slice(colon + 1).trim() === '')
    throw new Error(`malformed metric name "${text}"; tag "${part}" has no value`);
  return [unquoted(part.slice(0, colon)), unquoted(part.slice(colon + 1))];
}

function unquoted(text: string): string {
  return text.trim().replace(/^["']|["']$/g, '');
}
