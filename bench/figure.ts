/** One measured ratio, and what it must be. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** E.g. `>= 0.6`. */
  readonly required: string;
  readonly ok: boolean;
  /** The absolute figures behind it, for reading. */
  readonly detail: string;
}

/** The upper one of two in the middle; 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
