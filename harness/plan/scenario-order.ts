/**
 * What each scenario finds and how long it takes, as data: a budget takes what finds most a second first. The figures
 * come from the wrong editions of the reference server (test/trust/scenario-order.ts measures them); the order decides what a
 * budget leaves out.
 */

import type { VerdictWord } from '../model/verdict.ts';
import { isScenarioName, type ScenarioName } from './plan.ts';

export interface ScenarioFigures {
  /** Wrong editions of the server that it found, of all of them. */
  readonly found: number;
  /** What it took on the right one with all of its parts, settling included. */
  readonly seconds: number;
}

/**
 * Found: the first four as measured, seed 1; the others by the editions that each is made to meet (test/end-to-end/defects.test.ts).
 * Seconds: rounded, of two cores.
 */
export const SCENARIO_FIGURES: Readonly<Record<ScenarioName, ScenarioFigures>> = {
  'double-click': { found: 6, seconds: 4 },
  'duplicated-requests': { found: 6, seconds: 4 },
  'lost-answer': { found: 6, seconds: 12 },
  'retry-storm': { found: 7, seconds: 20 },
  'key-expiry': { found: 3, seconds: 6 },
  'key-reuse': { found: 4, seconds: 6 },
  'near-zero': { found: 3, seconds: 6 },
  soak: { found: 7, seconds: 12 },
};

/** A scenario that a budget had no time for. */
export interface LeftOut {
  readonly scenario: string;
  readonly why: string;
  /** It was asked for by name: without it nothing is proved. */
  readonly wasNamed: boolean;
}

/** What it does to the word over all. */
export function wordOfLeft({ wasNamed }: LeftOut): VerdictWord[] {
  return wasNamed ? ['unknown'] : [];
}

/** A script of one's own, of which nothing is known. */
const UNKNOWN: ScenarioFigures = { found: 0, seconds: 30 };
/** Beside the load: parts that start, faults that end, settling and reading back. */
const AROUND_SECONDS = 4;

/** Those that find most a second first; scripts of one's own last, in the order in which they were named. */
export function byDetection(scenarios: readonly string[]): string[] {
  const rate = (scenario: string): number => {
    const { found, seconds } = figuresOf(scenario);
    return found / seconds;
  };
  return scenarios.toSorted((one, two) => rate(two) - rate(one));
}

/** About how long a run of it takes, ms; `durationMs`: what its load was asked to take. */
export function estimateMs(scenario: string, durationMs?: number): number {
  return (durationMs === undefined ? figuresOf(scenario).seconds : durationMs / 1000 + AROUND_SECONDS) * 1000;
}

function figuresOf(scenario: string): ScenarioFigures {
  return isScenarioName(scenario) ? SCENARIO_FIGURES[scenario] : UNKNOWN;
}
