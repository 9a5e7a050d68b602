import { expect, test } from 'vitest';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

test('one intent done once is valid', () => {
  const history = drawHistory();
  const ada = history.customer('ada');
  const coffee = ada.intent('i-1');
  coffee.lost();
  coffee.ok('rdm_1', { replayed: true });
  ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
  const verdict = judged(history.events());
  expect(verdict).toMatchObject({ verdict: 'valid', reasons: [], violations: [] });
});

test('one intent done twice is a double debit', () => {
  const history = drawHistory();
  const ada = history.customer('ada');
  const coffee = ada.intent('i-1');
  coffee.ok('rdm_1');
  coffee.ok('rdm_2');
  ada.auditWith([
    { intent: coffee, redemption: 'rdm_1' },
    { intent: coffee, redemption: 'rdm_2' },
  ]);
  expect(rulesOf(judged(history.events()))).toContain('double-debit');
});

test('a confirmed redemption that is gone is a lost debit', () => {
  const history = drawHistory();
  const ada = history.customer('ada');
  ada.intent('i-1').ok('rdm_1');
  ada.auditWith([]);
  expect(rulesOf(judged(history.events()))).toEqual(['lost-debit']);
});
