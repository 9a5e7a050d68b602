/** Holds each VU to its share of the requests a second that the endpoint's owner allows. */

/** So much of its share a VU may send at once, ms. */
const BURST_MS = 500;

/** Requests of one VU: on average one in `intervalMs`. */
export class Pace {
  readonly #intervalMs: number;
  /** When the requests so far would have been sent, one after the other. */
  #usedUntil = 0;
  #waitMs = 0;
  #companions = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** How long the next request has to wait from `at` on, ms. Those that leave together wait together: each asks, in one go. */
  waitMs(at: number, together = 1): number {
    if (this.#companions > 0) {
      this.#companions -= 1;
      return this.#waitMs;
    }
    this.#waitMs = Math.max(0, this.#usedUntil - BURST_MS - at);
    this.#usedUntil = Math.max(this.#usedUntil, at) + together * this.#intervalMs;
    this.#companions = together - 1;
    return this.#waitMs;
  }
}
