/** A few things that are used by one row at a time; who comes when all are in use waits. */
export class Lanes<T> {
  readonly all: readonly T[];
  readonly #free: T[];
  readonly #waiting: ((lane: T) => void)[] = [];

  constructor(all: readonly T[]) {
    this.all = all;
    this.#free = [...all];
  }

  async use<Result>(work: (lane: T) => Promise<Result>): Promise<Result> {
    const lane = this.#free.pop() ?? (await new Promise<T>((got) => this.#waiting.push(got)));
    try {
      return await work(lane);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lane);
      else next(lane);
    }
  }
}
