/** A balance that was read between others, where points were given in between. */
import { describe, expect, test } from 'vitest';
import {
  drawHistory,
  judged,
  rulesOf,
  type DrawnCustomer,
  type RunOptions,
} from '../support/history-builder.ts';

type Done = Parameters<DrawnCustomer['auditWith']>[0][number];

/** 1000 points, less 100 for tea, 500 more, less 200 for cake. */
function judgedWith(
  between: (ada: DrawnCustomer) => readonly Done[] | void,
  options: RunOptions = {},
): ReturnType<typeof judged> {
  const history = drawHistory(options);
  const ada = history.customer('ada');
  const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
  tea.ok('rdm_1');
  ada.credit(500);
  const more = between(ada) ?? [];
  cake.ok('rdm_2');
  const done = [{ intent: tea, redemption: 'rdm_1' }, { intent: cake, redemption: 'rdm_2' }, ...more];
  ada.auditWith(done, 500);
  return judged(history.events());
}

describe('a balance that is read after a debit and a credit', () => {
  test('is right with what they leave', () => {
    expect(judgedWith((ada) => ada.readBalance(1400)).violations).toEqual([]);
  });

  test('is one that no order of them explains', () => {
    expect(judgedWith((ada) => ada.readBalance(1399)).violations).toMatchObject([
      { rule: 'conservation', customer: 'ada', expected: '1400 points, give or take what was under way' },
    ]);
  });

  test('comes from an older state', () => {
    expect(rulesOf(judgedWith((ada) => ada.readBalance(900)))).toEqual(['stale-read']);
  });

  test('comes from an older state, and the endpoint’s reads may lag', () => {
    const verdict = judgedWith((ada) => ada.readBalance(900), { listLagMs: 1000 });
    expect(verdict.violations).toEqual([]);
  });

  test('is no sum of anything, however long reads may lag', () => {
    const verdict = judgedWith((ada) => ada.readBalance(1399), { listLagMs: 1000 });
    expect(rulesOf(verdict)).toEqual(['conservation']);
  });

  test('while a debit is under way is right with it and without it', () => {
    for (const [value, count] of [
      [1400, 0],
      [1100, 0],
      [1250, 1],
    ] as const) {
      const verdict = judgedWith((ada) => {
        const lost = ada.intent('i-3', { points: 300 });
        lost.lost();
        ada.readBalance(value);
        lost.ok('rdm_3');
        return [{ intent: lost, redemption: 'rdm_3' }];
      });
      expect(
        verdict.violations.filter(({ rule }) => rule === 'conservation'),
        String(value),
      ).toHaveLength(count);
    }
  });
});

describe('where only the balance can be read', () => {
  const BALANCE_ONLY = { capabilities: { ledger: false, redemptions: false } } as const;
  /** 1000 points, less 100 for tea, which is asked for once more, less 200 for cake. */
  const repeated = (balance: number, first?: string, second?: string) => {
    const history = drawHistory(BALANCE_ONLY);
    const ada = history.unread('ada', 1000);
    ada.readBalance(1000);
    const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
    tea.send().answered(200, { ...(first !== undefined && { redemption: first }) });
    tea.send().answered(200, { ...(second !== undefined && { redemption: second }), replayed: true });
    ada.readBalance(balance);
    cake.ok('rdm_2');
    ada.readBalance(700, 'audit');
    return judged(history.events());
  };

  test.each([
    ['the repetition', 'rdm_1', undefined],
    ['the first answer', undefined, 'rdm_1'],
    ['neither of them', undefined, undefined],
    ['no answer', 'rdm_1', 'rdm_1'],
  ])('two answers of one key tell of one debit, and %s names none', (_name, first, second) => {
    expect(repeated(900, first, second).violations).toEqual([]);
    expect(rulesOf(repeated(1000, first, second))).toEqual(['stale-read']);
    expect(rulesOf(repeated(899, first, second))).toEqual(['conservation']);
  });
});
