/**
 * The life of a key by the customer's clock: when it was first accepted, how old it was at each attempt, and how
 * often the contract let it be new again. All of it as intervals: nothing is claimed inside the uncertainty.
 */

import { keyPhase, type Contract } from '../contract.ts';
import type { ClockEvent } from '../history.ts';
import { completedAt, isOwn, type Attempt, type Customer, type TimedClock } from './customer.ts';
import { isOnly } from './refusals.ts';

/** Closed interval, ms. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

export type Phase = 'live' | 'expired' | 'new' | 'uncertain';

/** An attempt in the life of its key. */
export interface AgedAttempt {
  readonly attempt: Attempt;
  /** Age of the key when the server looked at it; undefined before it was first accepted. */
  readonly age: Span | undefined;
  /** `first`: no acceptance can have come before it. */
  readonly phase: Phase | 'first';
  /** Which life of the key, from 0; undefined where it is uncertain. */
  readonly life: number | undefined;
  /** A move of the customer's clock lies between the acceptance and this attempt. */
  readonly clockMoved: boolean;
}

export interface KeyLife {
  readonly key: string;
  readonly attempts: readonly AgedAttempt[];
  /** How many debits the contract can have permitted under this key; Infinity where it promises nothing. */
  readonly maxLives: number;
}

/** How far the store's clock may be from the harness's where no clock event tells, ms. */
const CLOCK_TOLERANCE_MS = 5000;

export function keyLivesOf(
  customer: Customer,
  contract: Contract,
  globalClocks: readonly TimedClock[],
): ReadonlyMap<string, KeyLife> {
  const byKey = new Map<string, Attempt[]>();
  for (const attempt of customer.attempts) {
    if (attempt.keyKind !== 'key' || !isOwn(attempt)) continue;
    const group = byKey.get(attempt.key);
    if (group) group.push(attempt);
    else byKey.set(attempt.key, [attempt]);
  }
  const clock = new CustomerClock(customer.clocks, globalClocks);
  const lives = new Map<string, KeyLife>();
  for (const [key, attempts] of byKey) lives.set(key, lifeOf(key, attempts, contract, clock));
  return lives;
}

function lifeOf(key: string, attempts: Attempt[], contract: Contract, clock: CustomerClock): KeyLife {
  if (attempts.length > 1) attempts.sort((one, two) => one.invoke.at - two.invoke.at || one.seq - two.seq);
  if (isYoung(attempts, contract, clock))
    return {
      key,
      maxLives: 1,
      attempts: attempts.map((attempt, index) => ({
        attempt,
        age: undefined,
        phase: index === 0 ? 'first' : 'live',
        life: 0,
        clockMoved: false,
      })),
    };
  return new LifeReader(key, contract, clock).read(attempts);
}

/** Without clock events, and with all attempts well inside one TTL, there is one life and nothing to work out. */
function isYoung(attempts: readonly Attempt[], contract: Contract, clock: CustomerClock): boolean {
  if (attempts.length === 1) return true;
  if (clock.hasEvents || contract.ttlMs === 'unspecified')
    return contract.ttlMs === 'unspecified' && !clock.hasEvents;
  let last = 0;
  for (const attempt of attempts)
    last = Math.max(last, attempt.complete === undefined ? Infinity : attempt.complete.at);
  return last - (attempts[0]?.invoke.at ?? 0) < contract.ttlMs;
}

class LifeReader {
  readonly #key: string;
  readonly #contract: Contract;
  readonly #clock: CustomerClock;
  readonly #aged: AgedAttempt[] = [];
  #life = -1;
  #maxLives = 1;
  /** Attempts in which the present life can have been accepted. */
  #from: Attempt | undefined;
  #until: Attempt | undefined;
  /** No confirmed answer has closed the interval of the acceptance yet. */
  #open = true;
  #lifeIsCertain = true;

  constructor(key: string, contract: Contract, clock: CustomerClock) {
    this.#key = key;
    this.#contract = contract;
    this.#clock = clock;
  }

  read(attempts: readonly Attempt[]): KeyLife {
    for (const attempt of attempts) this.#next(attempt);
    return { key: this.#key, attempts: this.#aged, maxLives: this.#maxLives };
  }

  #next(attempt: Attempt): void {
    if (this.#from === undefined || this.#until === undefined) {
      this.#startLife(attempt, 'first', this.#clock.hasEvents ? this.#clock.ageInFlight(attempt) : undefined);
      return;
    }
    // Until a 2xx is known the acceptance may as well have come with this very attempt.
    if (this.#open) this.#until = attempt;
    const age = this.#clock.age(this.#from, this.#until, attempt);
    const phase = this.#phaseOf(age);
    if (mayAccept(attempt) && this.#mayBeNew(age)) {
      this.#maxLives += this.#contract.expiredKey === 'unspecified' ? Infinity : 1;
      if (phase === 'new') {
        this.#startLife(attempt, phase, age);
        return;
      }
      // Accepted anew or not: from here on the acceptance lies anywhere from the old to this one.
      this.#lifeIsCertain = false;
      this.#until = attempt;
    }
    this.#push(attempt, phase, age);
    if (provesAcceptance(attempt, this.#contract)) this.#closeAcceptance(attempt);
  }

  /** The earliest answer that proves the acceptance bounds it. */
  #closeAcceptance(attempt: Attempt): void {
    if (!this.#lifeIsCertain || this.#until === undefined) return;
    if (this.#open || completedAt(attempt) < completedAt(this.#until)) this.#until = attempt;
    this.#open = false;
  }

  #startLife(attempt: Attempt, phase: 'first' | 'new', age: Span | undefined): void {
    // The move that made the key new lies between its earlier life and this attempt.
    const earlier = this.#from;
    if (mayAccept(attempt)) {
      this.#from = attempt;
      this.#until = attempt;
      this.#life += 1;
      this.#lifeIsCertain = true;
      this.#open = !isConfirmed(attempt);
    }
    this.#push(attempt, phase, age, earlier);
  }

  #push(attempt: Attempt, phase: Phase | 'first', age: Span | undefined, from = this.#from): void {
    const clockMoved = from !== undefined && this.#clock.movedBetween(from, attempt);
    const life = this.#lifeIsCertain && phase !== 'uncertain' ? Math.max(this.#life, 0) : undefined;
    this.#aged.push({ attempt, age, phase, life, clockMoved });
  }

  #phaseOf(age: Span): Phase {
    const [young, old] = [keyPhase(this.#contract, age.low), keyPhase(this.#contract, age.high)];
    return young === old && young !== 'unspecified' ? young : 'uncertain';
  }

  #mayBeNew(age: Span): boolean {
    const oldest = keyPhase(this.#contract, age.high);
    return oldest === 'new' || (oldest === 'unspecified' && this.#contract.ttlMs !== 'unspecified');
  }
}

/** Whether the server can have accepted the key with this attempt; a copy of a refused request can have been. */
function mayAccept(attempt: Attempt): boolean {
  return attempt.complete?.outcome !== 'fail' || attempt.arrivals.length > 1;
}

/** A 2xx was given for this attempt, whether the client saw it or not. */
function isConfirmed(attempt: Attempt): boolean {
  if (attempt.complete?.outcome === 'ok') return true;
  return attempt.arrivals.some(({ answer }) => answer !== undefined && answer >= 200 && answer < 300);
}

/** By the end of this attempt the key had been accepted, by it or by another one. */
function provesAcceptance(attempt: Attempt, contract: Contract): boolean {
  if (isConfirmed(attempt)) return true;
  if (attempt.complete === undefined || !isOnly(contract, attempt.complete, 'inFlight')) return false;
  // "In progress" can be about another key of the same redemption.
  return attempt.intent.attempts.every(({ key }) => key === attempt.key);
}

/** The customer's clock as segments: each lasts from one event to the next. */
class CustomerClock {
  readonly #events: readonly TimedClock[];

  constructor(own: readonly TimedClock[], global: readonly TimedClock[]) {
    this.#events =
      global.length === 0
        ? own
        : [...own, ...global].sort((one, two) => one.event.at - two.event.at || one.seq - two.seq);
  }

  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  /** Age of a key that was accepted between `from`'s start and `until`'s end, as `attempt` met it. */
  age(from: Attempt, until: Attempt, attempt: Attempt): Span {
    const accepted = { from: from.invoke.at, until: completedAt(until) };
    if (!this.#events.some((clock) => isBefore(clock, attempt, 'end')))
      return nonNegative(attempt.invoke.at - accepted.until, completedAt(attempt) - accepted.from);
    const first = this.#span(from, until);
    const now = this.#span(attempt, attempt);
    return nonNegative(now.low - first.high, now.high - first.low);
  }

  /** How old a key that is accepted with this attempt can be when the attempt ends. */
  ageInFlight(attempt: Attempt): Span {
    const { low, high } = this.#span(attempt, attempt);
    return nonNegative(0, high - low);
  }

  movedBetween(from: Attempt, attempt: Attempt): boolean {
    return this.#events.some((clock) => !isBefore(clock, from, 'start') && isBefore(clock, attempt, 'end'));
  }

  /** All values that the clock can have shown from the start of one attempt to the end of another. */
  #span(from: Attempt, until: Attempt): Span {
    let low = Infinity;
    let high = -Infinity;
    let current: ClockEvent | undefined;
    const add = (value: number, slack = 0) => {
      low = Math.min(low, value - slack);
      high = Math.max(high, value + slack);
    };
    const end = completedAt(until);
    for (const clock of this.#events) {
      if (!isBefore(clock, until, 'end')) break;
      // The values up to this event count when it came while the attempt was in flight.
      if (!isBefore(clock, from, 'start')) {
        addValues(add, current, from.invoke.at, clock.event.at);
      }
      current = clock.event;
    }
    addValues(add, current, Math.max(from.invoke.at, current?.at ?? 0), end);
    // A move is written when it is over: it may have begun right after the event before it.
    const next = this.#events.find((clock) => !isBefore(clock, until, 'end'));
    if (next) add(next.event.valueMs);
    return { low, high };
  }
}

function addValues(
  add: (value: number, slack?: number) => void,
  clock: ClockEvent | undefined,
  from: number,
  until: number,
): void {
  if (clock === undefined) {
    add(from, CLOCK_TOLERANCE_MS);
    add(until, CLOCK_TOLERANCE_MS);
  } else if (clock.frozen) add(clock.valueMs);
  else {
    add(clock.valueMs + Math.max(0, from - clock.at), CLOCK_TOLERANCE_MS);
    add(clock.valueMs + Math.max(0, until - clock.at), CLOCK_TOLERANCE_MS);
  }
}

/** Ties in time are decided by the order of the lines: clock and attempts of a customer have one writer. */
function isBefore(clock: TimedClock, attempt: Attempt, edge: 'start' | 'end'): boolean {
  const at = edge === 'start' ? attempt.invoke.at : completedAt(attempt);
  if (clock.event.at !== at) return clock.event.at < at;
  return clock.seq < (edge === 'start' ? attempt.seq : attempt.completeSeq);
}

function nonNegative(low: number, high: number): Span {
  return { low: Math.max(0, low), high: Math.max(0, high) };
}
