import { LONGEST_MS } from '../timed-queue.ts';

/** Something that a toxic holds back. */
export interface Hold {
  readonly ended: Promise<void>;
  /** Ends it now. */
  end(): void;
}

/** Calls back after `ms`; gives back how to call it off. */
export type After = (ms: number, call: () => void) => () => void;

const REAL_TIMERS: After = (ms, call) => {
  const timer = setTimeout(call, Math.min(ms, LONGEST_MS));
  return () => clearTimeout(timer);
};

/** What the toxics hold back: each hold ends by its time, by its toxic's end, or when the proxy drops everything. */
export class Holds {
  readonly #after: After;
  readonly #held = new Map<string, Set<() => void>>();

  constructor(after: After = REAL_TIMERS) {
    this.#after = after;
  }

  /** `ms` may be Infinity. */
  hold(toxic: string, ms: number): Hold {
    const held = this.#held.get(toxic) ?? new Set();
    this.#held.set(toxic, held);
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      const callOff = ms === Number.POSITIVE_INFINITY ? undefined : this.#after(ms, () => end());
      end = () => {
        callOff?.();
        held.delete(end);
        resolve();
      };
      held.add(end);
    });
    return { ended, end };
  }

  release(toxic: string): void {
    for (const end of this.#held.get(toxic) ?? []) end();
    this.#held.delete(toxic);
  }

  releaseAll(): void {
    for (const toxic of this.#held.keys()) this.release(toxic);
  }
}
