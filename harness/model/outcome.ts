/**
 * The one place that decides what an answer means: ok, fail or info, as in Jepsen.
 * Dependency-free: the scenarios use it too.
 */

/** `ok`: the endpoint said it is done. `fail`: this attempt certainly caused nothing. `info`: it may or may not have. */
export type Outcome = 'ok' | 'fail' | 'info';

/** Statuses below 500 that say nothing about the effect: a time-out, too early, too many, client gone. */
const INDEFINITE: ReadonlySet<number> = new Set([408, 425, 429, 499]);

/** `status` 0 or absent: no answer came (time-out, reset). `by` proxy: a hop answered in its own name, which proves nothing. */
export function outcomeOf(status: number | undefined, by: 'server' | 'proxy' = 'server'): Outcome {
  if (status === undefined || status < 200) return 'info';
  if (by === 'proxy') return 'info';
  if (status < 300) return 'ok';
  if (status < 400) return 'info';
  return status >= 500 || INDEFINITE.has(status) ? 'info' : 'fail';
}

/** The `error` of an attempt that the harness itself ended, since the time of the run was over: it says nothing of the endpoint. */
export const GAVE_UP = 'GAVE_UP';
