export type StatusRange = readonly [min: number, max: number];

/** Statuses that do not count as failed: single ones and `{min, max}` ranges. */
export class ExpectedStatuses {
  readonly #ranges: readonly StatusRange[];

  constructor(statuses: readonly unknown[]) {
    if (statuses.length === 0) throw new Error('no arguments');
    this.#ranges = statuses.map(rangeOf);
  }

  get ranges(): readonly StatusRange[] {
    return this.#ranges;
  }

  has(status: number): boolean {
    for (const [min, max] of this.#ranges) {
      if (status >= min && status <= max) return true;
    }
    return false;
  }
}

/** k6's own default. */
export const DEFAULT_EXPECTED = new ExpectedStatuses([{ min: 200, max: 399 }]);

function rangeOf(status: unknown, index: number): StatusRange {
  if (typeof status === 'number' && Number.isInteger(status)) return [status, status];
  const { min, max } = (status ?? {}) as { min?: unknown; max?: unknown };
  if (typeof min === 'number' && typeof max === 'number') return [min, max];
  throw new Error(
    `argument number ${index + 1} to expectedStatuses was neither an integer nor an object like {min:100, max:329}`,
  );
}
