/** How long a run may take at most: what was asked for, else what its load can need when nothing of it is ever answered. */

import { durationMs } from '../base/duration.ts';
import { isScenarioName, type Workload } from './plan.ts';

/** Attempts of one intent by the client's policy, and its pauses before the factor, "in progress" included. ms */
const ATTEMPTS = 4;
const PAUSES_MS = 27_000;
/** Pursuits, reads and probes of one iteration, in pursuits. */
const PURSUITS = 2;
/** What the bundled scenarios do where nothing else is asked for, at most. */
const DEFAULT_INTENTS = 200;
const DEFAULT_VUS = 10;
const DEFAULT_DURATION_MS = 60_000;
const LEAST_MS = 20_000;

/** Undefined for a script of one's own without a duration: only its writer knows. ms */
export function maxTimeOf(
  scenario: string,
  load: Pick<Workload, 'intents' | 'vus' | 'duration' | 'timeoutMs' | 'backoffFactor'>,
  settleMs: number,
  asked?: string,
): number | undefined {
  if (asked !== undefined) return durationMs(asked);
  const { intents = DEFAULT_INTENTS, duration, timeoutMs, backoffFactor } = load;
  const vus = Math.min(load.vus ?? DEFAULT_VUS, intents);
  const iterationMs = PURSUITS * (ATTEMPTS * timeoutMs + PAUSES_MS * backoffFactor);
  const givenMs = duration === undefined ? undefined : durationMs(duration);
  if (givenMs === undefined && !isScenarioName(scenario)) return undefined;
  const isTimed = givenMs !== undefined || scenario === 'soak';
  const loadMs = isTimed
    ? (givenMs ?? DEFAULT_DURATION_MS) + iterationMs
    : Math.ceil(intents / vus) * iterationMs;
  return Math.max(LEAST_MS, Math.round(loadMs)) + reserveMs(settleMs, timeoutMs);
}

/** What settling and reading back may need after the load has ended. ms */
export function reserveMs(settleMs: number, timeoutMs: number): number {
  return settleMs + 4 * timeoutMs;
}
