import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { SCHEDULES } from '../harness/faults/profiles.ts';
import { decideHttpToxics } from '../harness/proxy/http/toxics.ts';
import { resolveSchedule } from '../harness/faults/schedule.ts';
import { uuidFrom } from '../harness/model/decide.ts';
import { ALL_CAPABILITIES, type Capabilities } from '../harness/history/events.ts';
import { SCENARIOS } from '../harness/plan/plan.ts';
import { prop } from './support/prop.ts';

const capabilities: fc.Arbitrary<Capabilities> = fc.record({
  balance: fc.boolean(),
  redemptions: fc.boolean(),
  ledger: fc.boolean(),
  clock: fc.boolean(),
  provision: fc.boolean(),
  credit: fc.boolean(),
  crash: fc.boolean(),
  processes: fc.boolean(),
  store: fc.boolean(),
  arrivals: fc.boolean(),
  replicas: fc.integer({ min: 1, max: 16 }),
});
const seed = fc.nat().map(String);
const schedule = fc.constantFrom(...SCHEDULES);
const scenario = fc.constantFrom(...SCENARIOS);

describe('the plan', () => {
  prop(
    'the same seed gives the same schedule',
    [schedule, scenario, seed, capabilities],
    (name, about, of, can) => {
      const resolve = () => resolveSchedule(name, { seed: of, scenario: about, capabilities: can });
      expect(resolve()).toEqual(resolve());
      // Plain data: what plan.json holds is the whole of it.
      expect(JSON.parse(JSON.stringify(resolve()))).toEqual(resolve());
    },
  );

  prop(
    'holds only what the target can bear',
    [schedule, scenario, seed, capabilities],
    (name, about, of, can) => {
      const { http, timed } = resolveSchedule(name, { seed: of, scenario: about, capabilities: can });
      if (!can.arrivals) expect(http).toEqual([]);
      if (!can.crash) expect(http.filter(({ toxic }) => toxic.type === 'http_arm')).toEqual([]);
      if (!can.processes) expect(timed.filter(({ kind }) => kind === 'server')).toEqual([]);
      if (!can.store)
        expect(timed.filter(({ kind }) => kind === 'store' || kind === 'store-path')).toEqual([]);
    },
  );

  prop(
    'the decision for an attempt does not depend on what came before it',
    [seed, fc.integer({ min: 1, max: 4 }), fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 30 })],
    (of, attempt, intents) => {
      const options = { seed: of, scenario: 'retry-storm', capabilities: ALL_CAPABILITIES };
      const toxics = resolveSchedule('heavy', options).http.map(({ toxic }) => ({
        name: toxic.name,
        type: toxic.type,
        stream: 'downstream',
        toxicity: 1,
        attributes: toxic.attributes ?? {},
      }));
      const hits = (intent: number, number: number) =>
        decideHttpToxics(of, toxics, {
          proxy: 'hop',
          number,
          method: 'POST',
          path: '/redeem',
          headerNames: ['onceproof-attempt'],
          intent: `rs-${intent}-1`,
          attempt,
        }).map(({ name }) => name);
      const inOrder = intents.map((intent, index) => hits(intent, index));
      const reversed = intents.toReversed().map((intent, index) => hits(intent, 1000 + index));
      expect(reversed.toReversed()).toEqual(inOrder);
      expect(toxics.length).toBeGreaterThan(5);
    },
  );

  prop(
    'keys of other runs, seeds and intents are other keys',
    [seed, seed, fc.nat(), fc.nat()],
    (one, other, i, j) => {
      const same = one === other && i === j;
      expect(uuidFrom(one, 'run', `i-${i}`) === uuidFrom(other, 'run', `i-${j}`)).toBe(same);
      expect(uuidFrom(one, 'run-a', `i-${i}`)).not.toBe(uuidFrom(one, 'run-b', `i-${i}`));
    },
  );
});
