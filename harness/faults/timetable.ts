/** From rules to a timetable: when which fault begins and ends, decided by hash, bounded in count and in downtime. */

import { below, uniform } from '../model/decide.ts';
import type { FaultKind } from '../history/events.ts';
import { isClockFault, type Place, type TimedRule } from './fault-rule.ts';
import { areRivalOutages, mayOverlap } from './overlap.ts';
import type { TimedFault } from './timed-fault.ts';

export interface TimetableOptions {
  readonly seed: string;
  readonly replicas: number;
  /** No fault ends later than this, ms. */
  readonly horizonMs: number;
}

/** Of one run; heavy needs about 340 a minute. */
export const MAX_TIMED_FAULTS = 20_000;
/** A pause after each outage, in units of its length: outages are at most a third of the time. */
const REST_PER_OUTAGE = 2;
const MIN_REST_MS = 300;
const FIRST_SHIFT_MS = 300;
/** How far a fault is moved back at most. */
const LONGEST_WAIT_MS = 60_000;

/** The kind of a fault by its place. */
export const KINDS: Readonly<Record<Place, FaultKind>> = {
  edge: 'edge',
  'store-path': 'store-path',
  replica: 'server',
  store: 'store',
};

/**
 * Sorted by start. A fault that may not be on with another one (see overlap.ts) is moved back behind it; behind an
 * outage another one also keeps a rest, unless both rules let them overlap. So by default never two parts are dead by
 * plan, and downtime stays under 35 %. One that finds no turn within a minute is left out. What is planned does not
 * depend on the horizon: a longer run begins with the faults of a shorter one.
 */
export function timetable(rules: readonly TimedRule[], options: TimetableOptions): readonly TimedFault[] {
  const wanted = rules.flatMap((rule) => occurrences(rule, options)).toSorted(byStart);
  const placed: TimedFault[] = [];
  let near: TimedFault[] = [];
  for (const fault of wanted) {
    if (placed.length >= MAX_TIMED_FAULTS) break;
    near = near.filter((other) => freeAfter(other, REST_PER_OUTAGE) > fault.startMs);
    const startMs = firstTurn(fault, near);
    if (startMs - fault.startMs > LONGEST_WAIT_MS || startMs >= options.horizonMs) continue;
    const turn = { ...fault, startMs };
    near.push(turn);
    if (startMs + fault.durationMs <= options.horizonMs) placed.push(turn);
  }
  return placed.toSorted(byStart);
}

/** The earliest start, not before the wanted one, at which it disturbs none of `others` and none of them it. */
function firstTurn(wanted: TimedFault, others: readonly TimedFault[]): number {
  const rivals = others.filter((other) => !mayOverlap(wanted, other));
  for (let fault = wanted; ;) {
    const { startMs } = fault;
    const rival = rivals.find((other) => {
      const rest = restBetween(fault, other);
      return startMs < freeAfter(other, rest) && other.startMs < freeAfter(fault, rest);
    });
    if (rival === undefined) return startMs;
    fault = { ...fault, startMs: freeAfter(rival, restBetween(fault, rival)) };
  }
}

/** In units of the earlier one's length. */
function restBetween(one: TimedFault, other: TimedFault): number {
  return areRivalOutages(one, other) ? REST_PER_OUTAGE : 0;
}

/** When the next one may begin, with a rest of so many times its length. */
function freeAfter({ startMs, durationMs }: TimedFault, rest: number): number {
  const restMs = rest === 0 ? 1 : Math.max(MIN_REST_MS, rest * durationMs);
  return startMs + durationMs + restMs;
}

function byStart(a: TimedFault, b: TimedFault): number {
  return a.startMs - b.startMs;
}

function occurrences(
  rule: TimedRule,
  { seed, replicas, horizonMs }: TimetableOptions,
): readonly TimedFault[] {
  const faults: TimedFault[] = [];
  const { every = Number.POSITIVE_INFINITY, times = MAX_TIMED_FAULTS } = rule;
  for (let n = 0; n < Math.min(times, MAX_TIMED_FAULTS); n++) {
    const base = n === 0 ? rule.after : rule.after + n * every;
    if (base >= horizonMs) break;
    const shift = Math.floor(uniform(seed, rule.name, 'start', n) * longestShiftMs(rule, n));
    const replica =
      rule.where === 'store' || rule.what === 'rolling-restart'
        ? undefined
        : (rule.replica ?? 1 + below(replicas, seed, rule.name, 'replica', n));
    faults.push(faultOf(rule, n, base + shift, seed, replica));
  }
  return faults;
}

/** The first one comes soon, so that a run of a few seconds meets it. */
function longestShiftMs({ every }: TimedRule, n: number): number {
  if (every === undefined) return 0;
  return n === 0 ? Math.min(every / 2, FIRST_SHIFT_MS) : every / 2;
}

function faultOf(
  rule: TimedRule,
  n: number,
  startMs: number,
  seed: string,
  replica: number | undefined,
): TimedFault {
  const [from, to] = typeof rule.for === 'number' ? [rule.for, rule.for] : rule.for;
  return {
    id: `${rule.name}#${n + 1}`,
    name: rule.name,
    kind: isClockFault({ action: rule.what }) ? 'clock' : KINDS[rule.where],
    action: rule.what,
    where: rule.where,
    ...(replica !== undefined && { replica }),
    startMs,
    durationMs: from + below(to - from + 1, seed, rule.name, 'length', n),
    ...(rule.stream !== undefined && { stream: rule.stream }),
    detail: rule.detail ?? {},
    ...(rule.overlap !== undefined && { overlap: rule.overlap }),
  };
}
