/**
 * What time it was for a customer's keys: by the store's clock, which can jump, or by a clock of the customer's own,
 * which a hook has set. Everything as intervals, since nobody knows the very moment of a move.
 */

import type { ClockEvent } from '../history/events.ts';
import { completedAt, type Attempt, type TimedClock } from './customer.ts';

/** Closed interval, ms. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** How far the store's clock may be from the harness's where a clock that was set is compared with it, ms. */
const CLOCK_TOLERANCE_MS = 5000;
/** Of two readings of one running clock: each is rounded to a ms, and no two machines' seconds are quite the same. */
const ROUNDING_MS = 1;
const DRIFT = 0.0005;

/** By how much the store's clock was ahead of the harness's, as its jumps tell it. A jump lies between two events. */
export class StoreClock {
  /** Of a process's clock against another's, ms. */
  uncertaintyMs = 0;
  /** In order of time; each holds until the next one, at the latest. */
  readonly #points: { readonly at: number; readonly ahead: Span }[] = [];

  /** An event without a customer. Its value counts from its time; the move came after the event before it. */
  push({ at, valueMs, frozen }: ClockEvent): void {
    const aheadMs = Math.round(valueMs - at);
    // A clock that stands is ahead by another amount at every moment.
    const ahead = frozen ? { low: -Infinity, high: Infinity } : { low: aheadMs, high: aheadMs };
    let place = this.#points.length;
    while (place > 0 && (this.#points[place - 1]?.at ?? 0) > at) place -= 1;
    this.#points.splice(place, 0, { at, ahead });
  }

  /** All amounts by which it can have been ahead in [from, until]. */
  ahead(from: number, until: number): Span {
    let index = this.#firstAfter(from) - 1;
    let { low, high } = this.#points[index]?.ahead ?? { low: 0, high: 0 };
    for (index += 1; index < this.#points.length; index++) {
      const point = this.#points[index];
      if (point === undefined) break;
      low = Math.min(low, point.ahead.low);
      high = Math.max(high, point.ahead.high);
      // The first one after it is when its move was over at the latest.
      if (point.at > until) break;
    }
    return { low, high };
  }

  /** Whether it can have jumped in [from, until]. */
  canHaveJumped(from: number, until: number): boolean {
    if (this.#points.length === 0) return false;
    const { low, high } = this.ahead(from, until);
    return low !== high;
  }

  /** What two attempts may be nearer or further apart than they are written: those of one process are as they are. */
  between(one: Attempt, two: Attempt): number {
    return (one.invoke.via === 'settle') === (two.invoke.via === 'settle') ? 0 : this.uncertaintyMs;
  }

  /** What it can have counted from a moment of the first interval to one of the second. */
  elapsed(from: Span, until: Span): Span {
    const [first, last] = [this.ahead(from.low, from.high), this.ahead(until.low, until.high)];
    return {
      low: until.low - from.high + last.low - first.high,
      high: until.high - from.low + last.high - first.low,
    };
  }

  #firstAfter(at: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle]?.at ?? Infinity) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A customer's clock: the store's, until events of its own say otherwise; each of those lasts until the next. */
export class CustomerClock {
  readonly #own: readonly TimedClock[];
  readonly #store: StoreClock;

  constructor(own: readonly TimedClock[], store: StoreClock) {
    this.#own = own;
    this.#store = store;
  }

  /** Whether it can have been anything but a clock that runs evenly from the first attempt to the last's end. */
  canHaveMoved(from: Attempt, until: number): boolean {
    return this.#own.length > 0 || this.#store.canHaveJumped(from.invoke.at, until);
  }

  /** Age of a key that was accepted between `from`'s start and `until`'s end, as `attempt` met it. */
  age(from: Attempt, until: Attempt, attempt: Attempt): Span {
    if (!this.#own.some((clock) => isBefore(clock, attempt, 'end'))) {
      const accepted = { low: from.invoke.at, high: endOf(until) };
      const met = { low: attempt.invoke.at, high: endOf(attempt) };
      const { low, high } = this.#store.elapsed(accepted, met);
      const apart = this.#store.between(from, attempt);
      const slack = Math.max(0, met.high - accepted.low) * DRIFT + ROUNDING_MS + apart;
      return nonNegative(low - (Number.isFinite(slack) ? slack : 0), high + slack);
    }
    const first = this.#span(from, until);
    const now = this.#span(attempt, attempt);
    return nonNegative(now.low - first.high, now.high - first.low);
  }

  /** How old a key that is accepted with this attempt can be when the attempt ends. */
  ageInFlight(attempt: Attempt): Span {
    if (!this.#own.some((clock) => isBefore(clock, attempt, 'end')))
      return this.age(attempt, attempt, attempt);
    const { low, high } = this.#span(attempt, attempt);
    return nonNegative(0, high - low);
  }

  /** The greatest age that the store's clock can have given to a key between its acceptance with `from` and `attempt`. */
  oldest(from: Attempt, attempt: Attempt): number {
    const [since, until] = [from.invoke.at, endOf(attempt)];
    const { low } = this.#store.ahead(since, since);
    return Math.max(
      0,
      until - since + this.#store.ahead(since, until).high - low + this.#store.between(from, attempt),
    );
  }

  /** Whether it ran all the while, instead of standing where a hook had put it. */
  ranDuring(attempt: Attempt): boolean {
    const before = this.#own.filter((clock) => isBefore(clock, attempt, 'end'));
    return before.every((clock, index) => {
      const next = before[index + 1];
      return !clock.event.frozen || (next !== undefined && isBefore(next, attempt, 'start'));
    });
  }

  movedBetween(from: Attempt, attempt: Attempt): boolean {
    return (
      this.#own.some((clock) => !isBefore(clock, from, 'start') && isBefore(clock, attempt, 'end')) ||
      this.#store.canHaveJumped(from.invoke.at, endOf(attempt))
    );
  }

  /** All values that the clock can have shown from the start of one attempt to the end of another. */
  #span(from: Attempt, until: Attempt): Span {
    let low = Infinity;
    let high = -Infinity;
    const add = (span: Span) => {
      low = Math.min(low, span.low);
      high = Math.max(high, span.high);
    };
    const end = endOf(until);
    let current: number | undefined;
    for (const [index, clock] of this.#own.entries()) {
      if (!isBefore(clock, until, 'end')) break;
      // The values up to this event count when it came while the attempt was in flight.
      if (!isBefore(clock, from, 'start')) add(this.#values(current, from.invoke.at, clock.event.at));
      current = index;
    }
    const since = current === undefined ? 0 : (this.#own[current]?.event.at ?? 0);
    add(this.#values(current, Math.max(from.invoke.at, since), end));
    // A move is written when it is over: it may have begun right after the event before it.
    const next = this.#own.find((clock) => !isBefore(clock, until, 'end'));
    if (next) add({ low: next.event.valueMs, high: next.event.valueMs });
    return { low, high };
  }

  /** What the clock showed in [from, until] by the event of this number; undefined: the store's time. */
  #values(index: number | undefined, from: number, until: number): Span {
    const clock = index === undefined ? undefined : this.#own[index]?.event;
    if (index === undefined || clock === undefined) {
      const { low, high } = this.#store.ahead(from, until);
      return { low: from + low - CLOCK_TOLERANCE_MS, high: until + high + CLOCK_TOLERANCE_MS };
    }
    const { low, high } = this.#standing(index, clock, from, until);
    // Nobody knows when the move that it speaks of came, or whether it came at all.
    if (clock.next === undefined) return { low, high };
    const ran = this.#store.elapsed({ low: clock.at, high: until }, { low: from, high: until });
    const ranMs = clock.next.frozen ? 0 : Math.max(0, ran.high) * (1 + DRIFT) + ROUNDING_MS;
    return { low: Math.min(low, clock.next.valueMs), high: Math.max(high, clock.next.valueMs + ranMs) };
  }

  #standing(index: number, clock: ClockEvent, from: number, until: number): Span {
    if (clock.frozen) return { low: clock.valueMs, high: clock.valueMs };
    // It runs from this value since some moment between the event before and this one.
    const before = this.#own[index - 1]?.event.at ?? clock.at - CLOCK_TOLERANCE_MS;
    const { low, high } = this.#store.elapsed({ low: before, high: clock.at }, { low: from, high: until });
    const slack = Math.max(0, until - before) * DRIFT + ROUNDING_MS;
    return { low: clock.valueMs + Math.min(high, low) - slack, high: clock.valueMs + high + slack };
  }
}

/**
 * By when the server had looked at the key for the last time, as far as it was seen: a client that gives up does not
 * stop it, and a copy can come after a refusal.
 */
export function endOf(attempt: Attempt): number {
  const end = completedAt(attempt);
  if (attempt.complete?.outcome === 'ok') return end;
  return attempt.arrivals.reduce((latest, { at, endedAt }) => Math.max(latest, endedAt ?? at), end);
}

/** Ties in time are decided by the order of the lines: clock and attempts of a customer have one writer. */
function isBefore(clock: TimedClock, attempt: Attempt, edge: 'start' | 'end'): boolean {
  const at = edge === 'start' ? attempt.invoke.at : endOf(attempt);
  if (clock.event.at !== at) return clock.event.at < at;
  return clock.seq < (edge === 'start' ? attempt.seq : attempt.completeSeq);
}

function nonNegative(low: number, high: number): Span {
  return { low: Math.max(0, low), high: Math.max(0, high) };
}
