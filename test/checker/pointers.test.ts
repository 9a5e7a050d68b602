/** A typo in a pointer is neither a proof nor a loss of data. */

import { describe, expect, test } from 'vitest';
import { pointersOfTarget, referenceTarget } from '../../harness/model/target.ts';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

const POINTERS = pointersOfTarget(referenceTarget('http://127.0.0.1:1'));

describe('a pointer to the id in an answer', () => {
  function draw(redemption: string | undefined, pointers: Record<string, string>) {
    const history = drawHistory({ pointers, capabilities: { ledger: false, redemptions: false } });
    const ada = history.customer('ada');
    const members = {
      customer: 'ada',
      balance: 500,
      bodyHash: 'b',
      ...(redemption !== undefined && { redemption }),
    };
    ada
      .intent('i-1')
      .send()
      .answered(200, { replayed: false, ...members });
    ada.audit({ balance: 500 });
    return judged(history.events());
  }

  test('that never found one gives no verdict, and is named', () => {
    const { verdict, reasons } = draw(undefined, { 'answer.redemption': '/redemptionid' });
    expect(verdict).toBe('unknown');
    expect(reasons).toEqual([
      'JSON pointers of the config that found nothing in any answer: answer.redemption (/redemptionid)',
    ]);
  });

  test('that found one does, and so does none at all', () => {
    expect(draw('rdm_1', POINTERS).verdict).toBe('valid');
    expect(draw(undefined, {}).verdict).toBe('valid');
  });
});

describe('a pointer to the id in a list', () => {
  function draw(name: (redemption: string) => string) {
    const history = drawHistory({ pointers: POINTERS, capabilities: { ledger: false } });
    const ada = history.customer('ada');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1', { balance: 500 });
    ada.audit({ balance: 500, redemptions: [{ ...tea.row('rdm_1'), redemption: name('rdm_1') }] });
    return judged(history.events());
  }

  test('that never found one is no lost debit', () => {
    const { verdict, violations, reasons } = draw(() => '');
    expect(violations).toEqual([]);
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toContain('redemptions.redemption (/redemption_id)');
  });

  test('that finds them is judged: other ids are a lost debit', () => {
    expect(draw((id) => id).verdict).toBe('valid');
    expect(rulesOf(draw(() => 'rdm_other'))).toContain('lost-debit');
  });
});

test('a pointer to the code is one of those only where the contract promises one', () => {
  const draw = (code: string | undefined) => {
    const history = drawHistory({ pointers: { 'answer.code': '/kode' } });
    const ada = history.customer('ada');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1');
    ada
      .intent('i-2', { points: 900 })
      .send()
      .answered(422, code === undefined ? {} : { code });
    ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    return judged(history.events()).verdict;
  };
  expect(draw('insufficient_points')).toBe('valid');
  expect(draw(undefined)).toBe('unknown');
});

test('without a config, or before there were pointers in a history, nothing is doubted', () => {
  const history = drawHistory();
  const ada = history.customer('ada');
  const tea = ada.intent('i-1', { client: null });
  tea.ok('rdm_1');
  ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
  expect(judged(history.events()).verdict).toBe('valid');
});
