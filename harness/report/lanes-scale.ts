/** Time to x, with long waits drawn short, and rows in which nothing covers anything else. Pure. */

import { offset } from './format.ts';

export interface TimeScale {
  /** px from the left for a time in ms; between two known times in proportion. */
  readonly x: (time: number) => number;
  readonly width: number;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

const LEFT = 16;
/** What a desktop page has room for. */
const MIN_WIDTH = 840;
/** Labels and marks that stand right of the last moment. */
const RIGHT = 60;
/** Before it is stretched to the width a gap of 1 ms takes 24 px, one of 100 ms 56 px, one of 10 s 88 px. */
const GAP_BASE = 20;
const GAP_PER_DECADE = 18;
/** Many moments are pressed together this far before the drawing grows wider than the page. */
const CLOSEST = 0.75;
const WIDEST = 3;
const TICK_DISTANCE = 64;
const TICK_CHARACTER = 6;

/** A scale through the distinct times of a story; its ticks count from `originAt`. */
export function timeScale(times: readonly number[], originAt: number): TimeScale {
  const known = [...new Set(times.filter((time) => Number.isFinite(time)))].toSorted((a, b) => a - b);
  const gaps = known.slice(1).map((time, index) => gapWidth(time - (known[index] ?? time)));
  const natural = gaps.reduce((sum, gap) => sum + gap, 0);
  const stretch =
    natural === 0 ? 1 : Math.max(CLOSEST, Math.min(WIDEST, (MIN_WIDTH - LEFT - RIGHT) / natural));
  const xs = [LEFT];
  for (const gap of gaps) xs.push((xs.at(-1) ?? LEFT) + gap * stretch);
  return {
    x: (time) => positionOf(time, known, xs),
    width: Math.max(MIN_WIDTH, (xs.at(-1) ?? LEFT) + RIGHT),
    ticks: ticksOf(known, xs, originAt),
  };
}

/** Rows of one lane, filled from the top. */
export class Rows {
  readonly #taken: [number, number][][] = [];

  /** The first row that is free between `left` and `right`. */
  freeRow(left: number, right: number): number {
    const free = this.#taken.findIndex((_, row) => this.isFree(row, left, right));
    return free < 0 ? this.#taken.length : free;
  }

  takeIn(row: number, left: number, right: number): void {
    const taken = this.#taken[row] ?? [];
    taken.push([left, right]);
    this.#taken[row] = taken;
  }

  isFree(row: number, left: number, right: number): boolean {
    return (this.#taken[row] ?? []).every(([from, to]) => to <= left || from >= right);
  }

  get count(): number {
    return this.#taken.length;
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

function ticksOf(
  known: readonly number[],
  xs: readonly number[],
  originAt: number,
): { x: number; text: string }[] {
  const ticks: { x: number; text: string }[] = [];
  let free = -Infinity;
  for (const [index, time] of known.entries()) {
    const x = xs[index] ?? LEFT;
    if (x < free) continue;
    const text = offset(time - originAt);
    ticks.push({ x, text });
    free = x + Math.max(TICK_DISTANCE, text.length * TICK_CHARACTER + 16);
  }
  return ticks;
}
