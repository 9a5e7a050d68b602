/**
 * Stripes: work dealt out among the processes of a test as k6 deals it out, so that each gets its share of every stretch
 * and no number goes out twice. Pure.
 */
import {
  boundsOf,
  fraction,
  isSame,
  leastCommon,
  MAX_DENOMINATOR,
  minus,
  ONE,
  segmentOf,
  textOfFraction,
  wrongSegment,
  ZERO,
  type Fraction,
  type Segment,
  type SegmentOptions,
} from '../model/segment.ts';

/** Reads both options; undefined where neither is given. Throws a usage HarnessError that names the option. */
export function stripesOf(segment: unknown, sequence: unknown): Stripes {
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
  if (!isGiven(segment) && !isGiven(sequence)) return WHOLE;
  const own = isGiven(segment) ? segmentOf(segment) : { from: ZERO, to: ONE };
  const bounds = isGiven(sequence) ? boundsOf(sequence) : [own.from, own.to];
  // What a sequence leaves out at its ends belongs to somebody else.
  const filled = [
    ...(isSame(bounds[0], ZERO) ? [] : [ZERO]),
    ...bounds,
    ...(isSame(bounds.at(-1), ONE) ? [] : [ONE]),
  ];
  const index = filled.findIndex((bound, at) => isSame(bound, own.from) && isSame(filled[at + 1], own.to));
  if (index === -1) {
    throw wrongSegment(
      'executionSegment',
      `a part of the sequence ${filled.map(textOfFraction).join(',')}`,
      segment,
    );
  }
  return Stripes.ofBounds(filled, index);
}

/**
 * Which numbers of 0, 1, 2, … belong to one part of a whole. Of each cycle of numbers a part gets as many as its length
 * says; a number goes to the longest part that is behind its share by then, so that they lie as far apart as they can.
 */
export class Stripes {
  readonly #lengths: readonly number[];
  readonly #index: number;
  readonly #cycle: number;
  /** Own numbers of the first cycle, rising. */
  readonly #own: readonly number[];
  /** The part itself; the whole where there is nothing to split. */
  readonly segment: Segment;
  readonly sequence: readonly Fraction[];

  private constructor(bounds: readonly Fraction[], lengths: readonly number[], index: number) {
    this.#lengths = lengths;
    this.#index = index;
    this.#cycle = lengths.reduce((sum, length) => sum + length, 0);
    this.#own = dealt(lengths, this.#cycle, index);
    this.sequence = bounds;
    this.segment = { from: bounds[index] ?? ZERO, to: bounds[index + 1] ?? ONE };
  }

  /** By rising bounds from 0 to 1. */
  static ofBounds(bounds: readonly Fraction[], index: number): Stripes {
    const lengths = bounds.slice(1).map((to, at) => minus(to, bounds[at] ?? ZERO));
    const cycle = lengths.reduce((common, { denominator }) => leastCommon(common, denominator), 1);
    if (cycle > MAX_DENOMINATOR)
      throw wrongSegment(
        'executionSegmentSequence',
        'parts with a common denominator up to a million',
        cycle,
      );
    return new Stripes(
      bounds,
      lengths.map(({ numerator, denominator }) => numerator * (cycle / denominator)),
      index,
    );
  }

  get isWhole(): boolean {
    return this.#lengths.length === 1;
  }

  /** How many of the numbers below `value` are this part's. The parts' answers add up to `value`. */
  scale(value: number): number {
    const rest = value % this.#cycle;
    const inRest = this.#own.filter((number) => number < rest).length;
    return Math.floor(value / this.#cycle) * this.#own.length + inRest;
  }

  /** Own number `local` (from 0) in the count of the whole (from 0). */
  globalOf(local: number): number {
    const { length } = this.#own;
    return Math.floor(local / length) * this.#cycle + (this.#own[local % length] ?? 0);
  }

  /**
   * The same parts, each as long as its share of `value` whole things (VUs): what is dealt out among those follows where
   * they are. Undefined where this part gets none.
   */
  resplit(value: number): Stripes | undefined {
    if (this.isWhole || value % this.#cycle === 0) return this;
    const shares = this.#lengths.map((_, index) =>
      new Stripes(this.sequence, this.#lengths, index).scale(value),
    );
    if ((shares[this.#index] ?? 0) === 0) return undefined;
    const kept = shares.flatMap((share, index) => (share === 0 ? [] : [{ share, index }]));
    let sum = 0;
    const bounds = [ZERO, ...kept.map(({ share }) => fraction((sum += share), value))];
    return Stripes.ofBounds(
      bounds,
      kept.findIndex(({ index }) => index === this.#index),
    );
  }

  /** As k6 writes it. */
  options(): Required<SegmentOptions> {
    const { from, to } = this.segment;
    return {
      executionSegment: `${textOfFraction(from)}:${textOfFraction(to)}`,
      executionSegmentSequence: this.sequence.map(textOfFraction).join(','),
    };
  }
}

/** Nobody else does a part. */
export const WHOLE = Stripes.ofBounds([ZERO, ONE], 0);

/** Own numbers of one cycle. */
function dealt(lengths: readonly number[], cycle: number, index: number): number[] {
  const byLength = lengths
    .map((length, at) => ({ length, at, taken: 0 }))
    .toSorted((one, two) => two.length - one.length);
  const own: number[] = [];
  for (let number = 0; number < cycle; number++) {
    const taker = byLength.find(({ length, taken }) => taken * cycle <= number * length);
    if (taker === undefined) continue;
    taker.taken += 1;
    if (taker.at === index) own.push(number);
  }
  return own;
}
