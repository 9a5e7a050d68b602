/** Something that a toxic holds back. */
export interface Hold {
  readonly ended: Promise<void>;
  /** Ends it now. */
  end(): void;
}

/** What the toxics hold back: each hold ends by its time, by its toxic's end, or when the proxy drops everything. */
export class Holds {
  readonly #held = new Map<string, Set<() => void>>();

  /** `ms` may be Infinity. */
  hold(toxic: string, ms: number): Hold {
    const held = this.#held.get(toxic) ?? new Set();
    this.#held.set(toxic, held);
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => end(), ms);
      end = () => {
        clearTimeout(timer);
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
