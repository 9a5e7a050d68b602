import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isOutage, REQUEST_FAULTS, TIMED_ACTIONS } from '../../harness/faults/fault-rule.ts';
import { NEVER_DRAWN } from '../../harness/faults/random-schedule.ts';
import { parseSchedule } from '../../harness/faults/schedule-file.ts';
import {
  resolveSchedule,
  type ResolvedSchedule,
  type ScheduleOptions,
} from '../../harness/faults/schedule.ts';
import { bundledCapabilities } from '../../harness/environment/capabilities.ts';
import { NO_CAPABILITIES } from '../../harness/history/events.ts';

const REDIS = bundledCapabilities({ store: 'redis', replicas: 2 });
const MEMORY = bundledCapabilities({ store: 'memory', replicas: 2 });
const SEEDS = Array.from({ length: 200 }, (_, index) => String(index + 1));

function drawn(seed: string, more: Partial<ScheduleOptions> = {}): ResolvedSchedule {
  return resolveSchedule('random', { seed, scenario: 'soak', capabilities: REDIS, ...more });
}

/** Types of the faults in a schedule, each once. */
function typesOf({ http, timed }: ResolvedSchedule): ReadonlySet<string> {
  return new Set([...http.map(({ toxic }) => toxic.type), ...timed.map(({ action }) => action)]);
}

describe('a random schedule', () => {
  test('is the same for the same seed, and another for another', () => {
    const texts = SEEDS.map((seed) => JSON.stringify(drawn(seed).file));
    expect(SEEDS.map((seed) => JSON.stringify(drawn(seed).file))).toEqual(texts);
    expect(new Set(texts).size).toBe(SEEDS.length);
    // Different in what it does, not only in numbers.
    const kinds = SEEDS.map((seed) => [...typesOf(drawn(seed))].toSorted().join());
    expect(new Set(kinds).size).toBeGreaterThan(SEEDS.length * 0.9);
  });

  test('over 200 seeds each fault occurs that a right server survives, and none that it does not', () => {
    const occurring = new Set(SEEDS.flatMap((seed) => [...typesOf(drawn(seed))]));
    const wanted = [...REQUEST_FAULTS, ...TIMED_ACTIONS].filter((type) => !NEVER_DRAWN.has(type));
    expect([...occurring].toSorted()).toEqual(wanted.toSorted());
  });

  test('is a schedule file of at most nine rules, from which the same faults come again', () => {
    const dir = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    for (const seed of SEEDS) {
      const schedule = drawn(seed);
      const { name, rules } = parseSchedule(JSON.stringify(schedule.file), 'random.json');
      expect(name).toBe('random');
      expect(rules.length).toBeGreaterThanOrEqual(4);
      expect(rules.length).toBeLessThanOrEqual(9);
      const file = join(dir, `${seed}.json`);
      writeFileSync(file, JSON.stringify({ runId: 'r', faults: schedule }));
      expect(resolveSchedule(file, { seed, scenario: 'soak', capabilities: REDIS })).toEqual(schedule);
    }
  });

  test('is bounded in strength', () => {
    for (const seed of SEEDS) {
      const { http, timed, left } = drawn(seed, { durationMs: 60_000 });
      expect(left).toEqual([]);
      for (const { toxic } of http) {
        if (toxic.type === 'http_arm') continue;
        const { share, how } = toxic.attributes ?? {};
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThanOrEqual(how === 'hang' ? 0.02 : 0.2);
      }
      const outages = timed.filter(({ action }) => isOutage({ what: action }));
      const downMs = outages.reduce((sum, { durationMs }) => sum + durationMs, 0);
      expect(downMs).toBeLessThanOrEqual(0.35 * 60_000);
      expect(timed.every(({ durationMs }) => durationMs <= 500)).toBe(true);
      expect(timed.every(({ overlap }) => overlap === undefined)).toBe(true);
    }
  });

  test('holds only what the target can do, and always something', () => {
    for (const seed of SEEDS) {
      const memory = drawn(seed, { capabilities: MEMORY });
      expect(memory.left).toEqual([]);
      const isPossible = memory.timed.every(({ action, where }) => where === 'edge' || action === 'skew');
      expect(isPossible).toBe(true);
      expect(memory.http.length + memory.timed.length).toBeGreaterThan(0);
      const foreign = drawn(seed, { ownsStore: false });
      expect(foreign.timed.filter(({ where }) => where === 'store')).toEqual([]);
    }
  });

  test('of a target that can do nothing says what it left out', () => {
    const { http, timed, left } = drawn('1', { capabilities: NO_CAPABILITIES });
    expect({ http, timed }).toEqual({ http: [], timed: [] });
    expect(left.length).toBeGreaterThanOrEqual(4);
  });

  test('leaves clocks, payloads and the last points alone where a scenario steers them', () => {
    const harmless = ['http_delay_answer', 'latency', 'bandwidth', 'slicer'];
    for (const seed of SEEDS) {
      const types = [...typesOf(drawn(seed, { scenario: 'key-expiry' }))];
      expect(types.filter((type) => !harmless.includes(type))).toEqual([]);
    }
  });
});
