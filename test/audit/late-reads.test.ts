import { expect, test } from 'vitest';
import { Auditor } from '../../harness/audit/auditor.ts';
import { LateReads } from '../../harness/audit/late-reads.ts';
import { digestOf } from '../../harness/history/reading-digest.ts';
import { PROFILES } from '../../harness/model/contract.ts';
import type { HistoryEvent, ObserveEvent } from '../../harness/history/events.ts';

/** An auditor whose customer has these balances, one a reading, on a clock that moves when somebody waits. */
async function closedBy(
  balances: readonly number[],
  times: { quietMs?: number; readLagMs?: number; lateMs?: number },
) {
  const clock = { now: 1000 };
  const written: HistoryEvent[] = [];
  let reads = 0;
  const auditor = new Auditor({
    contract: PROFILES.seed,
    endpoint: {
      redeem: async () => ({ status: 200, by: 'server' }),
      read: async (customer, now) => {
        const value = balances[Math.min(reads++, balances.length - 1)] ?? 0;
        return [{ type: 'observe', at: now(), until: now(), customer, via: 'audit', what: 'balance', value }];
      },
    },
    emit: (event) => written.push(event),
    settleMs: 5000,
    live: false,
    pendingFor: () => 0,
    ...times,
    now: () => clock.now,
    sleep: async (ms) => void (clock.now += ms),
  });
  auditor.push({ type: 'credit', at: 1, customer: 'ada', points: 1 });
  const summary = await auditor.finish();
  const told = written.map((event) =>
    event.type === 'observe' && typeof event.value === 'number'
      ? String(event.value)
      : `audited${'again' in event ? ' again' : ''}`,
  );
  return { told, summary, reads };
}

test('a customer is closed by two equal reads, the second as a digest', async () => {
  expect((await closedBy([5], { quietMs: 250, readLagMs: 1000 })).told).toEqual(['5', 'audited again']);
});

test('reads that lag are repeated until they are equal', async () => {
  const { told } = await closedBy([9, 7, 5, 5], { quietMs: 250, readLagMs: 1000 });
  expect(told).toEqual(['9', '7', '5', 'audited again']);
});

test('reads that never are equal end when the lag is over', async () => {
  const { told } = await closedBy([9, 8, 7, 6, 5, 4, 3, 2], { quietMs: 250, readLagMs: 500 });
  expect(told.at(-1)).toBe('audited');
  expect(told.length).toBeLessThan(6);
});

test('what is equal at the end is told as a digest, and what changed is told whole', async () => {
  const equal = await closedBy([5], { lateMs: 5000 });
  expect(equal).toMatchObject({ told: ['5', 'audited', 'audited again'], summary: { readAgain: 1 } });
  expect((await closedBy([5, 3], { lateMs: 5000 })).told).toEqual(['5', 'audited', '3', 'audited']);
});

test('at most 2,000 are drawn, the same by the same seed, and all that something reached', () => {
  const draw = () => {
    const late = new LateReads('7');
    for (let index = 0; index < 9000; index++) late.closed(`c${index}`, [`i-${index}`], 'd');
    return late;
  };
  const names = (late: LateReads) => late.drawn().map(({ name }) => name);
  expect(names(draw())).toHaveLength(2000);
  expect(names(draw())).toEqual(names(draw()));
  const reached = draw();
  for (let index = 0; index < 9000; index++)
    reached.arrived({ type: 'arrival', at: 1, hop: 'h', attempt: `i-${index}.1`, copy: 1 });
  expect(names(reached)).toHaveLength(9000);
});

test('a digest does not know the order of rows', () => {
  const read = (...redemptions: string[]): ObserveEvent => ({
    type: 'observe',
    at: 1,
    until: 2,
    customer: 'ada',
    via: 'audit',
    what: 'redemptions',
    value: redemptions.map((redemption) => ({ redemption })),
  });
  expect(digestOf([read('a', 'b')])).toBe(digestOf([read('b', 'a')]));
  expect(digestOf([read('a', 'b')])).not.toBe(digestOf([read('a', 'c')]));
});
