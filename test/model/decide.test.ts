import { expect, test } from 'vitest';
import { below, digest, uniform, uuidFrom } from '../../harness/model/decide.ts';

test('the same parts give the same number, on every machine', () => {
  expect(uniform(7, 'lose-answer', 'rs-3-0', 2)).toBe(uniform(7, 'lose-answer', 'rs-3-0', 2));
  // Written out, so that a change of the hash, which would change every saved plan, is noticed.
  expect(uuidFrom(1, 'r1', 'rs-0-0')).toMatchInlineSnapshot(`"6b65dd60-d641-4319-a578-1b01985c8578"`);
  expect(digest('{"a":1}')).toMatchInlineSnapshot(`"acda4b05c27e02e9"`);
});

test('parts are kept apart: (a, bc) is not (ab, c)', () => {
  expect(uniform('a', 'bc')).not.toBe(uniform('ab', 'c'));
});

test('shares are kept: of 20,000 decisions with a share of 0.1, one in ten hits', () => {
  const hits = Array.from({ length: 20_000 }, (_, n) => uniform(1, 'rule', `i-${n}`, 1)).filter(
    (u) => u < 0.1,
  ).length;
  expect(hits / 20_000).toBeGreaterThan(0.09);
  expect(hits / 20_000).toBeLessThan(0.11);
});

test('whole numbers below a limit all occur, evenly', () => {
  const counts = [0, 0, 0];
  for (let n = 0; n < 9000; n++) counts[below(3, 'route', n)]! += 1;
  for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(300);
});

test('keys have the shape of a UUID v4 and do not collide', () => {
  const keys = Array.from({ length: 50_000 }, (_, n) => uuidFrom(1, 'run', `i-${n}`));
  expect(new Set(keys).size).toBe(50_000);
  for (const key of keys.slice(0, 200)) {
    expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});
