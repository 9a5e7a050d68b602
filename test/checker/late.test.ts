import { describe, expect, test } from 'vitest';
import { drawHistory, judged, type RunOptions } from '../support/history-builder.ts';

function closed(options: RunOptions = {}) {
  const history = drawHistory(options);
  const ada = history.customer('ada');
  const coffee = ada.intent('i-1');
  const sent = coffee.ok('rdm_1');
  ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
  history.tick(5000);
  // Somebody else's line lets the time pass: ada is judged and dropped.
  history.customer('ben').retire();
  return { history, ada, coffee, sent };
}

describe('a customer that is read once more after it was closed', () => {
  test('and has the same rows in another order, is as it was', () => {
    const { history, ada, coffee } = closed();
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', counts: { readAgain: 1 } });
  });

  test('and is equal by its digest, is as it was', () => {
    const { history } = closed();
    history.add({ type: 'audited', at: history.tick(), customer: 'ada', again: 'd1' });
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', counts: { readAgain: 1 } });
  });

  test('and has a second debit by now, was debited twice', () => {
    const { history, ada, coffee } = closed();
    ada.audit({
      balance: 0,
      redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')],
      ledger: [coffee.debit('rdm_1'), coffee.debit('rdm_2')],
    });
    expect(judged(history.events()).violations).toMatchObject([{ rule: 'double-debit', customer: 'ada' }]);
  });

  test('and has lost its debit by now, lost it', () => {
    const { history, ada } = closed();
    ada.audit({ balance: 1000, redemptions: [], ledger: [] });
    expect(judged(history.events()).violations).toMatchObject([{ rule: 'lost-debit', customer: 'ada' }]);
  });

  test('and has another balance only, does not add up', () => {
    const { history, ada, coffee } = closed();
    ada.audit({ balance: 380, redemptions: [coffee.row('rdm_1')], ledger: [coffee.debit('rdm_1')] });
    expect(judged(history.events()).violations).toMatchObject([{ rule: 'conservation', customer: 'ada' }]);
  });

  describe('an intent whose key had expired before anybody was answered', () => {
    const draw = (points: number, first: 'lost' | 'refused') => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1', { points: 500 });
      if (first === 'lost') coffee.lost();
      else coffee.refused(422, 'insufficient_points');
      coffee.refused(409, 'idempotency_key_expired', {}, { via: 'settle' });
      ada.audit({ balance: 1000, redemptions: [], ledger: [] });
      history.tick(5000);
      history.customer('ben').retire();
      ada.audit({
        balance: 1000 - points,
        redemptions: [{ ...coffee.row('rdm_1'), points }],
        ledger: [{ ...coffee.debit('rdm_1'), points }],
      });
      return judged(history.events()).violations.map(({ rule }) => rule);
    };

    test('may be finished by the server itself, once', () => {
      expect(draw(500, 'lost')).not.toContain('double-debit');
    });

    test('but not for more points, and not after "no effect"', () => {
      expect(draw(700, 'lost')).toContain('double-debit');
      expect(draw(500, 'refused')).toContain('double-debit');
    });
  });

  test('where a request without a key may still have acted, it is not known', () => {
    const history = drawHistory({ contract: { missingKey: 'accept' } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1', { key: null });
    coffee.lost();
    ada.auditWith([]);
    history.tick(5000);
    history.customer('ben').retire();
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    const { violations, reasons } = judged(history.events());
    expect(violations).toEqual([]);
    expect(reasons.join()).toMatch(/could not be compared/);
  });
});
