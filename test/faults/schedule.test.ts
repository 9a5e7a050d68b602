import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isOutage } from '../../harness/faults/fault-rule.ts';
import { profileRules, SCHEDULE_NOTES, SCHEDULES } from '../../harness/faults/profiles.ts';
import {
  resolveSchedule,
  type ResolvedSchedule,
  type ScheduleOptions,
} from '../../harness/faults/schedule.ts';
import { MAX_TIMED_FAULTS } from '../../harness/faults/timetable.ts';
import type { TimedFault } from '../../harness/faults/timed-fault.ts';
import { bundledCapabilities, OWN_CAPABILITIES } from '../../harness/environment/capabilities.ts';
import { NO_CAPABILITIES } from '../../harness/history/events.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';

const REDIS = bundledCapabilities({ store: 'redis', replicas: 2 });
const MEMORY = bundledCapabilities({ store: 'memory', replicas: 2 });

function resolved(name: string, more: Partial<ScheduleOptions> = {}): ResolvedSchedule {
  return resolveSchedule(name, { seed: '7', scenario: 'retry-storm', capabilities: REDIS, ...more });
}

const outagesOf = ({ timed }: ResolvedSchedule): readonly TimedFault[] =>
  timed.filter(({ action }) => isOutage({ what: action }));

describe('a resolved schedule', () => {
  test.each(SCHEDULES)('%s: the same seed gives the same schedule, and it survives JSON', (name) => {
    const first = resolved(name);
    expect(resolved(name)).toEqual(first);
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  });

  test('another seed moves the timed faults', () => {
    expect(resolved('heavy', { seed: '8' }).timed).not.toEqual(resolved('heavy').timed);
  });

  test('a longer run begins with the very faults of the shorter one', () => {
    const short = resolved('heavy', { durationMs: 20_000 }).timed;
    const long = resolved('heavy', { durationMs: 60_000 }).timed;
    expect(short.length).toBeGreaterThan(10);
    const ids = new Set(short.map(({ id }) => id));
    expect(long.filter(({ id }) => ids.has(id))).toEqual(short);
  });

  test('none has no fault at all', () => {
    expect(resolved('none')).toEqual({ profile: 'none', kinds: [], http: [], timed: [], left: [] });
  });

  test('heavy on Redis has every kind of fault but clocks', () => {
    expect([...resolved('heavy').kinds].toSorted()).toEqual(['edge', 'server', 'store', 'store-path']);
  });

  test('light on the memory store loses answers, makes copies and crashes replicas', () => {
    const { kinds, http, left } = resolved('light', { capabilities: MEMORY });
    expect(kinds).toEqual(['edge', 'server']);
    expect(http.map(({ toxic }) => toxic.type)).toEqual(
      expect.arrayContaining(['http_lose_answer', 'http_duplicate', 'http_arm']),
    );
    expect(left).toEqual([{ rule: 'slow-store', why: 'no proxy before the store' }]);
  });

  test('kinds tell exactly the kinds of the faults in it', () => {
    for (const name of SCHEDULES) {
      for (const scenario of SCENARIOS) {
        const { kinds, http, timed } = resolved(name, { scenario });
        expect([...kinds].toSorted()).toEqual(
          [...new Set([...http, ...timed].map(({ kind }) => kind))].toSorted(),
        );
      }
    }
  });
});

describe('bounds', () => {
  const everything = SCHEDULES.flatMap((name) => SCENARIOS.map((scenario) => [name, scenario] as const));

  test.each(everything)(
    '%s for %s: outages never overlap and take at most a third of the time',
    (name, scenario) => {
      for (const seed of ['1', '2', '3']) {
        const schedule = resolved(name, { scenario, seed, durationMs: 60_000 });
        const outages = outagesOf(schedule);
        for (const [index, outage] of outages.slice(1).entries()) {
          const before = outages[index];
          expect(outage.startMs).toBeGreaterThan((before?.startMs ?? 0) + (before?.durationMs ?? 0));
        }
        const downMs = outages.reduce((sum, { durationMs }) => sum + durationMs, 0);
        expect(downMs).toBeLessThanOrEqual(0.35 * 60_000);
        const longestMs = name === 'store-unsafe' ? 800 : 500;
        expect(outages.every(({ durationMs }) => durationMs <= longestMs)).toBe(true);
      }
    },
  );

  test('faults are sorted, end within the run, have ids of their own and hit replicas that exist', () => {
    const { timed } = resolved('heavy', { durationMs: 30_000 });
    expect(timed.map(({ startMs }) => startMs)).toEqual(
      timed.map(({ startMs }) => startMs).toSorted((a, b) => a - b),
    );
    expect(new Set(timed.map(({ id }) => id)).size).toBe(timed.length);
    for (const { action, startMs, durationMs, replica, where } of timed) {
      expect(startMs + durationMs).toBeLessThanOrEqual(30_000);
      const isOfOneReplica = where !== 'store' && action !== 'rolling-restart';
      expect(isOfOneReplica ? [1, 2] : [undefined]).toContain(replica);
    }
  });

  test('a day of heavy faults is cut at the highest count, and that is said', () => {
    const { timed, left } = resolved('heavy', { durationMs: 86_400_000 });
    expect(timed.length).toBe(MAX_TIMED_FAULTS);
    expect(left.map(({ rule }) => rule)).toEqual(['every timed fault']);
    expect(left[0]?.why).toMatch(/^none begins after \d+ s: 20000 are the most of one run$/);
  });

  test('every replica gets its share of the kills', () => {
    const kills = resolved('heavy', { durationMs: 300_000 }).timed.filter(
      ({ action, where }) => action === 'kill' && where === 'replica',
    );
    expect(new Set(kills.map(({ replica }) => replica))).toEqual(new Set([1, 2]));
  });
});

describe('what a target cannot bear is left out, and said', () => {
  test('the memory store: no process is killed or paused, nothing stands before the store', () => {
    const { timed, left } = resolved('heavy', { capabilities: MEMORY });
    expect(new Set(timed.map(({ where }) => where))).toEqual(new Set(['edge']));
    expect(left.find(({ rule }) => rule === 'dead-replica')?.why).toBe('replicas are not processes of ours');
    expect(left.find(({ rule }) => rule === 'dead-store')?.why).toBe('the store is not a process of ours');
  });

  test("somebody else's Redis is cut off, never killed", () => {
    const { timed } = resolved('store', { ownsStore: false });
    expect(new Set(timed.map(({ where }) => where))).toEqual(new Set(['store-path']));
  });

  test("one's own endpoint behind a hop gets edge faults only", () => {
    const { kinds } = resolved('heavy', { capabilities: OWN_CAPABILITIES });
    expect(kinds).toEqual(['edge']);
  });

  test("one's own endpoint without a hop gets no faults, and every rule says why", () => {
    const { kinds, http, timed, left } = resolved('heavy', { capabilities: NO_CAPABILITIES });
    expect({ kinds, http, timed }).toEqual({ kinds: [], http: [], timed: [] });
    expect(left).toHaveLength(profileRules('heavy', 'retry-storm').length);
  });

  test('with one replica a copy goes to that one', () => {
    const alone = bundledCapabilities({ store: 'memory', replicas: 1 });
    const { http } = resolved('light', { scenario: 'duplicated-requests', capabilities: alone });
    const copy = http.find(({ toxic }) => toxic.name === 'copy-to-other-replica');
    expect(copy?.toxic.attributes).toMatchObject({ upstream: 'same' });
  });
});

describe('built-in schedules suit the scenarios', () => {
  test.each(['key-expiry', 'key-reuse', 'near-zero'])(
    '%s gets no copies, no crashes and no outages from light and heavy',
    (scenario) => {
      for (const name of ['light', 'heavy']) {
        const { http, timed } = resolved(name, { scenario });
        expect(http.map(({ toxic }) => toxic.type)).not.toContain('http_duplicate');
        expect(http.map(({ toxic }) => toxic.type)).not.toContain('http_arm');
        expect(timed.filter(({ action }) => isOutage({ what: action }))).toEqual([]);
      }
    },
  );

  test('request faults hit attempts only, never the reading of a balance', () => {
    for (const { toxic } of resolved('heavy').http) {
      expect(toxic.attributes).toMatchObject({ has_header: 'Onceproof-Attempt' });
    }
  });

  test('duplicated-requests sends most requests to the other replica too', () => {
    const { http } = resolved('light', { scenario: 'duplicated-requests' });
    const copy = http.find(({ toxic }) => toxic.name === 'copy-to-other-replica');
    expect(copy?.toxic.attributes).toMatchObject({ share: 0.7, upstream: 'other' });
  });

  test('an outage is what stops all traffic of its place', () => {
    const outages = profileRules('heavy', 'retry-storm').filter((rule) => 'for' in rule && isOutage(rule));
    expect(outages.map(({ name }) => name).toSorted()).toEqual([
      'closed-edge',
      'closed-store',
      'dead-replica',
      'dead-store',
      'deployment',
      'full-store',
      'loading-store',
      'lost-store',
      'restarted-replica',
      'restarted-store',
      'silent-edge',
      'stopped-replica',
      'stopped-store',
    ]);
  });
});

test('every built-in schedule is named in the docs, with what it does and the verdict to expect', () => {
  const docs = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8');
  for (const name of SCHEDULES) {
    const row = docs.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
    const expected = SCHEDULE_NOTES[name].includes('invalid') ? 'invalid' : 'valid';
    expect(row, name).toMatch(new RegExp(`\\| ${expected}[^|]*\\|$`));
  }
});

test('an unknown name is one clear line', () => {
  expect(() => resolved('hevy')).toThrow(
    `--faults: no such fault schedule; expected ${SCHEDULES.join(', ')} or a .json file; found "hevy"`,
  );
});
