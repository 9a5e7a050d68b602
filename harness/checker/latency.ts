/**
 * A log-linear histogram: bounded memory, at most 1.6 % error, mergeable.
 * Each power of two is cut into 32 equal parts; values are held in thousandths of their unit.
 */

const PARTS = 32;
const POWERS = 40;

/** What a histogram holds, as plain data. */
export interface HistogramCells {
  readonly counts: Uint32Array;
  readonly count: number;
  readonly max: number;
}

export class Histogram {
  readonly #counts = new Uint32Array(PARTS * POWERS);
  #count = 0;
  #max = 0;

  /** A value >= 0, e.g. ms; below 0 counts as 0. */
  record(value: number): void {
    const positive = value > 0 ? value : 0;
    const index = indexOf(positive * 1000);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count += 1;
    if (positive > this.#max) this.#max = positive;
  }

  get count(): number {
    return this.#count;
  }

  /** The largest value, exact; 0 where there is none. */
  get max(): number {
    return this.#max;
  }

  /** The value below which this share (0 to 1) lies, to 1.6 %; 0 where there is none. */
  quantile(share: number): number {
    if (this.#count === 0) return 0;
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (let index = 0; index < this.#counts.length; index++) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) return Math.min(middleOf(index) / 1000, this.#max);
    }
    return this.#max;
  }

  merge(other: Histogram): void {
    this.add(other.cells());
  }

  /** Its values as plain data. */
  cells(): HistogramCells {
    return { counts: this.#counts, count: this.#count, max: this.#max };
  }

  add({ counts, count, max }: HistogramCells): void {
    for (let index = 0; index < this.#counts.length; index++)
      this.#counts[index] = (this.#counts[index] ?? 0) + (counts[index] ?? 0);
    this.#count += count;
    this.#max = Math.max(this.#max, max);
  }
}

/** Values below PARTS have a cell each; above, `PARTS` cells to each power of two. */
function indexOf(value: number): number {
  const whole = Math.floor(value);
  if (whole < PARTS) return whole;
  const power = Math.floor(Math.log2(whole));
  const part = Math.floor(whole / 2 ** (power - 5)) - PARTS;
  return Math.min((power - 4) * PARTS + part, PARTS * POWERS - 1);
}

function middleOf(index: number): number {
  if (index < PARTS) return index;
  const width = 2 ** (Math.floor(index / PARTS) - 1);
  return (PARTS + (index % PARTS)) * width + width / 2;
}
