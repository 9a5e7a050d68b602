import { describe, expect, test } from 'vitest';
import { stripesOf, WHOLE, type Stripes } from '../../harness/engine/stripes.ts';
import { constantArrivals, rampingArrivals, vuSteps } from '../../harness/engine/schedule.ts';
import { equalPart, gapsOf, segmentOf } from '../../harness/model/segment.ts';

const first = (stripes: Stripes, count: number): number[] =>
  Array.from({ length: count }, (_, local) => stripes.globalOf(local));
const part = (from: string, sequence: string): Stripes => stripesOf(from, sequence);

/** Halves and two quarters, as k6's own documentation draws them. */
const SEQUENCE = '0,1/2,3/4,1';
const THREE = ['0:1/2', '1/2:3/4', '3/4:1'].map((segment) => part(segment, SEQUENCE));

describe('stripes', () => {
  test('deal out numbers as k6 documents it', () => {
    expect(THREE.map((stripes) => first(stripes, 6))).toEqual([
      [0, 2, 4, 6, 8, 10],
      [1, 5, 9, 13, 17, 21],
      [3, 7, 11, 15, 19, 23],
    ]);
  });

  test('scale numbers as k6 documents it', () => {
    const upTo12 = Array.from({ length: 12 }, (_, index) => index + 1);
    expect(THREE.map((stripes) => upTo12.map((value) => stripes.scale(value)))).toEqual([
      [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
      [0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3],
      [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3],
    ]);
  });

  test('of a part without a sequence fill up the rest', () => {
    expect(stripesOf('1/3:2/3', undefined).options()).toEqual({
      executionSegment: '1/3:2/3',
      executionSegmentSequence: '0,1/3,2/3,1',
    });
    expect(stripesOf('25%', '').options().executionSegment).toBe('0:1/4');
    expect(stripesOf(undefined, null)).toBe(WHOLE);
    expect(stripesOf('0:1', undefined).isWhole).toBe(true);
  });

  test('with 5 VUs among 3 equal parts follow the VUs', () => {
    const parts = [1, 2, 3].map((number) => {
      const { executionSegment, executionSegmentSequence } = equalPart(number, 3);
      return stripesOf(executionSegment, executionSegmentSequence);
    });
    expect(parts.map((stripes) => stripes.scale(5))).toEqual([2, 2, 1]);
    const resplit = parts.map((stripes) => stripes.resplit(5));
    expect(resplit.map((stripes) => stripes?.scale(100))).toEqual([40, 40, 20]);
    const all = resplit.flatMap((stripes, index) => first(stripes ?? WHOLE, [40, 40, 20][index] ?? 0));
    expect(all.toSorted((one, two) => one - two)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    // One VU: only one of them has work.
    expect(parts.map((stripes) => stripes.resplit(1) !== undefined)).toEqual([true, false, false]);
  });

  test.each([
    ['1/4', '0,1/2,1', /a part of the sequence 0,1\/2,1/],
    ['3/4:1/4', undefined, /0 <= from < to <= 1/],
    ['0:2', undefined, /0 <= from < to <= 1/],
    ['0:1/0', undefined, /0 <= from < to <= 1/],
    ['half', undefined, /0 <= from < to <= 1/],
    [undefined, '0,1/2,1/4,1', /rising bounds/],
    [undefined, '0', /rising bounds/],
    ['0:1/999983', '0,1/999983,1/999979,1', /rising bounds|common denominator/],
  ])('of segment %s and sequence %s are refused', (segment, sequence, message) => {
    expect(() => stripesOf(segment, sequence)).toThrow(message);
  });
});

describe('schedules of parts', () => {
  const parts = ['0:1/3', '1/3:1/2', '1/2:1'].map((segment) => part(segment, '0,1/3,1/2,1'));
  const merged = (times: readonly number[][]): number[] => times.flat().toSorted((one, two) => one - two);

  test('of a constant rate start together what the whole starts', () => {
    const whole = [...constantArrivals(7, 1000, 3000)];
    expect(merged(parts.map((stripes) => [...constantArrivals(7, 1000, 3000, stripes)]))).toEqual(whole);
  });

  test('of a ramping rate start together what the whole starts', () => {
    const stages = [
      { durationMs: 2000, target: 20 },
      { durationMs: 1000, target: 20 },
      { durationMs: 1500, target: 0 },
    ];
    const whole = [...rampingArrivals(3, 1000, stages)];
    const dealt = merged(parts.map((stripes) => [...rampingArrivals(3, 1000, stages, stripes)]));
    expect(dealt).toEqual(whole);
    expect(whole.length).toBeGreaterThan(50);
  });

  test('of ramping VUs have together as many as the whole at every moment', () => {
    const stages = [
      { durationMs: 1000, target: 9 },
      { durationMs: 2000, target: 2 },
    ];
    const at = (steps: ReturnType<typeof vuSteps>, ms: number): number =>
      steps.findLast((step) => step.atMs <= ms)?.vus ?? 0;
    const whole = vuSteps(1, stages);
    const own = parts.map((stripes) => vuSteps(1, stages, stripes));
    for (let ms = 0; ms <= 3000; ms += 10)
      expect(own.reduce((sum, steps) => sum + at(steps, ms), 0)).toBe(at(whole, ms));
  });
});

describe('parts of a whole', () => {
  const gaps = (...segments: string[]) => gapsOf(segments.map(segmentOf));

  test('are whole without gap and overlap, in any order', () => {
    expect(gaps('1/2:1', '0:1/4', '1/4:1/2')).toEqual({ missing: [], twice: [] });
  });

  test('miss what none of them does', () => {
    expect(gaps('1/4:1/2', '3/4:1').missing).toEqual(['0:1/4', '1/2:3/4']);
    expect(gaps().missing).toEqual(['0:1']);
  });

  test('are told when two do the same', () => {
    expect(gaps('0:1/2', '1/4:1')).toEqual({ missing: [], twice: ['1/4:1/2'] });
    expect(gaps('0:1', '0:1/2')).toEqual({ missing: [], twice: ['0:1/2'] });
  });
});
