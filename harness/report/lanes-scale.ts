/** Time to x, with long waits drawn short, and rows in which nothing covers anything else. Pure. */

import { offset } from './format.ts';

export interface TimeScale {
  /** px from the left for a time in ms; between two known times in proportion. */
  readonly x: (time: number) => number;
  readonly width: number;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

const LEFT = 16;
const MIN_WIDTH = 640;
/** A gap of 1 ms takes 34 px, one of 100 ms 75 px, one of 10 s 115 px. */
const GAP_BASE = 28;
const GAP_PER_DECADE = 22;
const TICK_DISTANCE = 64;
const TICK_CHARACTER = 6;

/** A scale through the distinct times of a story. */
export function timeScale(times: readonly number[]): TimeScale {
  const known = [...new Set(times.filter((time) => Number.isFinite(time)))].toSorted((a, b) => a - b);
  const gaps = known.slice(1).map((time, index) => gapWidth(time - (known[index] ?? time)));
  const natural = gaps.reduce((sum, gap) => sum + gap, 0);
  const stretch = natural === 0 ? 1 : Math.max(1, Math.min(2.2, (MIN_WIDTH - 2 * LEFT) / natural));
  const xs = [LEFT];
  for (const gap of gaps) xs.push((xs.at(-1) ?? LEFT) + gap * stretch);
  return {
    x: (time) => positionOf(time, known, xs),
    width: Math.max(MIN_WIDTH, (xs.at(-1) ?? LEFT) + LEFT),
    ticks: ticksOf(known, xs),
  };
}

/** Rows of one lane, filled greedily from the top. */
export class Rows {
  readonly #ends: number[] = [];

  /** The first row that is free from `left` on; it is taken up to `right`. */
  take(left: number, right: number): number {
    const free = this.#ends.findIndex((end) => end <= left);
    const row = free < 0 ? this.#ends.length : free;
    this.#ends[row] = right;
    return row;
  }

  get count(): number {
    return this.#ends.length;
  }
}

function gapWidth(gapMs: number): number {
  return GAP_BASE + GAP_PER_DECADE * Math.log10(1 + gapMs);
}

function positionOf(time: number, known: readonly number[], xs: readonly number[]): number {
  const after = known.findIndex((one) => one >= time);
  if (after < 0) return xs.at(-1) ?? LEFT;
  const right = xs[after] ?? LEFT;
  if (after === 0) return right;
  const [from = time, to = time] = [known[after - 1], known[after]];
  const left = xs[after - 1] ?? LEFT;
  return to === from ? right : left + ((right - left) * (time - from)) / (to - from);
}

function ticksOf(known: readonly number[], xs: readonly number[]): { x: number; text: string }[] {
  const ticks: { x: number; text: string }[] = [];
  let free = -Infinity;
  for (const [index, time] of known.entries()) {
    const x = xs[index] ?? LEFT;
    if (x < free) continue;
    const text = offset(time - (known[0] ?? time));
    ticks.push({ x, text });
    free = x + Math.max(TICK_DISTANCE, text.length * TICK_CHARACTER + 16);
  }
  return ticks;
}
