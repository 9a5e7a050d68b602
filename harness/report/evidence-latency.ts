/** Latency over time in bounded memory: at most 600 buckets, each a histogram of logarithmic bins. */

export interface LatencyBucket {
  /** Start of the bucket, ms since the epoch. */
  readonly at: number;
  /** ms over the attempts that were answered in this bucket; absent where none was. */
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  readonly max?: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
}

export interface LatencyOverTime {
  readonly bucketMs: number;
  readonly buckets: readonly LatencyBucket[];
}

export const MAX_BUCKETS = 600;
const MIN_BUCKETS = 30;
const ATTEMPTS_PER_BUCKET = 20;

/** Quantiles are right to within 3 %: a bin is 6 % wide and answers with its middle. */
const BIN_GROWTH = 1.06;
const SMALLEST_MS = 0.05;
const BIN_COUNT = 300;

interface Bucket {
  bins: Uint32Array | undefined;
  max: number;
  ok: number;
  fail: number;
  info: number;
}

/** Collects completions; when more than 600 buckets would be needed, each two neighbours become one. */
export class LatencyRecorder {
  #startAt: number | undefined;
  #bucketMs = 10;
  #recordedCount = 0;
  readonly #buckets = new Map<number, Bucket>();

  /** `latencyMs` undefined: the attempt was not answered, only its outcome counts. */
  record(at: number, outcome: 'ok' | 'fail' | 'info', latencyMs: number | undefined): void {
    if (!Number.isFinite(at)) return;
    this.#startAt ??= at;
    const bucket = this.#bucketAt(at);
    bucket[outcome] += 1;
    this.#recordedCount += 1;
    if (latencyMs === undefined || !(latencyMs >= 0)) return;
    bucket.bins ??= new Uint32Array(BIN_COUNT);
    const bin = binOf(latencyMs);
    bucket.bins[bin] = (bucket.bins[bin] ?? 0) + 1;
    bucket.max = Math.max(bucket.max, latencyMs);
  }

  result(): LatencyOverTime {
    while (this.#isTooThin()) this.#halve();
    const startAt = this.#startAt ?? 0;
    const numbers = [...this.#buckets.keys()].toSorted((a, b) => a - b);
    const buckets = numbers.map((index) =>
      summary(startAt + index * this.#bucketMs, this.#buckets.get(index) ?? emptyBucket()),
    );
    return { bucketMs: this.#bucketMs, buckets };
  }

  /** A quantile of three attempts is noise: few attempts make fewer, fuller buckets. */
  #isTooThin(): boolean {
    return this.#buckets.size > MIN_BUCKETS && this.#recordedCount / this.#buckets.size < ATTEMPTS_PER_BUCKET;
  }

  #bucketAt(at: number): Bucket {
    const startAt = this.#startAt ?? at;
    // A completion may be written a little after a later one: earlier than the start counts as the start.
    while (at - startAt >= this.#bucketMs * MAX_BUCKETS) this.#halve();
    const index = Math.max(0, Math.floor((at - startAt) / this.#bucketMs));
    const known = this.#buckets.get(index);
    if (known) return known;
    const fresh = emptyBucket();
    this.#buckets.set(index, fresh);
    return fresh;
  }

  #halve(): void {
    this.#bucketMs *= 2;
    const old = [...this.#buckets];
    this.#buckets.clear();
    for (const [index, bucket] of old) {
      const half = Math.floor(index / 2);
      const into = this.#buckets.get(half);
      if (into) merge(into, bucket);
      else this.#buckets.set(half, bucket);
    }
  }
}

function emptyBucket(): Bucket {
  return { bins: undefined, max: 0, ok: 0, fail: 0, info: 0 };
}

function merge(into: Bucket, from: Bucket): void {
  into.ok += from.ok;
  into.fail += from.fail;
  into.info += from.info;
  into.max = Math.max(into.max, from.max);
  if (!from.bins) return;
  if (!into.bins) {
    into.bins = from.bins;
    return;
  }
  for (const [index, count] of from.bins.entries()) into.bins[index] = (into.bins[index] ?? 0) + count;
}

function binOf(latencyMs: number): number {
  if (latencyMs <= SMALLEST_MS) return 0;
  const bin = 1 + Math.floor(Math.log(latencyMs / SMALLEST_MS) / Math.log(BIN_GROWTH));
  return Math.min(bin, BIN_COUNT - 1);
}

function valueOf(bin: number): number {
  return bin === 0 ? SMALLEST_MS : SMALLEST_MS * BIN_GROWTH ** (bin - 0.5);
}

function summary(at: number, bucket: Bucket): LatencyBucket {
  const { ok, fail, info, bins, max } = bucket;
  if (!bins) return { at, ok, fail, info };
  const quantile = quantilesOf(bins, max);
  return { at, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max, ok, fail, info };
}

function quantilesOf(bins: Uint32Array, max: number): (share: number) => number {
  const total = bins.reduce((sum, count) => sum + count, 0);
  return (share) => {
    let left = Math.max(1, Math.ceil(share * total));
    for (const [bin, count] of bins.entries()) {
      left -= count;
      if (left <= 0) return Math.min(max, valueOf(bin));
    }
    return max;
  };
}
