import { expect, test } from 'vitest';
import { Awake } from '../../harness/proxy/awake.ts';

/** Turns of an event loop whose clock moves by `stepMs` each. */
function loop(stepMs: number) {
  let [now, turns] = [0, 0];
  const waiting: (() => void)[] = [];
  return {
    clock: { now: () => now, soon: (call: () => void) => void waiting.push(call) },
    /** Runs until nothing waits, at most so many turns; gives how many there were. */
    run(limit: number): number {
      const before = turns;
      while (turns - before < limit) {
        const calls = waiting.splice(0);
        if (calls.length === 0) break;
        turns += 1;
        now += stepMs;
        for (const call of calls) call();
      }
      return turns - before;
    },
    get waitingCount(): number {
      return waiting.length;
    },
  };
}

test('the loop turns for 150 us, and then sleeps', () => {
  const turning = loop(0.01);
  new Awake(turning.clock).stay();
  const turns = turning.run(1000);
  expect(turns).toBeGreaterThanOrEqual(15);
  expect(turns).toBeLessThanOrEqual(16);
});

test('bytes that come meanwhile prolong it, and do not turn it twice', () => {
  const turning = loop(0.01);
  const awake = new Awake(turning.clock);
  awake.stay();
  turning.run(10);
  awake.stay();
  awake.stay();
  expect(turning.waitingCount).toBe(1);
  const turns = turning.run(1000);
  expect(turns).toBeGreaterThanOrEqual(15);
  expect(turns).toBeLessThanOrEqual(16);
});

test('after its end it can be kept awake again', () => {
  const turning = loop(1);
  const awake = new Awake(turning.clock);
  awake.stay();
  expect(turning.run(1000)).toBe(1);
  awake.stay();
  expect(turning.run(1000)).toBe(1);
});

test('with more than two connections it may sleep, until enough of them are gone', () => {
  const turning = loop(1);
  const awake = new Awake(turning.clock);
  for (let count = 0; count < 3; count++) awake.opened();
  awake.stay();
  expect(turning.waitingCount).toBe(0);
  awake.closed();
  awake.stay();
  expect(turning.waitingCount).toBe(1);
});
