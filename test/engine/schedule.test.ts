import { describe, expect, test } from 'vitest';

import { constantArrivals, rampingArrivals, vuSteps } from '../../harness/engine/schedule.ts';
import { plannedVus } from '../../harness/engine/vu-pool.ts';
import { resolveOptions } from '../../harness/engine/script-options.ts';

describe('arrivals', () => {
  test('a constant rate is spaced evenly, both ends included', () => {
    expect([...constantArrivals(4, 1_000, 1_000)]).toEqual([0, 250, 500, 750, 1_000]);
  });

  test('a constant rate counts by its time unit', () => {
    expect([...constantArrivals(2, 60_000, 90_000)]).toEqual([0, 30_000, 60_000, 90_000]);
  });

  test('a level ramp is a constant rate whose first arrival is a period late', () => {
    const stages = [{ durationMs: 1_000, target: 4 }];
    expect([...rampingArrivals(4, 1_000, stages)]).toEqual([250, 500, 750, 1_000]);
  });

  test('a ramp from 0 arrives where the area under it reaches 1, 2, 3', () => {
    // 10/s after 2 s: n arrivals by sqrt(n / 2.5) s.
    const times = [...rampingArrivals(0, 1_000, [{ durationMs: 2_000, target: 10 }])];
    expect(times).toHaveLength(10);
    times.forEach((time, index) => expect(time).toBeCloseTo(Math.sqrt((index + 1) / 2.5) * 1_000, 6));
  });

  test('what a stage leaves over of an arrival goes into the next one', () => {
    const stages = [
      { durationMs: 750, target: 2 },
      { durationMs: 750, target: 2 },
    ];
    expect([...rampingArrivals(2, 1_000, stages)]).toEqual([500, 1_000, 1_500]);
  });

  test('a stage without arrivals has none', () => {
    const stages = [
      { durationMs: 1_000, target: 0 },
      { durationMs: 1_000, target: 0 },
    ];
    expect([...rampingArrivals(0, 1_000, stages)]).toEqual([]);
  });
});

describe('ramping VUs', () => {
  test('VUs start one by one on the way up', () => {
    const steps = vuSteps(0, [{ durationMs: 1_000, target: 2 }]);
    expect(steps).toEqual([
      { atMs: 0, vus: 0 },
      { atMs: 500, vus: 1 },
      // The second one would start at the very end.
      { atMs: 1_000, vus: 0 },
    ]);
  });

  test('the first VU stops a step after the way down begins, the last at its end', () => {
    const steps = vuSteps(3, [{ durationMs: 3_000, target: 0 }]);
    expect(steps).toEqual([
      { atMs: 0, vus: 3 },
      { atMs: 1_000, vus: 2 },
      { atMs: 2_000, vus: 1 },
      { atMs: 3_000, vus: 0 },
    ]);
  });

  test('a stage of no length is a jump', () => {
    const stages = [
      { durationMs: 1_000, target: 1 },
      { durationMs: 0, target: 5 },
      { durationMs: 1_000, target: 5 },
    ];
    expect(vuSteps(1, stages)).toEqual([
      { atMs: 0, vus: 1 },
      { atMs: 1_000, vus: 5 },
      { atMs: 2_000, vus: 0 },
    ]);
  });
});

describe('planned VUs', () => {
  test('scenarios that never overlap share their VUs, others do not', () => {
    const scenario = { executor: 'constant-vus', duration: '10s', gracefulStop: '5s' };
    const { scenarios } = resolveOptions(
      {
        scenarios: {
          first: { ...scenario, vus: 4 },
          beside: { ...scenario, vus: 3, startTime: '14s' },
          after: { ...scenario, vus: 5, startTime: '40s' },
        },
      },
      {},
    );
    expect(plannedVus(scenarios)).toBe(7);
  });
});
