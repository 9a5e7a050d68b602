import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { collectEvidence, dossierOf } from '../../harness/report/evidence.ts';
import { MAX_BUCKETS } from '../../harness/report/evidence-latency.ts';
import { MAX_WINDOWS } from '../../harness/report/evidence-faults.ts';
import type { Violation } from '../../harness/model/verdict.ts';
import {
  arrival,
  balance,
  complete,
  crashStory,
  debit,
  fault,
  goodStory,
  historyOf,
  invalidSample,
  invoke,
  ledger,
  load,
  T0,
  unanswered,
} from './samples.ts';

function violationOf(over: Partial<Violation>): Violation {
  return { rule: 'double-debit', summary: 'twice', attempts: [], expected: '1', found: '2', ...over };
}

async function dossierFor(violation: Violation, events: readonly HistoryEvent[]) {
  const evidence = await collectEvidence(historyOf(events), { violations: [violation] });
  const dossier = dossierOf(evidence, violation);
  if (!dossier) throw new Error('no dossier');
  return dossier;
}

describe('latency over time', () => {
  test('quantiles are those of the answered attempts, to within the width of a bin', async () => {
    const events = Array.from({ length: 100 }, (_, index) => [
      invoke(`a-${index}.1`, 0),
      complete(`a-${index}.1`, index + 1),
    ]).flat();
    events.push(invoke('lost.1', 0), unanswered('lost.1', 50, 'time-out'));
    const { latency } = await collectEvidence(historyOf(events), { violations: [] });
    const total = latency.buckets.reduce((sum, bucket) => sum + bucket.ok, 0);
    expect(total).toBe(100);
    expect(latency.buckets.reduce((sum, bucket) => sum + bucket.info, 0)).toBe(1);
    const last = latency.buckets.at(-1);
    expect(last?.max).toBe(100);
    for (const { at, p50 } of latency.buckets) {
      const middle = Math.min(100, at - T0 + latency.bucketMs / 2);
      expect(Math.abs((p50 ?? 0) - middle)).toBeLessThan(0.06 * middle + 1);
    }
  });

  test('a day of completions stays within 600 buckets and loses none', async () => {
    const day = 86_400_000;
    const events: HistoryEvent[] = [];
    for (let index = 0; index < 40_000; index++) {
      const at = (index * day) / 40_000;
      events.push(invoke(`a-${index}.1`, at), complete(`a-${index}.1`, at + 5));
    }
    const { latency } = await collectEvidence(events, { violations: [] });
    expect(latency.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
    expect(latency.buckets.length).toBeGreaterThan(MAX_BUCKETS / 4);
    expect(latency.buckets.reduce((sum, bucket) => sum + bucket.ok, 0)).toBe(40_000);
  });

  test('a completion before its own start or without an invoke counts its outcome and no latency', async () => {
    const events = [
      invoke('a.1', 10),
      complete('a.1', 5),
      complete('b.1', 20, { outcome: 'fail', status: 409 }),
    ];
    const { latency } = await collectEvidence(events, { violations: [] });
    expect(latency.buckets.every((bucket) => bucket.p50 === undefined)).toBe(true);
    expect(latency.buckets.reduce((sum, bucket) => sum + bucket.ok + bucket.fail, 0)).toBe(2);
  });
});

describe('fault windows', () => {
  test('starts and ends are paired by id, and one without an end stays open', async () => {
    const events = [
      fault('f1', 'start', 10),
      fault('f2', 'start', 15, { name: 'timeout', kind: 'store-path' }),
      fault('f1', 'end', 30),
      fault('nobody', 'end', 40),
    ];
    const { faults } = await collectEvidence(historyOf(events), { violations: [] });
    expect(faults).toEqual([
      { name: 'latency', kind: 'edge', target: 'replica-1', startAt: T0 + 10, endAt: T0 + 30, count: 1 },
      { name: 'timeout', kind: 'store-path', target: 'replica-1', startAt: T0 + 15, count: 1 },
    ]);
  });

  test('thousands of windows are drawn as at most 500, and each is counted', async () => {
    const events = Array.from({ length: 5000 }, (_, index) => [
      fault(`f${index}`, 'start', index * 10, { target: `replica-${index % 3}` }),
      fault(`f${index}`, 'end', index * 10 + 4, { target: `replica-${index % 3}` }),
    ]).flat();
    const { faults } = await collectEvidence(historyOf(events), { violations: [] });
    expect(faults.length).toBeLessThanOrEqual(MAX_WINDOWS);
    expect(faults.reduce((sum, window) => sum + window.count, 0)).toBe(5000);
  });
});

describe('dossiers', () => {
  test("a violation's dossier holds its attempts, arrivals, faults and the reading after them, and nothing of others", async () => {
    const intent = 'rs-17-2';
    const { violations } = invalidSample().verdict;
    const [violation] = violations;
    if (!violation) throw new Error('no violation');
    const dossier = await dossierFor(violation, [...load(400, 6000), ...crashStory(intent, 3000)]);
    expect(dossier.invokes.map((event) => event.attempt)).toEqual([
      `${intent}.1`,
      `${intent}.2`,
      `${intent}.3`,
    ]);
    expect(dossier.completes.map((event) => event.outcome)).toEqual(['info', 'info', 'ok']);
    expect(dossier.arrivals.map((event) => [event.attempt, event.copy])).toEqual([
      [`${intent}.1`, 0],
      [`${intent}.2`, 0],
      [`${intent}.3`, 0],
      [`${intent}.3`, 1],
    ]);
    expect(dossier.observes.map((event) => event.what)).toEqual(['balance', 'balance', 'ledger']);
    expect(dossier.faults.some((event) => event.id === `crash-${intent}`)).toBe(true);
    expect(dossier.others).toEqual([]);
    expect(dossier.leftOutCount).toBe(0);
  });

  test('the intents of all attempts that are evidence belong to the dossier, also of another customer', async () => {
    const violation = violationOf({
      rule: 'key-scope',
      intent: 'kr-1-1',
      attempts: ['kr-1-1.1', 'kr-2-1.1'],
    });
    const dossier = await dossierFor(violation, [...goodStory('kr-1-1', 0), ...goodStory('kr-2-1', 40)]);
    expect(dossier.intents).toEqual(['kr-1-1', 'kr-2-1']);
    expect(dossier.customers).toEqual(['cust_kr-1-1', 'cust_kr-2-1']);
    expect(dossier.invokes).toHaveLength(2);
  });

  test('a violation that names a customer only gets all intents of that customer', async () => {
    const events = [
      balance('c', -5, 900, 'script'),
      invoke('a.1', 0, { customer: 'c' }),
      complete('a.1', 5),
      invoke('b.1', 10, { customer: 'c' }),
      complete('b.1', 15),
      balance('c', 30, 100),
    ];
    const dossier = await dossierFor(violationOf({ rule: 'conservation', customer: 'c' }), events);
    expect(dossier.intents).toEqual(['a', 'b']);
    expect(dossier.completes).toHaveLength(2);
    expect(dossier.observes.map((event) => event.value)).toEqual([900, 100]);
  });

  test("of a busy customer's other attempts only the nearest are kept, with their completions", async () => {
    const events: HistoryEvent[] = [];
    for (let index = 0; index < 300; index++) {
      events.push(
        invoke(`x-${index}.1`, index * 10, { customer: 'c' }),
        complete(`x-${index}.1`, index * 10 + 5),
      );
    }
    events.push(invoke('bad.1', 1502, { customer: 'c' }), complete('bad.1', 1507));
    const dossier = await dossierFor(violationOf({ intent: 'bad', customer: 'c' }), events);
    const kept = dossier.others.filter((event) => event.type === 'invoke').map((event) => event.attempt);
    expect(kept).toHaveLength(24);
    expect(kept).toContain('x-150.1');
    expect(kept).not.toContain('x-0.1');
    expect(dossier.others.filter((event) => event.type === 'complete')).toHaveLength(24);
    expect(dossier.leftOutCount).toBeGreaterThan(200);
  });

  test('a long ledger is cut to the debits of the intent and the last others', async () => {
    const debits = Array.from({ length: 5000 }, (_, index) => debit(`red_${index}`, `i-${index}`, index));
    const events = [invoke('i-3.1', 0, { customer: 'c' }), complete('i-3.1', 5), ledger('c', 9000, debits)];
    const dossier = await dossierFor(violationOf({ intent: 'i-3', customer: 'c' }), events);
    const [reading] = dossier.observes;
    expect(reading?.what).toBe('ledger');
    const ids = reading?.what === 'ledger' ? reading.value.map((one) => one.redemption_id) : [];
    expect(ids).toHaveLength(40);
    expect(ids[0]).toBe('red_3');
    expect(ids.at(-1)).toBe('red_4999');
  });

  test('an attempt that is sent again and again does not fill the memory', async () => {
    const events: HistoryEvent[] = [];
    for (let number = 1; number <= 500; number++) {
      events.push(
        invoke(`s.${number}`, number * 10),
        complete(`s.${number}`, number * 10 + 5, { outcome: 'fail', status: 409 }),
      );
    }
    const dossier = await dossierFor(violationOf({ rule: 'stuck', intent: 's' }), events);
    expect(dossier.invokes).toHaveLength(60);
    expect(dossier.leftOutCount).toBe(880);
  });

  test('one sample is drawn for each moment that is met, with what is read afterwards', async () => {
    const events = [
      ...goodStory('plain', 0),
      ...goodStory('retried', 100, 2),
      ...crashStory('crashed', 2000),
      invoke('both.1', 5000),
      invoke('both.2', 5000),
      complete('both.1', 5010),
      complete('both.2', 5010),
    ];
    const evidence = await collectEvidence(historyOf(events), { violations: [] });
    const samples = evidence.dossiers.map((dossier) => [dossier.moment, dossier.intents[0]]);
    expect(samples).toEqual([
      ['answer-lost-after-debit', 'retried'],
      ['crash-between-debit-and-reply', 'crashed'],
      ['overlap', 'both'],
    ]);
    const lost = evidence.dossiers[0];
    expect(lost?.observes.map((event) => event.what)).toEqual(['balance', 'balance', 'ledger']);
  });
});

test('a history that breaks off gives what was read until then, and says why', async () => {
  function* broken(): Generator<HistoryEvent> {
    yield* historyOf(goodStory('a', 0)).slice(0, 5);
    throw new Error('history.ndjson:6: not JSON');
  }
  const evidence = await collectEvidence(broken(), { violations: [] });
  expect(evidence.cutShort).toBe('history.ndjson:6: not JSON');
  expect(evidence.eventCount).toBe(5);
  expect(evidence.endReason).toBeUndefined();
});

test('an arrival that no attempt named is found by its key', async () => {
  const events = [invoke('a.1', 0), complete('a.1', 9), { ...arrival('a.1', 3, 5), attempt: undefined }];
  const cleaned = events.map((event) => JSON.parse(JSON.stringify(event)) as HistoryEvent);
  const dossier = await dossierFor(violationOf({ intent: 'a' }), cleaned);
  expect(dossier.arrivals).toHaveLength(1);
});
