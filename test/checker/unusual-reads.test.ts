/** What is right, and looks like something else: ids of each customer, debits in parts, reads that lag; each beside what is wrong. */

import { describe, expect, test } from 'vitest';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

describe('an id that another customer has, too', () => {
  const draw = (isListed: boolean, id = '1', capabilities: { redemptions?: boolean } = {}) => {
    const history = drawHistory({ capabilities: { ledger: false, ...capabilities } });
    const ada = history.customer('ada');
    const tea = ada.intent('i-1');
    tea.ok(id, { leaks: [id] });
    if (capabilities.redemptions === false) ada.audit({ balance: 500 });
    else if (isListed) ada.audit({ balance: 500, redemptions: [tea.row(id)] });
    else ada.audit({ balance: 1000, redemptions: [] });
    return rulesOf(judged(history.events()));
  };

  test('is its own where its list has it', () => {
    expect(draw(true)).toEqual([]);
    expect(draw(true, 'rdm_long_and_random')).toEqual([]);
  });

  test('is the other one’s where it has not', () => {
    expect(draw(false)).toContain('key-scope');
  });

  test('is chance only for a short number where no list can be read', () => {
    expect(draw(true, '1', { redemptions: false })).toEqual([]);
    expect(draw(true, 'rdm_long_and_random', { redemptions: false })).toEqual(['key-scope']);
  });
});

describe('a debit that is booked in parts', () => {
  const draw = (...parts: number[]) => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1');
    const spent = parts.reduce((sum, points) => sum + points, 0);
    ada.audit({
      balance: 1000 - spent,
      redemptions: [tea.row('rdm_1')],
      ledger: parts.map((points) => ({ ...tea.debit('rdm_1'), points })),
    });
    return judged(history.events());
  };

  test('is one where the parts add up to its price', () => {
    expect(draw(480, 20)).toMatchObject({ verdict: 'valid', counts: { debits: 1 } });
    expect(draw(300, 100, 100)).toMatchObject({ verdict: 'valid', counts: { debits: 1 } });
  });

  test('is too much, or too little, where they do not', () => {
    expect(rulesOf(draw(480, 40))).toContain('double-debit');
    expect(draw(480, 10).verdict).toBe('invalid');
    expect(rulesOf(draw(500, 500))).toContain('double-debit');
  });
});

describe('a balance that lags', () => {
  const draw = (listLagMs: number | undefined, waitMs: number) => {
    const history = drawHistory({ ...(listLagMs !== undefined && { listLagMs }) });
    const ada = history.customer('ada');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1');
    history.tick(waitMs);
    ada.readBalance(1000);
    ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('is stale where its owner allows no lag', () => {
    expect(draw(undefined, 50)).toEqual(['stale-read']);
  });

  test('is what was said within the lag, and stale beyond it', () => {
    expect(draw(1000, 50)).toEqual([]);
    expect(draw(1000, 1500)).toEqual(['stale-read']);
  });
});

describe('an answer that names a redemption', () => {
  const draw = (isSwapped: boolean, contract = {}) => {
    const history = drawHistory({ contract, capabilities: { ledger: false } });
    const ada = history.customer('ada');
    const [tea, cake] = [ada.intent('i-1'), ada.intent('i-2')];
    tea.ok(isSwapped ? 'rdm_2' : 'rdm_1');
    cake.ok(isSwapped ? 'rdm_1' : 'rdm_2');
    ada.audit({ balance: 0, redemptions: [tea.row('rdm_1'), cake.row('rdm_2')] });
    return judged(history.events());
  };

  test('that stands under another one’s name was mixed up', () => {
    expect(draw(true).violations).toMatchObject([
      { rule: 'lost-debit', intent: 'i-1', found: "rdm_2, which is i-2's by ledger or list" },
      { rule: 'lost-debit', intent: 'i-2' },
    ]);
  });

  test('of its own is right', () => {
    expect(draw(false)).toMatchObject({ verdict: 'valid', violations: [] });
  });
});
