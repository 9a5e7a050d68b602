/** Points that a customer was made with, and points that it was given: what a refusal for too few of them is worth. */

import { describe, expect, test } from 'vitest';
import type { Contract } from '../../harness/model/contract.ts';
import type { CreditEvent, HistoryEvent } from '../../harness/history/events.ts';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

interface Drawn {
  /** What it was made with; undefined: nobody wrote it down. */
  readonly made?: number;
  readonly given?: number;
  readonly contract?: Partial<Contract>;
  readonly isSameKey?: boolean;
}

/** Of 600 points 500 are spent; one more reward is refused, points are given, and it is refused again. Only lists are read. */
function refusedAgain({ made, given = 400, contract, isSameKey = true }: Drawn): HistoryEvent[] {
  const capabilities = { ledger: false, balance: false };
  const history = drawHistory({ capabilities, ...(contract && { contract }) });
  const ada = history.unread('ada');
  if (made !== undefined)
    history.add({ type: 'credit', at: history.tick(), customer: 'ada', points: made, made: true });
  ada.readList([]);
  const [one, two, three] = [ada.intent('i-1'), ada.intent('i-2'), ada.intent('i-3')];
  one.ok('rdm_1');
  two.refused(422, 'insufficient_points');
  ada.credit(given);
  (isSameKey ? two : three).refused(422, 'insufficient_points');
  ada.audit({ redemptions: [one.row('rdm_1')] });
  return history.events();
}

describe('refused for too few points', () => {
  test('though enough had been given, and nothing but the list can be read', () => {
    expect(rulesOf(judged(refusedAgain({ made: 600 })))).toEqual(['unexpected-status']);
  });

  test('rightly, where what was given is not enough', () => {
    expect(judged(refusedAgain({ made: 600, given: 399 }))).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  test('and nobody knows what there was at first', () => {
    expect(judged(refusedAgain({}))).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  test('and the refusal is kept under the key', () => {
    const contract = { storesInsufficientPoints: true };
    expect(judged(refusedAgain({ made: 600, contract }))).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(rulesOf(judged(refusedAgain({ made: 600, contract, isSameKey: false })))).toEqual([
      'unexpected-status',
    ]);
  });

  test.each([
    ['which were spent afterwards', 'after', 'client-i-3', ['unexpected-status']],
    ['which another request under way may have spent by then', 'before', 'client-i-3', []],
    ['which were spent for a name that had been asked for before', 'after', 'client-i-1', []],
  ] as const)('with enough of them, %s', (_name, sent, client, rules) => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 600 });
    const asks = [ada.intent('i-1'), ada.intent('i-2'), ada.intent('i-3', { client })];
    const [one, two, three] = asks as [(typeof asks)[0], (typeof asks)[0], (typeof asks)[0]];
    if (client === 'client-i-1') one.lost();
    const early = sent === 'before' ? three.send() : undefined;
    two.refused(422, 'insufficient_points');
    (early ?? three.send()).ok('rdm_3');
    if (client === 'client-i-1') one.refused(409, 'duplicate_redemption', { redemption: 'rdm_3' });
    ada.auditWith([{ intent: three, redemption: 'rdm_3' }]);
    expect(rulesOf(judged(history.events()))).toEqual(rules);
  });

  test('in the millisecond in which the points had come: the lines tell which was first', () => {
    const history = refusedAgain({ made: 600 });
    const at = history.findIndex((event) => event.type === 'credit' && event.made !== true && !event.asked);
    const [credit, invoke] = history.slice(at) as [HistoryEvent, HistoryEvent];
    expect([credit.type, invoke.type]).toEqual(['credit', 'invoke']);
    const together = { ...credit, at: (invoke as CreditEvent).at } as HistoryEvent;
    expect(rulesOf(judged(history.with(at, together)))).toEqual(['unexpected-status']);
    expect(judged(history.with(at, invoke).with(at + 1, together))).toMatchObject({ verdict: 'valid' });
  });

  test('before the points came', () => {
    const history = drawHistory({ capabilities: { ledger: false, balance: false } });
    const ada = history.unread('ada');
    history.add({ type: 'credit', at: history.tick(), customer: 'ada', points: 100, made: true });
    ada.readList([]);
    const sent = ada.intent('i-1').send();
    ada.credit(400);
    sent.refused(422, 'insufficient_points');
    const two = ada.intent('i-2');
    two.ok('rdm_2');
    ada.audit({ redemptions: [two.row('rdm_2')] });
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

test('what a customer was made with is no credit to the balance that was read', () => {
  const history = drawHistory();
  const ada = history.unread('ada');
  history.add({ type: 'credit', at: history.tick(), customer: 'ada', points: 1000, made: true });
  ada.readBalance(1000);
  ada.readList([]);
  const coffee = ada.intent('i-1');
  coffee.ok('rdm_1');
  ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
  expect(judged(history.events())).toMatchObject({ verdict: 'valid', reasons: [] });
});

describe('a balance that could not be read at first', () => {
  function read(made: boolean, left: number) {
    const history = drawHistory();
    const ada = history.unread('ada');
    if (made) history.add({ type: 'credit', at: history.tick(), customer: 'ada', points: 1000, made: true });
    ada.readList([]);
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({
      balance: left,
      redemptions: [coffee.row('rdm_1')],
      ledger: [coffee.debit('rdm_1')],
    });
    return judged(history.events());
  }

  test('is what the customer was made with', () => {
    expect(read(true, 500)).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(rulesOf(read(true, 499))).toEqual(['conservation']);
  });

  test('leaves a customer open that nobody made', () => {
    expect(read(false, 500).verdict).toBe('unknown');
  });
});

describe('points that were asked for when the script ended', () => {
  const nothing = { balance: false, redemptions: false, ledger: false };
  const withList = { ...nothing, balance: true, redemptions: true };

  function cutShort(
    left: number,
    { confirmed = false, capabilities = withList, reason = 'interrupted' } = {},
  ) {
    const history = drawHistory({ capabilities });
    const ada = history.customer('ada', { points: 1000 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    if (confirmed) ada.credit(400);
    else history.add({ type: 'credit', at: history.tick(), customer: 'ada', points: 400, asked: true });
    ada.audit({ balance: left, ...(capabilities.redemptions && { redemptions: [coffee.row('rdm_1')] }) });
    return judged(history.events(reason));
  }

  test('leave the verdict open also where the run went to its end', () => {
    const { verdict, reasons } = cutShort(900, { reason: 'finished' });
    expect(verdict).toBe('unknown');
    expect(reasons).toEqual([expect.stringContaining('1 customer may have been given points, or not')]);
    expect(cutShort(900, { reason: 'finished', confirmed: true })).toMatchObject({
      verdict: 'valid',
      reasons: [],
    });
  });

  test.each([500, 900])('may be there or not: %i are left', (left) => {
    expect(cutShort(left)).toMatchObject({ verdict: 'unknown', violations: [] });
  });

  test.each([499, 700, 901, 1300])('explain nothing else: %i are left', (left) => {
    expect(rulesOf(cutShort(left))).toEqual(['conservation']);
  });

  test('are there once where they were confirmed', () => {
    expect(cutShort(900, { confirmed: true })).toMatchObject({ verdict: 'unknown', violations: [] });
    expect(rulesOf(cutShort(500, { confirmed: true }))).toEqual(['conservation']);
    expect(rulesOf(cutShort(1300, { confirmed: true }))).toEqual(['conservation']);
  });

  test('leave the arithmetic of a balance alone unjudged, and say so', () => {
    const capabilities = { ...nothing, balance: true };
    const { violations, unjudged } = cutShort(900, { capabilities });
    expect(violations).toEqual([]);
    expect(unjudged).toContainEqual(
      expect.objectContaining({ rule: 'lost-debit', why: expect.stringContaining('asked for') }),
    );
    expect(rulesOf(cutShort(1300, { capabilities, confirmed: true }))).toEqual(['lost-debit']);
  });
});
