import { describe, expect, test } from 'vitest';
import { pointsOf, writtenPoints } from '../../harness/model/amounts.ts';

const CENTS = { unit: 100, as: 'text' } as const;

describe('amounts are read exactly', () => {
  test.each([
    ['12.50', 1250],
    ['12.5', 1250],
    [12.5, 1250],
    ['0.07', 7],
    ['1.10', 110],
    [1.1, 110],
    ['-0.01', -1],
    ['-0.00', 0],
    ['19.99', 1999],
    ['1000000000.00', 100_000_000_000],
    ['7', 700],
    // No whole number of points: nothing is rounded.
    ['12.505', undefined],
    [0.1 + 0.2, undefined],
    ['1,250.00', undefined],
    ['1e3', undefined],
    ['', undefined],
    [null, undefined],
    [true, undefined],
  ])('%j is %j with a unit of 100', (value, points) => {
    expect(pointsOf(value, CENTS)).toBe(points);
  });

  test('every amount up to 100.00 comes back from its own text, in every unit', () => {
    for (const unit of [1, 4, 8, 10, 100, 1000])
      for (const as of ['text', 'number'] as const)
        for (let points = -20; points <= 10_000; points += 7)
          expect(pointsOf(writtenPoints(points, { unit, as }), { unit, as })).toBe(points);
  });

  test('without a unit a text is no amount, as it always was', () => {
    expect([pointsOf('12', undefined), pointsOf(12, undefined), pointsOf(1.5, undefined)]).toEqual([
      undefined,
      12,
      1.5,
    ]);
  });

  test('texts have all their decimals', () => {
    expect([1250, 5, -5, 100].map((points) => writtenPoints(points, CENTS))).toEqual([
      '12.50',
      '0.05',
      '-0.05',
      '1.00',
    ]);
  });
});
