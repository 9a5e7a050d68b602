/** From rules to a timetable: when which fault begins and ends, decided by hash, bounded in count and in downtime. */

import { below, uniform } from '../decide.ts';
import type { FaultKind } from '../history.ts';
import { isOutage, type Place, type TimedAction, type TimedRule } from './fault-rule.ts';

/** One timed fault of a run: plain data. */
export interface TimedFault {
  /** `<rule>#<n>`, n from 1; the `id` of its events. */
  readonly id: string;
  readonly name: string;
  readonly kind: FaultKind;
  readonly action: TimedAction;
  readonly where: Place;
  /** Which replica, from 1; absent for the store. */
  readonly replica?: number;
  /** After the nemesis' start, ms. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly stream?: 'upstream' | 'downstream';
  readonly detail: Readonly<Record<string, unknown>>;
}

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

const KINDS: Readonly<Record<Place, FaultKind>> = {
  edge: 'edge',
  'store-path': 'store-path',
  replica: 'server',
  store: 'store',
};

/**
 * Sorted by start. Outages (kill, pause, down, timeout) never overlap each other: one that would is moved back behind
 * the one before and its rest, so that never two replicas are dead by plan and downtime stays under 35 %.
 */
export function timetable(rules: readonly TimedRule[], options: TimetableOptions): readonly TimedFault[] {
  const wanted = rules.flatMap((rule) => occurrences(rule, options)).toSorted(byStart);
  const placed: TimedFault[] = [];
  let freeMs = 0;
  for (const { fault, isOutage } of wanted) {
    if (placed.length >= MAX_TIMED_FAULTS) break;
    const startMs = isOutage ? Math.max(fault.startMs, freeMs) : fault.startMs;
    const endMs = startMs + fault.durationMs;
    if (endMs > options.horizonMs) continue;
    if (isOutage) freeMs = endMs + Math.max(MIN_REST_MS, REST_PER_OUTAGE * fault.durationMs);
    placed.push({ ...fault, startMs });
  }
  return placed.toSorted((a, b) => a.startMs - b.startMs);
}

interface Wanted {
  readonly fault: TimedFault;
  readonly isOutage: boolean;
}

function byStart(a: Wanted, b: Wanted): number {
  return a.fault.startMs - b.fault.startMs;
}

function occurrences(rule: TimedRule, { seed, replicas, horizonMs }: TimetableOptions): readonly Wanted[] {
  const faults: Wanted[] = [];
  const every = rule.every ?? Number.POSITIVE_INFINITY;
  for (let n = 0; n < MAX_TIMED_FAULTS; n++) {
    const base = n === 0 ? rule.after : rule.after + n * every;
    if (base >= horizonMs) break;
    const shift = Math.floor(uniform(seed, rule.name, 'start', n) * longestShiftMs(rule, n));
    const replica =
      rule.where === 'store'
        ? undefined
        : (rule.replica ?? 1 + below(replicas, seed, rule.name, 'replica', n));
    faults.push({ fault: faultOf(rule, n, base + shift, seed, replica), isOutage: isOutage(rule) });
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
    kind: KINDS[rule.where],
    action: rule.what,
    where: rule.where,
    ...(replica !== undefined && { replica }),
    startMs,
    durationMs: from + below(to - from + 1, seed, rule.name, 'length', n),
    ...(rule.stream !== undefined && { stream: rule.stream }),
    detail: rule.detail ?? {},
  };
}
