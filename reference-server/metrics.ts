/** Counters and latencies for /metrics. Keys, customers and intents are never labels. */

import { Counter, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** `result`: `fresh`, `replay`, or the row of the contract that refused. */
  redeemed(result: string, seconds: number): void;
}

/** Metrics of one replica, in a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const redeems = new Counter({
    name: 'redeem_requests_total',
    help: 'Redeem requests by result.',
    labelNames: ['result'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'redeem_duration_seconds',
    help: 'Time to answer a redeem request.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    redeemed(result, took) {
      redeems.inc({ result });
      seconds.observe(took);
    },
  };
}
