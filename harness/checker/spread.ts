/** How simultaneous the requests were that were meant to be. */

import { completedAt, type Attempt } from './customer.ts';
import type { Histogram } from './latency.ts';

/** Requests that left at most so far apart were meant to be simultaneous, ms. */
const TOGETHER_MS = 5;

/** How far apart the first and the last of simultaneous requests came in at the server, in µs; faults apart. */
export function measureSpread(attempts: readonly Attempt[], spread: Histogram): void {
  if (attempts.length < 2) return;
  let group: number[] = [];
  let from = -Infinity;
  let until = Infinity;
  const close = () => {
    if (group.length > 1) spread.record((Math.max(...group) - Math.min(...group)) * 1000);
    group = [];
    until = Infinity;
  };
  for (const attempt of [...attempts].sort((one, two) => one.invoke.at - two.invoke.at)) {
    const { at } = attempt.invoke;
    if (at - from > TOGETHER_MS || at > until) close();
    if (group.length === 0) from = at;
    until = Math.min(until, completedAt(attempt));
    const arrival = attempt.arrivals.find(({ copy }) => copy === 0);
    if (arrival && (arrival.faults ?? []).length === 0) group.push(arrival.at);
  }
  close();
}
