import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSchedule } from '../../harness/faults/schedule-file.ts';
import { resolveSchedule } from '../../harness/faults/schedule.ts';
import { Nemesis } from '../../harness/faults/nemesis.ts';
import { startEnvironment } from '../../harness/environment/environment.ts';
import { until } from '../../harness/environment/store.ts';
import type { Environment } from '../../harness/environment/types.ts';
import { ALL_CAPABILITIES, type ClockEvent, type FaultEvent } from '../../harness/history/events.ts';
import { optionsFor, testFolder } from '../environment/support.ts';
import { endless, scheduleOf } from './nemesis-support.ts';

const HOUR_MS = 3_600_000;
const folder = testFolder();
let environment: Environment;
beforeAll(async () => {
  environment = await startEnvironment(optionsFor(folder));
});
afterAll(() => environment.close());

test('jumps of the store add up, each move told before and after, and heal puts the clock right', async () => {
  const events: (FaultEvent | ClockEvent)[] = [];
  const jump = (id: string, offsetMs: number) =>
    endless({ id, action: 'clock-jump', where: 'store', kind: 'clock', detail: { offset_ms: offsetMs } });
  const skew = endless({ action: 'skew', where: 'replica', kind: 'clock', detail: { offset_ms: -HOUR_MS } });
  const schedule = scheduleOf([jump('a', HOUR_MS), jump('b', 1), skew]);
  const nemesis = new Nemesis({ environment, schedule, emit: (event) => events.push(event) });
  nemesis.start();
  const ahead = (): number[] =>
    events.flatMap((event) => (event.type === 'clock' ? [Math.round(event.valueMs - event.at)] : []));
  expect(await until(async () => ahead().length === 4, 30_000)).toBe(true);
  expect(ahead()).toEqual([0, HOUR_MS, HOUR_MS, HOUR_MS + 1]);
  await nemesis.heal();
  expect(nemesis.problems).toEqual([]);
  expect(ahead().slice(4)).toEqual([HOUR_MS + 1, 1, 1, 0]);
  const faults = events.flatMap((event) => (event.type === 'fault' ? [`${event.phase} ${event.name}`] : []));
  expect(faults.toSorted()).toEqual([
    'end clock-jump',
    'end clock-jump',
    'end skew',
    'start clock-jump',
    'start clock-jump',
    'start skew',
  ]);
});

test.each([0, 864_000_001, 1.5, '1 h', undefined])('a clock cannot be wrong by %s', (offset) => {
  const rule = { name: 'r', what: 'skew', where: 'replica', for: 100, detail: { offset_ms: offset } };
  expect(() => parseSchedule(JSON.stringify({ rules: [rule] }), 'f.json')).toThrow(
    /f\.json: rules\[0\]\.detail\.offset_ms: .*-864000000 to 864000000 but 0/,
  );
});

test('an endpoint without those hooks is told what was left out', () => {
  const capabilities = { ...ALL_CAPABILITIES, crash: false };
  const { left, timed } = resolveSchedule('clock', { seed: '1', scenario: 'soak', capabilities });
  expect(timed).toEqual([]);
  expect(new Set(left.map(({ why }) => why))).toEqual(
    new Set(["no hook moves the store's clock", "no hook makes a replica's clock wrong"]),
  );
});
