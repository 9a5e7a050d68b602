import { Holds, type After } from './holds.ts';

/** Name under which delays of copies are held; no toxic's end shortens them. */
const DELAY = '';

/** Planned copies of requests: counted from their planning until their answer is read. */
export class Copies {
  readonly #holds: Holds;
  readonly #byKey = new Map<string, number>();
  #count = 0;
  #epoch = 0;

  constructor(after?: After) {
    this.#holds = new Holds(after);
  }

  get count(): number {
    return this.#count;
  }

  countFor(key: string): number {
    return this.#byKey.get(key) ?? 0;
  }

  /**
   * Sends a copy when every `when` has come and `delayMs` are over; without either it is sent before this returns.
   * Resolves when its answer was read, or when the plan was dropped.
   */
  async plan(
    key: string | undefined,
    whens: readonly Promise<unknown>[],
    delayMs: number,
    send: () => Promise<unknown>,
  ): Promise<void> {
    const epoch = this.#epoch;
    this.#add(key, 1);
    try {
      if (whens.length > 0) await Promise.all(whens);
      if (delayMs > 0) await this.#holds.hold(DELAY, delayMs).ended;
      if (epoch === this.#epoch) await send();
    } finally {
      this.#add(key, -1);
    }
  }

  /** Forgets the copies that have not left yet. */
  drop(): void {
    this.#epoch += 1;
    this.#holds.releaseAll();
  }

  #add(key: string | undefined, change: number): void {
    this.#count += change;
    if (key === undefined) return;
    const count = this.countFor(key) + change;
    if (count === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, count);
  }
}
