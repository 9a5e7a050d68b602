/** How long the process is kept from sleeping after bytes went through, ms: an answer from the same machine mostly comes sooner. */
const AWAKE_MS = 0.15;
/** With more connections a process hardly sleeps anyway, and what it would burn is wanted by others. */
const FEW_CONNECTIONS = 2;

export interface AwakeClock {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Calls back in the event loop's next turn, which then does not wait for anything. */
  readonly soon: (call: () => void) => void;
}

const REAL: AwakeClock = { now: () => performance.now(), soon: (call) => void setImmediate(call) };

/**
 * Keeps the event loop turning for a moment. A process that sleeps is woken late: on a quiet machine that is most of what a
 * proxy adds to a request. It costs up to `AWAKE_MS` of processor time for each call, so it is done for few connections only.
 */
export class Awake {
  readonly #clock: AwakeClock;
  #connectionCount = 0;
  #untilMs = 0;
  #isTurning = false;

  constructor(clock: AwakeClock = REAL) {
    this.#clock = clock;
  }

  opened(): void {
    this.#connectionCount += 1;
  }

  closed(): void {
    this.#connectionCount -= 1;
  }

  /** Bytes went through: what they ask for may come back soon. */
  stay(): void {
    if (this.#connectionCount > FEW_CONNECTIONS) return;
    this.#untilMs = this.#clock.now() + AWAKE_MS;
    if (this.#isTurning) return;
    this.#isTurning = true;
    this.#clock.soon(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isTurning = this.#clock.now() < this.#untilMs;
    if (this.#isTurning) this.#clock.soon(this.#turn);
  };
}
