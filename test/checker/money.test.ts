import { describe, expect, test } from 'vitest';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

describe('conservation', () => {
  const draw = (balance: number, credit = 0) => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    if (credit > 0) ada.credit(credit);
    ada.audit({ balance, redemptions: [coffee.row('rdm_1')], ledger: [coffee.debit('rdm_1')] });
    return judged(history.events());
  };

  test('start + credits - end is what was redeemed', () => {
    expect(draw(500).verdict).toBe('valid');
    expect(draw(700, 200).verdict).toBe('valid');
  });

  test('one point too few or too many is a violation', () => {
    expect(draw(499).violations).toMatchObject([
      { rule: 'conservation', customer: 'ada', found: 'end 499, so 501 points are gone' },
    ]);
    expect(rulesOf(draw(501))).toEqual(['conservation']);
    expect(rulesOf(draw(500, 200))).toEqual(['conservation']);
  });

  test('a debit without its redemption', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost();
    coffee.refused(409, 'idempotency_key_expired', {}, { via: 'settle' });
    ada.audit({ balance: 500, redemptions: [], ledger: [coffee.debit('rdm_1')] });
    const verdict = judged(history.events());
    expect(
      verdict.violations.filter(({ rule }) => rule === 'conservation').map(({ summary }) => summary),
    ).toContain('points were debited without a redemption');
  });

  test('other points than were asked for', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1', { points: 120 });
    coffee.ok('rdm_1');
    const row = { ...coffee.row('rdm_1'), points: 500 };
    ada.audit({ balance: 500, redemptions: [row], ledger: [{ ...coffee.debit('rdm_1'), points: 500 }] });
    expect(rulesOf(judged(history.events()))).toContain('conservation');
  });

  test('the points of a list that tells none are those that were asked for', () => {
    const history = drawHistory({ capabilities: { ledger: false } });
    const ada = history.customer('ada');
    ada.intent('i-1').ok('rdm_1');
    ada.audit({ balance: 500, redemptions: [{ redemption: 'rdm_1' }] });
    expect(judged(history.events()).verdict).toBe('valid');
  });
});

describe('overdraft', () => {
  test('a balance below 0, read or told', () => {
    const read = drawHistory();
    const ada = read.customer('ada', { points: 400 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(read.events()))).toEqual(['overdraft']);

    const told = drawHistory();
    const bob = told.customer('bob');
    const tea = bob.intent('i-1');
    tea.ok('rdm_1', { balance: -1 });
    bob.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(told.events()))).toEqual(['overdraft']);
  });

  test('0 is no overdraft', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 500 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1', { balance: 0 });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('more debited than there was, though the balance was written back', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 900 });
    const [one, two] = [ada.intent('i-1'), ada.intent('i-2')];
    one.ok('rdm_1');
    two.ok('rdm_2');
    ada.audit({
      balance: 400,
      redemptions: [one.row('rdm_1'), two.row('rdm_2')],
      ledger: [one.debit('rdm_1'), two.debit('rdm_2')],
    });
    expect(rulesOf(judged(history.events()))).toEqual(['conservation', 'overdraft']);
  });
});
