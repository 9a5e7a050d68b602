/** Three unequal parts of one run, on both engines: together they are the whole, and no number is dealt out twice. */
import { describe, expect, test } from 'vitest';

import type { SegmentOptions } from '../../harness/model/segment.ts';
import { k6, run, withoutK6 } from './run.ts';

const SEQUENCE = '0,1/2,3/4,1';
const PARTS: readonly SegmentOptions[] = ['0:1/2', '1/2:3/4', '3/4:1'].map((executionSegment) => ({
  executionSegment,
  executionSegmentSequence: SEQUENCE,
}));
const WHOLE: Readonly<Record<string, number>> = { shared: 23, each: 12, rate: 21 };

async function dealt(engine: 'embedded' | 'k6') {
  const outcomes = await Promise.all(
    PARTS.map((segment) => run(engine, 'segments.js', { overrides: { segment } })),
  );
  return outcomes.map(({ lines, result }) => {
    expect(result.exitCode, result.reason).toBe(0);
    return lines;
  });
}

const numbersOf = (lines: readonly Readonly<Record<string, unknown>>[], name: string): number[] =>
  lines
    .filter((line) => line['name'] === name)
    .map((line) => Number(line['inTest']))
    .toSorted((one, two) => one - two);

describe.each([
  ['the embedded engine', 'embedded', false],
  [`the real k6${withoutK6}`, 'k6', k6 === undefined],
] as const)('%s', (_name, engine, isMissing) => {
  test.skipIf(isMissing)('deals out each iteration once, by the stripes of its part', async () => {
    const parts = await dealt(engine);
    for (const [name, count] of Object.entries(WHOLE)) {
      const numbers = parts.map((lines) => numbersOf(lines, name));
      const all = numbers.flat().toSorted((one, two) => one - two);
      expect(new Set(all).size, name).toBe(all.length);
      // Arrivals may be dropped on a slow machine; what is dealt out by number is not.
      if (name !== 'rate') expect(all, name).toEqual(Array.from({ length: count }, (_, index) => index));
      else expect(all.every((number) => number < count)).toBe(true);
    }
    // 4 VUs are 2, 1 and 1, with 3 iterations each.
    expect(parts.map((lines) => numbersOf(lines, 'each').length)).toEqual([6, 3, 3]);
    expect(parts.map((lines) => numbersOf(lines, 'shared'))).toEqual(SHARED);
    const ids = parts.map((lines) => new Set(lines.map((line) => line['vu'])));
    expect(ids.flatMap((own) => [...own]).length).toBe(new Set(ids.flatMap((own) => [...own])).size);
    for (const [index, lines] of parts.entries()) {
      expect(lines[0]?.['segment']).toBe(PARTS[index]?.executionSegment);
      const locals = lines
        .filter((line) => line['name'] === 'shared')
        .map((line) => Number(line['inInstance']));
      expect(locals.toSorted((one, two) => one - two)).toEqual(
        Array.from({ length: locals.length }, (_, at) => at),
      );
    }
  });
});

/** By 5 VUs: 3, 1 and 1 of each 5. */
const SHARED = [
  [0, 2, 4, 5, 7, 9, 10, 12, 14, 15, 17, 19, 20, 22],
  [1, 6, 11, 16, 21],
  [3, 8, 13, 18],
];
