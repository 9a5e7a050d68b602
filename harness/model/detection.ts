/** Detection as numbers: what a selftest says of what would be caught, how soon, and with how little. selftest.json, schema 1. */

import type { VerdictWord } from './verdict.ts';

/** One way in which a server is looked at: a scenario under a fault schedule, or a sweep. */
export interface Way {
  readonly kind: 'run' | 'sweep';
  /** Of a run. */
  readonly scenario?: string;
  /** Name of a built-in fault schedule, of a run. */
  readonly faults?: string;
  /** Iterations, where not the scenario's own. */
  readonly intents?: number;
  readonly store: 'memory' | 'redis';
  readonly replicas: number;
  readonly profile: string;
}

/** A wrong edition of the bundled server, as its catalogue tells it. */
export interface DefectFacts {
  readonly name: string;
  readonly description: string;
  /** Why a sensible engineer would write it. */
  readonly reason?: string;
  /** Rules any of which catches it; the first is the one that is expected. */
  readonly rules: readonly string[];
  /** Numbers of docs/bug-classes.md. */
  readonly bugClasses: readonly number[];
  /** What must be there before it shows, e.g. `concurrency`. */
  readonly needs: readonly string[];
  /** The cheapest way that is known to show it. */
  readonly way: Way;
}

/** The name that the server without a defect has in a matrix. */
export const RIGHT = 'right';

/** One server, one way, one seed. */
export interface Cell {
  /** A defect's name, or `right`. */
  readonly subject: string;
  readonly way: Way;
  readonly seed: number;
}

/** What came of a cell. */
export interface CellResult extends Cell {
  readonly verdict: VerdictWord;
  /** Rules that were broken, each once. */
  readonly rules: readonly string[];
  /** The defect's rule that caught it: the first of its own rules that was broken. Absent: none was. */
  readonly caughtBy?: string;
  /** Requests that had been sent when the books of the first customer with such a violation were closed. */
  readonly requests?: number;
  /** From the run's start until then, seconds. */
  readonly seconds?: number;
  /** The whole of it, with start, settling and reports, seconds. */
  readonly tookSeconds: number;
  /** Of a verdict that is not what it ought to be: its first reason, or its first violation. */
  readonly why?: string;
  /** Where its run is kept; absent: it was as it ought to be, and was removed. */
  readonly dir?: string;
}

/** A cell that has no result: not begun when the time was over, not possible here, or broken off. */
export interface CellNotRun extends Cell {
  readonly why: string;
  /** The harness itself could not carry it through. */
  readonly hasFailed: boolean;
}

/** How one way did against one defect, over all seeds. */
export interface WayFigures {
  readonly way: string;
  readonly seeds: number;
  readonly caught: number;
  /** Medians over the seeds on which it was caught. */
  readonly requests?: number;
  readonly seconds?: number;
  /** The rule that caught it most often. */
  readonly rule?: string;
}

/** `missed`: caught on fewer than nine of ten seeds. `undecided`: what was not run, or was `unknown`, could make it so many. */
export type RowState = 'caught' | 'missed' | 'undecided';

export interface DetectionRow {
  readonly defect: DefectFacts;
  readonly state: RowState;
  /** Seeds on which at least one way caught it by one of its rules, of all. */
  readonly caught: number;
  readonly seeds: number;
  readonly ways: readonly WayFigures[];
  /** The way that caught it on the most seeds with the fewest requests. */
  readonly cheapest?: WayFigures;
  /** Rules that were broken although the catalogue does not name them for it. */
  readonly otherRules: readonly string[];
}

/** The right server on one way. */
export interface RightFigures {
  readonly way: string;
  readonly runs: number;
  readonly valid: number;
  /** Runs that were `invalid`: false alarms. */
  readonly alarms: number;
  readonly unknown: number;
}

/** 0 caught and no false alarm, 1 missed or a false alarm, 2 undecided, 3 the harness could not work. */
export type DetectionWord = 'caught' | 'missed' | 'undecided' | 'failed';

export interface Detection {
  readonly schema: 1;
  readonly result: DetectionWord;
  /** As it was asked for. */
  readonly command: string;
  /** Of the sources, where they lie in a git repository. */
  readonly commit?: string;
  readonly node: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly seeds: readonly number[];
  readonly rows: readonly DetectionRow[];
  readonly right: readonly RightFigures[];
  /** Runs of the right server that were not valid. */
  readonly alarms: readonly CellResult[];
  readonly notRun: readonly CellNotRun[];
  readonly cells: readonly CellResult[];
}

/** e.g. `double-click light`, `sweep redis`, `key-reuse none stripe`. What is as usual is not named. */
export function wayName(way: Way): string {
  const parts = way.kind === 'sweep' ? ['sweep'] : [way.scenario ?? '', way.faults ?? ''];
  if (way.store !== 'memory') parts.push(way.store);
  if (way.profile !== 'seed') parts.push(way.profile);
  if (way.replicas !== 2) parts.push(`${way.replicas} replica${way.replicas === 1 ? '' : 's'}`);
  return parts.join(' ');
}
