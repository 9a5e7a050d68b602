/** Values of a Trend in bounded memory: exact while there are few, then a log-linear histogram (error below 0.4 %). */

/** So many values are kept as they are; k6 keeps all, so that a small run gives the same percentiles. */
const EXACT_COUNT = 1_024;
/** Buckets per power of two. */
const STEPS = 128;
const LOWEST_EXPONENT = -20;
const EXPONENTS = 64;

export class TrendSink {
  count = 0;
  sum = 0;
  min = 0;
  max = 0;
  private exact: number[] | undefined = [];
  private buckets: Float64Array | undefined;

  add(value: number): void {
    if (this.count === 0) {
      this.min = value;
      this.max = value;
    } else if (value < this.min) this.min = value;
    else if (value > this.max) this.max = value;
    this.count++;
    this.sum += value;
    if (this.exact === undefined) this.bucket(value);
    else this.keep(this.exact, value);
  }

  get avg(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** The value below which the share `quantile` (0 to 1) lies, interpolated as in k6; 0 without samples. */
  percentile(quantile: number): number {
    if (this.count === 0) return 0;
    if (this.exact !== undefined) return interpolated(this.exact, quantile);
    return this.fromBuckets(quantile * (this.count - 1));
  }

  private keep(exact: number[], value: number): void {
    exact.push(value);
    if (exact.length <= EXACT_COUNT) return;
    this.buckets = new Float64Array(STEPS * EXPONENTS);
    for (const kept of exact) this.bucket(kept);
    this.exact = undefined;
  }

  private bucket(value: number): void {
    if (this.buckets === undefined) return;
    const index = bucketOf(value);
    this.buckets[index] = (this.buckets[index] ?? 0) + 1;
  }

  /** The first and the last bucket also hold what lies outside: their ends are known better than their middles. */
  private middle(index: number): number {
    if (index === 0) return this.min;
    if (index === STEPS * EXPONENTS - 1) return this.max;
    return Math.min(this.max, Math.max(this.min, middleOf(index)));
  }

  private fromBuckets(rank: number): number {
    let seen = 0;
    for (let index = 0; index < STEPS * EXPONENTS; index++) {
      seen += this.buckets?.[index] ?? 0;
      if (seen > rank) return this.middle(index);
    }
    return this.max;
  }
}

const SCRATCH = new DataView(new ArrayBuffer(8));

/** Zero, negative and tiny values share the first bucket: durations and counts do not need more. */
function bucketOf(value: number): number {
  if (!(value > 0)) return 0;
  SCRATCH.setFloat64(0, value);
  // Sign, 11 bits of exponent and the first 7 of the mantissa are the bucket.
  const index = (SCRATCH.getUint32(0) >>> 13) - ((LOWEST_EXPONENT + 1_023) << 7);
  return index < 0 ? 0 : index >= STEPS * EXPONENTS ? STEPS * EXPONENTS - 1 : index;
}

function middleOf(index: number): number {
  const exponent = Math.floor(index / STEPS) + LOWEST_EXPONENT;
  return 2 ** exponent * (1 + ((index % STEPS) + 0.5) / STEPS);
}

function interpolated(values: number[], quantile: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = quantile * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? 0;
  return below + (above - below) * (at - Math.floor(at));
}
