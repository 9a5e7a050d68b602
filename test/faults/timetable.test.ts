import { describe, expect, test } from 'vitest';
import type { TimedRule } from '../../harness/faults/fault-rule.ts';
import { timetable } from '../../harness/faults/timetable.ts';
import type { TimedFault } from '../../harness/faults/timed-fault.ts';

function planned(rules: readonly TimedRule[], horizonMs = 60_000): readonly TimedFault[] {
  return timetable(rules, { seed: '1', replicas: 2, horizonMs });
}

/** `name start-end`, in order of their starts. */
function shown(rules: readonly TimedRule[], horizonMs?: number): readonly string[] {
  return planned(rules, horizonMs).map(
    ({ name, startMs, durationMs }) => `${name} ${startMs}-${startMs + durationMs}`,
  );
}

const at = (after: number, more: Partial<TimedRule> & Pick<TimedRule, 'name'>): TimedRule => ({
  what: 'kill',
  where: 'replica',
  replica: 1,
  after,
  for: 100,
  ...more,
});
const slow = { what: 'latency', where: 'edge', replica: 1, detail: { latency: 5 } } as const;

describe('outages', () => {
  test('wait for each other and for a rest, wherever they are', () => {
    expect(
      shown([
        at(0, { name: 'kill', for: 200 }),
        at(100, { name: 'down', what: 'down', where: 'edge', replica: 2 }),
        at(150, { name: 'store', where: 'store' }),
      ]),
    ).toEqual(['kill 0-200', 'down 600-700', 'store 1000-1100']);
  });

  test('are on together where both rules allow it', () => {
    expect(
      shown([
        at(0, { name: 'kill', for: 200, overlap: true }),
        at(100, { name: 'down', what: 'down', where: 'edge', replica: 2, overlap: true }),
        at(150, { name: 'store', where: 'store', overlap: true }),
      ]),
    ).toEqual(['kill 0-200', 'down 100-200', 'store 150-250']);
  });

  test('wait where only one of the two allows it', () => {
    expect(shown([at(0, { name: 'kill', overlap: true }), at(50, { name: 'other', replica: 2 })])).toEqual([
      'kill 0-100',
      'other 400-500',
    ]);
  });

  test('never meet at one place, whatever their rules allow', () => {
    expect(
      shown([
        at(0, { name: 'kill', overlap: true }),
        at(50, { name: 'pause', what: 'pause', overlap: true }),
      ]),
    ).toEqual(['kill 0-100', 'pause 101-201']);
  });

  test('let what is no outage go on', () => {
    expect(shown([at(0, { name: 'kill' }), at(50, { name: 'slow', ...slow })])).toEqual([
      'kill 0-100',
      'slow 50-150',
    ]);
  });

  test('that find no turn within a minute are left out', () => {
    const often = planned([at(0, { name: 'often', every: 100, for: 1000, what: 'pause' })], 200_000);
    expect(often.length).toBeGreaterThan(20);
    expect(often.length).toBeLessThan(80);
  });
});

describe('overlap false', () => {
  test('gives a fault its place to itself: it waits for what is on there', () => {
    expect(
      shown([at(0, { name: 'slow', ...slow }), at(50, { name: 'alone', ...slow, overlap: false })]),
    ).toEqual(['slow 0-100', 'alone 101-201']);
  });

  test('makes others wait that say nothing', () => {
    expect(
      shown([at(0, { name: 'alone', ...slow, overlap: false }), at(50, { name: 'slow', ...slow })]),
    ).toEqual(['alone 0-100', 'slow 101-201']);
  });

  test('and those that would overlap', () => {
    expect(
      shown([
        at(0, { name: 'alone', ...slow, overlap: false }),
        at(50, { name: 'open', ...slow, overlap: true }),
      ]),
    ).toEqual(['alone 0-100', 'open 101-201']);
  });

  test.each([
    ['another replica', { replica: 2 }],
    ['the connections to the store', { where: 'store-path' as const }],
  ])('does not mind %s', (_, elsewhere) => {
    expect(
      shown([
        at(0, { name: 'slow', ...slow, ...elsewhere }),
        at(50, { name: 'alone', ...slow, overlap: false }),
      ]),
    ).toEqual(['slow 0-100', 'alone 50-150']);
  });

  test('does not mind one that ended the moment before', () => {
    expect(
      shown([at(0, { name: 'slow', ...slow }), at(101, { name: 'alone', ...slow, overlap: false })]),
    ).toEqual(['slow 0-100', 'alone 101-201']);
  });
});

describe('times', () => {
  test('is the most that a rule begins in a run', () => {
    const rule = at(0, { name: 'slow', ...slow, every: 1000, times: 3 });
    expect(planned([rule]).map(({ id }) => id)).toEqual(['slow#1', 'slow#2', 'slow#3']);
    expect(planned([rule], 1000)).toHaveLength(1);
  });
});

test('a longer run begins with the very faults of a shorter one, also where an outage would end too late', () => {
  const rules = [
    at(0, { name: 'a', every: 700, for: [100, 900] }),
    at(100, { name: 'b', what: 'pause', replica: 2, every: 900, for: [50, 600] }),
    at(200, { name: 'c', ...slow, every: 400, for: [100, 500], overlap: false }),
  ];
  const long = planned(rules, 60_000);
  for (let horizonMs = 1000; horizonMs < 20_000; horizonMs += 317) {
    expect(planned(rules, horizonMs)).toEqual(
      long.filter(({ startMs, durationMs }) => startMs + durationMs <= horizonMs),
    );
  }
});
