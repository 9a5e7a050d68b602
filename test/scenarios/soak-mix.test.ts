import { expect, test } from 'vitest';
import { mixPart } from '../../scenarios/lib/mix.ts';

const plays = (seed: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, iteration) => mixPart(seed, iteration));

test('each twenty iterations of a soak hold every scenario, and a double click where it is one with two keys', () => {
  const names = plays('7', 400);
  for (let start = 0; start < names.length; start += 20) {
    const block = names.slice(start, start + 20);
    const counts = Object.fromEntries(
      [...new Set(block)].toSorted().map((name) => [name, block.filter((one) => one === name).length]),
    );
    expect(counts).toEqual({
      'double-click': 4,
      'duplicated-requests': 3,
      'key-expiry': 2,
      'key-reuse': 2,
      'lost-answer': 3,
      'near-zero': 1,
      'retry-storm': 5,
    });
    expect(block.some((name, index) => name === 'double-click' && index % 5 === 2)).toBe(true);
  }
});

test('the order is that of the seed, and another one in each block', () => {
  expect(plays('7', 40)).toEqual(plays('7', 40));
  expect(plays('7', 20)).not.toEqual(plays('8', 20));
  expect(plays('7', 40).slice(20)).not.toEqual(plays('7', 20));
});
