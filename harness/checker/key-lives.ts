/**
 * The life of a key by the customer's clock: when it was first accepted, how old it was at each attempt, and how
 * often the contract let it be new again. All of it as intervals: nothing is claimed inside the uncertainty.
 */

import type { ArrivalEvent } from '../history/events.ts';
import { keyPhase, type Contract } from '../model/contract.ts';
import { CustomerClock, endOf, type Span, type StoreClock } from './clocks.ts';
import { completedAt, isOwn, type Attempt, type Customer } from './customer.ts';
import { isOnly } from '../model/refusals.ts';

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
  /** The clock ran while the attempt was under way. */
  readonly clockRan: boolean;
  /** A move of the customer's clock lies between the acceptance and this attempt. */
  readonly clockMoved: boolean;
  /** Another request of the key came while this one was under way, and the key it had accepted can have expired. */
  readonly canBeOutlived: boolean;
}

export interface KeyLife {
  readonly key: string;
  readonly attempts: readonly AgedAttempt[];
  /** How many debits the contract can have permitted under this key; Infinity where it promises nothing. */
  readonly maxLives: number;
}

export function keyLivesOf(
  customer: Customer,
  contract: Contract,
  store: StoreClock,
): ReadonlyMap<string, KeyLife> {
  const byKey = new Map<string, Attempt[]>();
  for (const attempt of customer.attempts) {
    if (attempt.keyKind !== 'key' || !isOwn(attempt)) continue;
    const group = byKey.get(attempt.key);
    if (group) group.push(attempt);
    else byKey.set(attempt.key, [attempt]);
  }
  const clock = new CustomerClock(customer.clocks, store);
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
        clockRan: true,
        clockMoved: false,
        canBeOutlived: false,
      })),
    };
  return new LifeReader(key, contract, clock).read(attempts);
}

/** By a clock that ran evenly, and with all attempts well inside one TTL, there is one life and nothing to work out. */
function isYoung(attempts: readonly Attempt[], contract: Contract, clock: CustomerClock): boolean {
  const [first] = attempts;
  if (attempts.length === 1 && (first?.arrivals.length ?? 0) < 2) return true;
  let last = 0;
  for (const attempt of attempts) {
    last = Math.max(last, endOf(attempt));
    if (attempt.arrivals.length > 1)
      for (const { at, endedAt } of attempt.arrivals) last = Math.max(last, endedAt ?? at);
  }
  if (first === undefined || clock.canHaveMoved(first, last)) return false;
  return contract.ttlMs === 'unspecified' || (last - first.invoke.at) * 1.001 + 2 < contract.ttlMs;
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
  /** Another request of the key came while the present attempt was under way. */
  #hasCompany = false;

  constructor(key: string, contract: Contract, clock: CustomerClock) {
    this.#key = key;
    this.#contract = contract;
    this.#clock = clock;
  }

  read(attempts: readonly Attempt[]): KeyLife {
    const copies = lateCopies(attempts);
    let next = 0;
    for (const [index, attempt] of attempts.entries()) {
      this.#hasCompany = attempt.arrivals.length > 1 || isBeside(attempt, attempts[index + 1]);
      for (let copy = copies[next]; copy && copy.invoke.at < attempt.invoke.at; copy = copies[++next])
        this.#arrived(copy);
      this.#next(attempt);
    }
    for (const copy of copies.slice(next)) this.#arrived(copy);
    return { key: this.#key, attempts: this.#aged, maxLives: this.#maxLives };
  }

  /** A copy that came when its request had been answered: it can start a life of its own. */
  #arrived(copy: Attempt): void {
    if (this.#from === undefined || this.#until === undefined) return;
    const age = this.#clock.age(this.#from, this.#until, copy);
    const oldest = this.#clock.oldest(this.#from, copy);
    if (!this.#mayBeNew(age.high) && !this.#mayBeNew(oldest)) return;
    this.#maxLives += this.#contract.expiredKey === 'unspecified' ? Infinity : 1;
    // From here on the acceptance lies anywhere from the old one to this copy's.
    this.#lifeIsCertain = false;
    this.#until = copy;
  }

  #next(attempt: Attempt): void {
    if (this.#from === undefined || this.#until === undefined) {
      this.#startLife(attempt, 'first', this.#clock.ageInFlight(attempt));
      return;
    }
    // Until a 2xx is known the acceptance may as well have come with this very attempt.
    if (this.#open) this.#until = attempt;
    const age = this.#clock.age(this.#from, this.#until, attempt);
    const oldest = this.#clock.oldest(this.#from, attempt);
    // A tombstone that was over for a moment may be gone, also where the store's clock has jumped back since.
    const wasNew = this.#mayBeNew(oldest) && !this.#mayBeNew(age.high);
    const phase = wasNew ? 'uncertain' : this.#phaseOf(age);
    if (mayAccept(attempt) && (wasNew || this.#mayBeNew(age.high))) {
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
    if (this.#open || endOf(attempt) < endOf(this.#until)) this.#until = attempt;
    this.#open = false;
  }

  #startLife(attempt: Attempt, phase: 'first' | 'new', age: Span | undefined): void {
    // The move that made the key new lies between its earlier life and this attempt.
    const earlier = this.#from;
    // What came beside it can have been accepted, and be new again, before the server looked at this one.
    if (this.#hasCompany && this.#mayBeNew(this.#clock.ageInFlight(attempt).high))
      this.#maxLives += this.#contract.expiredKey === 'unspecified' ? Infinity : 1;
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
    const clockRan = this.#clock.ranDuring(attempt);
    const canBeOutlived =
      this.#hasCompany && keyPhase(this.#contract, this.#clock.ageInFlight(attempt).high) !== 'live';
    this.#aged.push({ attempt, age, phase, life, clockRan, clockMoved, canBeOutlived });
  }

  #phaseOf(age: Span): Phase {
    const [young, old] = [keyPhase(this.#contract, age.low), keyPhase(this.#contract, age.high)];
    return young === old && young !== 'unspecified' ? young : 'uncertain';
  }

  #mayBeNew(ageMs: number): boolean {
    const oldest = keyPhase(this.#contract, ageMs);
    return oldest === 'new' || (oldest === 'unspecified' && this.#contract.ttlMs !== 'unspecified');
  }
}

/** Later arrivals of requests as attempts of their own, in order of time: nobody was told how they ended. */
function lateCopies(attempts: readonly Attempt[]): Attempt[] {
  const copies: Attempt[] = [];
  for (const attempt of attempts) {
    if (attempt.arrivals.length < 2) continue;
    const end = attempt.complete?.outcome === 'ok' ? completedAt(attempt) : Infinity;
    for (const arrival of attempt.arrivals) {
      const until = arrival.endedAt ?? arrival.at;
      // What was over with the request itself is part of it.
      if (until <= end && attempt.complete?.outcome === 'ok') continue;
      if (arrival === attempt.arrivals[0]) continue;
      copies.push({
        ...attempt,
        invoke: { ...attempt.invoke, at: arrival.at },
        complete: { type: 'complete', at: until, attempt: attempt.id, outcome: 'info', by: 'server' },
        arrivals: [arrival],
      });
    }
  }
  return copies.sort((one, two) => one.invoke.at - two.invoke.at);
}

/** The next one came before this one was over. */
function isBeside(attempt: Attempt, next: Attempt | undefined): boolean {
  return next !== undefined && next.invoke.at <= endOf(attempt);
}

/** Whether the server can have accepted the key with this attempt; a copy of a refused request can have been. */
function mayAccept(attempt: Attempt): boolean {
  return attempt.complete?.outcome !== 'fail' || attempt.arrivals.length > 1;
}

/** A 2xx was given for this attempt, whether the client saw it or not. */
function isConfirmed(attempt: Attempt): boolean {
  if (attempt.complete?.outcome === 'ok') return true;
  return attempt.arrivals.some(isConfirming);
}

/** The endpoint gave a 2xx to this arrival. */
export function isConfirming({ answer }: ArrivalEvent): boolean {
  return answer !== undefined && answer >= 200 && answer < 300;
}

/** By the end of this attempt the key had been accepted, by it or by another one. */
function provesAcceptance(attempt: Attempt, contract: Contract): boolean {
  if (isConfirmed(attempt)) return true;
  if (attempt.complete === undefined || !isOnly(contract, attempt.complete, 'inFlight')) return false;
  // "In progress" can be about another key of the same redemption.
  return attempt.intent.attempts.every(({ key }) => key === attempt.key);
}
