import { expect, test } from 'vitest';

import { Pace } from '../../scenarios/lib/pace.ts';
import { readSettings } from '../../scenarios/lib/settings.ts';

/** When each of `count` requests leaves that are wanted one right after the other, from 10 s on. */
function departures(pace: Pace, count: number): number[] {
  let at = 10_000;
  return Array.from({ length: count }, () => (at += pace.waitMs(at)));
}

test('settings take what the owner allows', () => {
  const env = { BASE_URL: 'http://127.0.0.1:1', TOKEN: 't', CUSTOMERS: 'a', MAX_VUS: '3', MAX_RPS: '50' };
  expect(readSettings(env)).toMatchObject({ maxVus: 3, maxRequestsPerSecond: 50 });
});

test('half a second’s worth leaves at once, then one in each interval', () => {
  expect(departures(new Pace(200), 7)).toEqual([10_000, 10_000, 10_000, 10_100, 10_300, 10_500, 10_700]);
});

test('a pause earns no more than half a second’s worth', () => {
  const pace = new Pace(200);
  departures(pace, 7);
  const later = Array.from({ length: 5 }, () => pace.waitMs(90_000));
  expect(later).toEqual([0, 0, 0, 100, 300]);
});

test('those that leave together wait together, and count each', () => {
  const pace = new Pace(400);
  const wait = (together: number) => Array.from({ length: together }, () => pace.waitMs(0, together));
  expect(wait(3)).toEqual([0, 0, 0]);
  expect(wait(2)).toEqual([700, 700]);
  expect(wait(1)).toEqual([1500]);
});
