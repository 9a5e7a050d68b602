/** The bound of a run: first the load is ended, then, after what settling may need, everything else. */

/** No timer of Node is longer. */
const LONGEST_MS = 2 ** 31 - 1;

export class TimeLimit {
  readonly #load = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];

  /** `reserveMs` of `maxTimeMs`, at most a third, are kept for settling; `giveUp` is called when all of it is over. */
  constructor(maxTimeMs: number | undefined, reserveMs: number, giveUp: () => void) {
    if (maxTimeMs === undefined) return;
    const loadMs = maxTimeMs - Math.min(reserveMs, maxTimeMs / 3);
    this.#timers.push(setTimeout(() => this.#load.abort(), Math.min(loadMs, LONGEST_MS)));
    this.#timers.push(setTimeout(() => this.#giveUp(giveUp), Math.min(maxTimeMs, LONGEST_MS)));
  }

  /** Aborts when no load may be sent any more. */
  get load(): AbortSignal {
    return this.#load.signal;
  }

  /** Something was cut short. */
  get isOver(): boolean {
    return this.#load.signal.aborted;
  }

  /** Whatever there was to do has been done. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #giveUp(giveUp: () => void): void {
    this.#load.abort();
    giveUp();
  }
}
