/** The option `rps`: how many requests a second leave, over all VUs. */
import type { RunState } from './run-state.ts';

const LIMITS = new WeakMap<RunState, RateLimit>();

/** One request at a time, evenly spread, as k6's limiter lets them through. */
export class RateLimit {
  private readonly spacingMs: number;
  private nextAt = 0;

  constructor(perSecond: number) {
    this.spacingMs = 1_000 / perSecond;
  }

  /** Milliseconds that the request of `nowMs` has to wait; it holds its place from now on. */
  delayMs(nowMs: number): number {
    const at = Math.max(nowMs, this.nextAt);
    this.nextAt = at + this.spacingMs;
    return at - nowMs;
  }
}

/** How long a request of this run waits; 0 without the option. */
export function rateDelayMs(run: RunState): number {
  const { requestsPerSecond } = run.options;
  if (requestsPerSecond <= 0) return 0;
  let limit = LIMITS.get(run);
  if (limit === undefined) {
    limit = new RateLimit(requestsPerSecond);
    LIMITS.set(run, limit);
  }
  return limit.delayMs(performance.now());
}
