/**
 * How long settling and reading back go on. Until all faults have ended waiting is always right; from then on one bound
 * runs for all customers.
 */

/** Tries of an intent or a read-back whose turn comes when the bound is already over. */
const LATE_TRIES = 4;
/** So many in vain say enough: the others get one try each. */
const MANY = 100;

/** Before the next try, ms. */
export const pauseMs = (tries: number): number => Math.min(25 * 2 ** (tries - 1), 500);

export class Patience {
  readonly #settleMs: number;
  readonly #now: () => number;
  #healedAt: number | undefined;
  #vainCount = 0;

  /** `settleMs`: how long tries go on after all faults have ended. */
  constructor({ settleMs, now }: { readonly settleMs: number; readonly now: () => number }) {
    this.#settleMs = settleMs;
    this.#now = now;
  }

  /** All faults have ended: the bound runs. Gives the time, ms. */
  healed(): number {
    this.#healedAt = this.#now();
    return this.#healedAt;
  }

  /** An intent was left undecided, or a customer unread. */
  notedInVain(): void {
    this.#vainCount += 1;
  }

  /** Whoever comes to its turn late still gets a few tries, unless so many were in vain that the answer is known. */
  mayTryAgain(tries: number): boolean {
    if (!this.isOver()) return true;
    return tries < (this.#vainCount < MANY ? LATE_TRIES : 1);
  }

  isOver(): boolean {
    return this.#healedAt !== undefined && this.#now() - this.#healedAt >= this.#settleMs;
  }
}
