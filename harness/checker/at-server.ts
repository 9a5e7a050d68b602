/** When requests were at the server: as the hop saw it, else as the client did. */

import type { ArrivalEvent } from '../history/events.ts';
import type { RunContext } from './case.ts';
import type { Attempt } from './customer.ts';

export interface Interval {
  readonly from: number;
  readonly until: number;
}

/** When the attempt, or a copy of it, was on its way to the server or there: as the hop saw it, else as the client did. */
export function atServer(attempt: Attempt, { capabilities }: RunContext): Interval[] {
  if (capabilities.arrivals)
    return attempt.arrivals
      .filter(reachedServer)
      .map(({ at, endedAt }) => ({ from: at, until: endedAt ?? at }));
  // Without an answer nobody knows how long it was there.
  const { complete, invoke } = attempt;
  return [{ from: invoke.at, until: complete?.at ?? invoke.at }];
}

/** A request that the hop lost is an arrival at the hop only. */
export function reachedServer({ upstream, answer }: ArrivalEvent): boolean {
  return upstream !== undefined || answer !== undefined;
}

/** Whether any two of them had a time in common; ones that only touch had none. Sorts them. */
export function hasOverlap(intervals: Interval[]): boolean {
  // Nearly always they are in order.
  if (intervals.some(({ from }, index) => from < (intervals[index - 1]?.from ?? -Infinity)))
    intervals.sort((one, two) => one.from - two.from);
  let until = -Infinity;
  for (const interval of intervals) {
    if (interval.from < until) return true;
    until = Math.max(until, interval.until);
  }
  return false;
}
