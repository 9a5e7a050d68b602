import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { collectEvidence, dossierOf } from '../../harness/report/evidence.ts';
import { factsOf } from '../../harness/report/facts.ts';
import type { Item } from '../../harness/report/lanes-canvas.ts';
import { lanesOf } from '../../harness/report/lanes.ts';
import { storyOf } from '../../harness/report/story.ts';
import type { Violation } from '../../harness/model/verdict.ts';
import {
  arrival,
  balance,
  complete,
  crashStory,
  debit,
  doubleClickStory,
  fault,
  historyOf,
  invoke,
  ledger,
  T0,
  unanswered,
} from './samples.ts';

async function factsFor(intent: string, events: readonly HistoryEvent[]) {
  const violation: Violation = {
    rule: 'double-debit',
    summary: '',
    intent,
    customer: `cust_${intent}`,
    attempts: [],
    expected: '',
    found: '',
  };
  const evidence = await collectEvidence(historyOf(events), { violations: [violation] });
  const dossier = dossierOf(evidence, violation);
  if (!dossier) throw new Error('no dossier');
  return { dossier, facts: factsOf(dossier) };
}

async function drawn(intent: string, events: readonly HistoryEvent[]) {
  return lanesOf((await factsFor(intent, events)).facts);
}

function laneOf(
  drawing: { lanes: readonly { name: string; y: number; height: number }[] },
  item: Item | undefined,
) {
  return drawing.lanes.find((lane) => item && lane.y <= item.y && item.y <= lane.y + lane.height)?.name;
}

const rectangle = (item: Item) => ({
  left: item.x - (item.shape === 'bar' ? 0 : 6),
  right: Math.max(item.x + item.width, item.labelX + 10 + item.label.length * 6),
});

describe('the lane diagram', () => {
  test('has a lane for faults, client, hop, each replica and the ledger, from top to bottom', async () => {
    const drawing = await drawn('a', [
      fault('f', 'start', -5),
      ...crashStory('a', 0),
      fault('f', 'end', 600),
    ]);
    expect(drawing.lanes.map((lane) => lane.name)).toEqual([
      'faults',
      'client',
      'hop',
      'replica-1',
      'replica-2',
      'ledger',
    ]);
    for (const [index, lane] of drawing.lanes.slice(1).entries())
      expect(lane.y).toBe((drawing.lanes[index]?.y ?? 0) + (drawing.lanes[index]?.height ?? 0));
  });

  test('marks the crash on the replica that it struck, the lost answer at the hop, copies and debits', async () => {
    const drawing = await drawn('a', crashStory('a', 0));
    const of = (shape: Item['shape']) => drawing.items.filter((item) => item.shape === shape);
    expect(of('crash').map((item) => [laneOf(drawing, item), item.label])).toEqual([
      ['replica-1', 'crash after-debit'],
    ]);
    expect(of('lost').map((item) => [laneOf(drawing, item), item.label])).toEqual([['hop', 'answer lost']]);
    expect(of('copy').map((item) => item.label)).toEqual(['3 copy 1, duplicate']);
    expect(of('debit').map((item) => [laneOf(drawing, item), item.label])).toEqual([
      ['ledger', '−500 red_0c55e1'],
      ['ledger', '−500 red_7f31b2'],
    ]);
    expect(drawing.arrows.filter((arrow) => arrow.kind === 'lost')).toHaveLength(1);
    expect(drawing.arrows.filter((arrow) => arrow.kind === 'answer')).toHaveLength(1);
    expect(drawing.arrows.filter((arrow) => arrow.kind === 'debit')).toHaveLength(2);
  });

  test('time runs to the right, and what overlaps in time stands in different rows', async () => {
    const drawing = await drawn('a', doubleClickStory('a', 0));
    const [first, second] = drawing.items.filter((item) => item.shape === 'bar' && item.label.includes('→'));
    expect(first?.x).toBe(second?.x);
    expect(first?.y).not.toBe(second?.y);
    for (const item of drawing.items)
      for (const other of drawing.items) {
        if (item === other || item.y !== other.y || item.shape === 'crash' || other.shape === 'crash')
          continue;
        const [a, b] = [rectangle(item), rectangle(other)];
        expect(a.right <= b.left || b.right <= a.left, `${item.detail} over ${other.detail}`).toBe(true);
      }
  });

  test('everything lies inside the drawing, however many attempts there were', async () => {
    const events: HistoryEvent[] = [];
    for (let number = 1; number <= 60; number++)
      events.push(
        invoke(`a.${number}`, number * 3),
        arrival(`a.${number}`, number * 3 + 1, number * 3 + 20, { upstream: `replica-${number % 20}` }),
        unanswered(`a.${number}`, number * 3 + 30, 'reset'),
      );
    const drawing = await drawn('a', events);
    for (const item of drawing.items) {
      expect(item.x + item.width).toBeLessThanOrEqual(drawing.width);
      expect(item.y).toBeLessThan(drawing.height);
      expect(Number.isFinite(item.x + item.y + item.width)).toBe(true);
    }
    expect(drawing.lanes.at(-2)?.name).toBe('more replicas');
  });

  test('a target that no hop watches is drawn with client and ledger alone', async () => {
    const events = [
      invoke('a.1', 0),
      complete('a.1', 8, { redemption: 'r1' }),
      ledger('cust_a', 20, [debit('r1', 'a', 4)]),
    ];
    const drawing = await drawn('a', events);
    expect(drawing.lanes.map((lane) => lane.name)).toEqual(['client', 'ledger']);
  });

  test("other attempts of the customer are drawn with what they debited, and time counts from the dossier's own first attempt", async () => {
    const events = [
      invoke('b.1', -50, { customer: 'cust_a' }),
      complete('b.1', -30, { redemption: 'rb' }),
      invoke('a.1', 0),
      complete('a.1', 8, { redemption: 'ra' }),
      ledger('cust_a', 20, [debit('rb', 'b', -40), debit('ra', 'a', 4)]),
    ];
    const violation = await drawn('a', events);
    expect(violation.items.map((item) => [item.shape, item.tone, item.label])).toEqual([
      ['bar', 'other', 'b.1 → 200'],
      ['bar', 'ok', '1 → 200'],
      ['debit', 'other', '−500 rb (other)'],
      ['debit', 'debit', '−500 ra'],
    ]);
    expect(violation.ticks.map((tick) => tick.text)).toEqual([
      '-50 ms',
      '-40 ms',
      '-30 ms',
      '+0 ms',
      '+4 ms',
      '+8 ms',
    ]);
  });

  test('an attempt that was never answered reaches to the end and is open', async () => {
    const drawing = await drawn('a', [invoke('a.1', 0), invoke('a.2', 50), complete('a.2', 60)]);
    const [first] = drawing.items;
    expect(first).toMatchObject({ label: '1 → never answered', isOpen: true });
  });
});

describe('facts of a dossier', () => {
  test('a debit whose ledger time is that of a moved clock is placed where its attempt was at work', async () => {
    const events = [
      invoke('a.1', 0),
      arrival('a.1', 1, 6, { answer: 200, redemption: 'r1' }),
      complete('a.1', 7, { redemption: 'r1' }),
      ledger('cust_a', 50, [debit('r1', 'a', 86_400_000)]),
    ];
    const { facts } = await factsFor('a', events);
    expect(facts.debits).toMatchObject([
      { redemption: 'r1', at: T0 + 6, ledgerAt: T0 + 86_400_000, isExact: false, isOwn: true },
    ]);
  });

  test('without a ledger the list tells the redemptions, but not those from before', async () => {
    const list = (atMs: number, ids: readonly string[]): HistoryEvent => ({
      type: 'observe',
      at: T0 + atMs,
      until: T0 + atMs + 1,
      customer: 'cust_a',
      via: 'script',
      what: 'redemptions',
      value: ids.map((redemption) => ({ redemption, points: 500 })),
    });
    const events = [
      list(-10, ['old']),
      invoke('a.1', 0),
      complete('a.1', 9, { redemption: 'new' }),
      list(20, ['new', 'old']),
    ];
    const { dossier, facts } = await factsFor('a', events);
    expect(facts.debitsFrom).toBe('list');
    expect(facts.debits.map((one) => [one.redemption, one.isOwn, one.at - T0])).toEqual([['new', true, 9]]);
    expect(storyOf(dossier).ledger).toEqual(['1 redemption of this intent: new (500 points)']);
  });

  test('a reading from before the attempts says nothing about them', async () => {
    const events = [
      ledger('cust_a', -20, []),
      balance('cust_a', -10, 900),
      invoke('a.1', 0),
      complete('a.1', 9),
    ];
    const { dossier, facts } = await factsFor('a', events);
    expect(facts.debitsFrom).toBeUndefined();
    expect(storyOf(dossier).ledger).toEqual(['nothing was read back after these attempts']);
  });

  test('the story says which key, payload, credentials and connection each attempt had', async () => {
    const events = [
      invoke('a.1', 0, { key: 'k1' }),
      complete('a.1', 1, { outcome: 'fail', status: 409, code: 'idempotency_key_expired' }),
      invoke('a.2', 2, {
        key: 'k2',
        payloadHash: 'other',
        points: 120,
        reward: 'reward_coffee',
        actor: 'cust_b',
      }),
      complete('a.2', 3, { by: 'proxy', status: 503, outcome: 'info' }),
      invoke('a.3', 4, { key: ['k1', 'k2'], via: 'raw' }),
      complete('a.3', 5, {
        outcome: 'fail',
        status: 400,
        code: 'invalid_idempotency_key',
        leaks: ['cust_b'],
      }),
      invoke('a.4', 6, { via: 'settle' }),
    ].map((event) => event);
    const { dossier } = await factsFor('a', events);
    expect(storyOf(dossier).steps.map((step) => step.text)).toEqual([
      'attempt 1 sent, key k1',
      'attempt 1 refused: 409 idempotency_key_expired',
      'attempt 2 sent, other key k2, other payload (reward_coffee, 120 points), with the credentials of cust_b',
      'attempt 2 answered 503 by the proxy, not by the server',
      'attempt 3 sent, other 2 key headers, on a raw connection',
      'attempt 3 refused: 400 invalid_idempotency_key, holds cust_b',
      expect.stringMatching(/^attempt 4 sent, other key .*, to settle$/),
    ]);
  });
});
