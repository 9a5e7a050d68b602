/** Execution segments as data: which part of a test one of several processes does, and whether parts make a whole. */
import { usageError } from '../base/errors.ts';

/** An exact share, in lowest terms: 0 <= numerator <= denominator. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** `[from, to)` of the whole, which is `[0, 1)`. */
export interface Segment {
  readonly from: Fraction;
  readonly to: Fraction;
}

/** What both engines are told, in k6's writing. */
export interface SegmentOptions {
  /** `from:to`, each `0`, `1`, `1/4`, `25%` or `0.25`; `to` alone begins at 0. */
  readonly executionSegment: string;
  /** All bounds in order, e.g. `0,1/4,2/4,3/4,1`. */
  readonly executionSegmentSequence?: string;
}

/** More parts than any fleet has machines; a stripe table holds that many entries. */
export const MAX_PARTS = 1_000;
export const MAX_DENOMINATOR = 1_000_000;
export const ZERO: Fraction = { numerator: 0, denominator: 1 };
export const ONE: Fraction = { numerator: 1, denominator: 1 };

/** Part `part` (from 1) of `parts` equal ones. */
export function equalPart(part: number, parts: number): SegmentOptions {
  const bounds = Array.from({ length: parts + 1 }, (_, index) => textOfFraction(fraction(index, parts)));
  return {
    executionSegment: `${bounds[part - 1]}:${bounds[part]}`,
    executionSegmentSequence: bounds.join(','),
  };
}

/** Reads part `i/n`. Throws a usage HarnessError. */
export function partOf(text: string): SegmentOptions {
  const [, part = 0, parts = 0] = (/^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? []).map(Number);
  if (part >= 1 && part <= parts && parts <= MAX_PARTS) return equalPart(part, parts);
  throw usageError('flag', 'wrong value', {
    field: '--segment',
    expected: `part/parts, e.g. 1/4, with at most ${MAX_PARTS} parts`,
    found: text,
  });
}

/** Reads `from:to` or `to`. Throws a usage HarnessError. */
export function segmentOf(value: unknown): Segment {
  const [first = '', second] = String(value).split(':');
  const from = second === undefined ? ZERO : fractionOf(first);
  const to = fractionOf(second ?? first);
  if (from === undefined || to === undefined || !isBelow(from, to)) {
    throw wrongSegment('executionSegment', 'from:to with 0 <= from < to <= 1, e.g. 0:1/4', value);
  }
  return { from, to };
}

/** Reads rising bounds. Throws a usage HarnessError. */
export function boundsOf(value: unknown): Fraction[] {
  const parts = String(value).split(',').map(fractionOf);
  const bounds = parts.filter((part) => part !== undefined);
  const isRising = bounds.every((bound, index) => index === 0 || isBelow(bounds[index - 1] ?? ONE, bound));
  if (bounds.length !== parts.length || bounds.length < 2 || !isRising || bounds.length > MAX_PARTS + 1) {
    throw wrongSegment(
      'executionSegmentSequence',
      `2 to ${MAX_PARTS + 1} rising bounds, e.g. 0,1/4,1/2,1`,
      value,
    );
  }
  return bounds;
}

/** What of the whole none of them covers, as texts; and what more than one does. */
export function gapsOf(segments: readonly Segment[]): {
  readonly missing: string[];
  readonly twice: string[];
} {
  const missing: string[] = [];
  const twice: string[] = [];
  let until = ZERO;
  const text = (from: Fraction, to: Fraction): string => `${textOfFraction(from)}:${textOfFraction(to)}`;
  for (const { from, to } of segments.toSorted((one, two) => (isBelow(one.from, two.from) ? -1 : 1))) {
    if (isBelow(until, from)) missing.push(text(until, from));
    if (isBelow(from, until)) twice.push(text(from, isBelow(to, until) ? to : until));
    if (isBelow(until, to)) until = to;
  }
  if (isBelow(until, ONE)) missing.push(text(until, ONE));
  return { missing, twice };
}

/** `0`, `1`, `1/4`, `25%`, `0.25`; undefined for what is none, or lies outside of 0 to 1. */
function fractionOf(text: string): Fraction | undefined {
  const [, top, bottom, percent, decimal] =
    /^(?:(\d{1,7})\/(\d{1,7})|(\d{1,3})%|(\d(?:\.\d{1,6})?))$/.exec(text.trim()) ?? [];
  const read =
    percent !== undefined
      ? fraction(Number(percent), 100)
      : decimal !== undefined
        ? fraction(Math.round(Number(decimal) * MAX_DENOMINATOR), MAX_DENOMINATOR)
        : top !== undefined && Number(bottom) > 0
          ? fraction(Number(top), Number(bottom))
          : undefined;
  return read === undefined || isBelow(ONE, read) ? undefined : read;
}

/** In lowest terms. */
export function fraction(numerator: number, denominator: number): Fraction {
  const divisor = greatestCommon(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** A fraction as k6 writes it: `0`, `1`, `1/4`. */
export function textOfFraction({ numerator, denominator }: Fraction): string {
  return denominator === 1 ? String(numerator) : `${numerator}/${denominator}`;
}

export function isBelow(one: Fraction, two: Fraction): boolean {
  return one.numerator * two.denominator < two.numerator * one.denominator;
}

export function isSame(one: Fraction | undefined, two: Fraction | undefined): boolean {
  return one?.numerator === two?.numerator && one?.denominator === two?.denominator;
}

export function minus(one: Fraction, two: Fraction): Fraction {
  return fraction(
    one.numerator * two.denominator - two.numerator * one.denominator,
    one.denominator * two.denominator,
  );
}

function greatestCommon(one: number, two: number): number {
  return two === 0 ? Math.max(1, one) : greatestCommon(two, one % two);
}

export function leastCommon(one: number, two: number): number {
  return (one / greatestCommon(one, two)) * two;
}

/** An option that is not what it must be. */
export function wrongSegment(option: string, expected: string, found: unknown): Error {
  return usageError('invalid-options', 'wrong value', { field: `options.${option}`, expected, found });
}
