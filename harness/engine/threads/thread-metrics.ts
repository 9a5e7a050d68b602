/** The metrics of a VU in a thread of its own: samples go to the engine's, with the sub-metrics that they belong to. */
import { Metric, Registry, Sink, type MetricContains, type MetricType, type Tagged } from '../k6/metrics.ts';
import type { Link } from './link.ts';
import type { ThreadTask } from './messages.ts';

/** Counted where the connections are. */
const NOT_HERE: readonly string[] = ['data_sent', 'data_received'];

export function threadRegistry(link: Link, subs: ThreadTask['subs']): Registry {
  let made = 0;
  return new Registry((name, type, contains) => {
    if (NOT_HERE.includes(name)) return new Metric(name, type, contains);
    const metric = new SentMetric(link, made++, name, type, contains);
    for (const sub of subs.get(name) ?? []) metric.subs.push({ ...sub, sink: new Sink('counter') });
    return metric;
  });
}

class SentMetric extends Metric {
  private readonly link: Link;
  private readonly number: number;
  private isTold = false;

  constructor(link: Link, number: number, name: string, type: MetricType, contains: MetricContains) {
    super(name, type, contains);
    this.link = link;
    this.number = number;
  }

  override add(value: number, tagged: Tagged): void {
    const { link, number, name, type, contains } = this;
    if (!this.isTold) link.say({ kind: 'metric', number, name, type, contains });
    this.isTold = true;
    const places = this.subs.flatMap(({ tags }, place) =>
      tags.every(([tag, wanted]) => tagged.tag(tag) === wanted) ? [place] : [],
    );
    link.sample(number, value, places);
  }
}
