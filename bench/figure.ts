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
