/** What the balance says where nothing else can be read. */

import { expect, test } from 'vitest';
import {
  drawHistory,
  judged,
  rulesOf,
  type DrawnCustomer,
  type RunOptions,
} from '../support/history-builder.ts';

function judgedWith(draw: (ada: DrawnCustomer) => void, { capabilities, ...options }: RunOptions = {}) {
  const history = drawHistory({
    ...options,
    capabilities: { redemptions: false, ledger: false, arrivals: true, ...capabilities },
  });
  draw(history.customer('ada'));
  return judged(history.events());
}

const UNCOVERED = { contract: { duplicateIntent: 'uncovered', duplicateWindowMs: 0 } } as const;

/** Two keys for one named intent; the hop saw these answers to the second one's request and its copy. */
function twoKeys(answers: readonly (number | undefined)[], end: number, options: RunOptions) {
  return judgedWith((ada) => {
    const tea = ada.intent('i-1', { points: 100 });
    tea.ok('rdm_1').arrives({ answer: 200 });
    const second = tea.send({ key: 'other' });
    answers.forEach((answer, copy) =>
      second.arrives({ copy, ...(answer !== undefined && { answer, redemption: 'rdm_2' }) }),
    );
    second.refused(409, 'redemption_in_progress');
    ada.audit({ balance: end });
  }, options);
}

test('a second key whose copy got the 200 costs as much again where the contract does not cover it', () => {
  expect(rulesOf(twoKeys([409, 200], 800, UNCOVERED))).not.toContain('double-debit');
  expect(rulesOf(twoKeys([409, 200], 700, UNCOVERED))).toContain('double-debit');
});

test('and once only where the contract covers it', () => {
  expect(rulesOf(twoKeys([409, 409], 900, {}))).not.toContain('double-debit');
  expect(rulesOf(twoKeys([409, 200], 800, {}))).toContain('double-debit');
});

test('a 200 that only the hop saw has cost its price', () => {
  const draw = (end: number) =>
    rulesOf(
      judgedWith((ada) => {
        const tea = ada.intent('i-1', { points: 100 });
        tea.lost().arrives({ answer: 200, redemption: 'rdm_1' });
        ada.audit({ balance: end });
      }),
    );
  expect(draw(900)).toEqual([]);
  expect(draw(1000)).toEqual(['lost-debit']);
});

test('two redemptions without a name of their own cost twice, under two keys', () => {
  const draw = (end: number) =>
    rulesOf(
      judgedWith((ada) => {
        const tea = ada.intent('i-1', { points: 100, client: null });
        tea.ok('rdm_1');
        tea.ok('rdm_2', {}, { key: 'other' });
        ada.audit({ balance: end });
      }, UNCOVERED),
    );
  expect(draw(800)).toEqual([]);
  expect(draw(900)).toEqual(['lost-debit']);
  expect(draw(700)).toEqual(['double-debit']);
});

test('what was asked without a key may have been done as often as it arrived', () => {
  const draw = (end: number, copies: number) =>
    rulesOf(
      judgedWith(
        (ada) => {
          const sent = ada.intent('i-1', { key: null, client: null, points: 100 }).send();
          for (let copy = 0; copy < copies; copy++) sent.arrives({ copy, answer: 200 });
          sent.ok('rdm_1');
          ada.audit({ balance: end });
        },
        { contract: { missingKey: 'accept' } },
      ),
    );
  expect(draw(800, 2)).toEqual([]);
  expect(draw(800, 1)).toEqual(['double-debit']);
  expect(draw(1000, 1)).toEqual(['lost-debit']);
});

test('a fresh key whose only answer is a replay was used before the run', () => {
  const verdict = judgedWith((ada) => {
    ada.intent('i-1').send().arrives({ answer: 200 }).ok('rdm_1', { replayed: true });
    ada.audit({ balance: 1000 });
  });
  expect(verdict).toMatchObject({ verdict: 'unknown', violations: [] });
  expect(verdict.reasons.join()).toContain('this run id was used before');
});

test('what was debited before an opening that nobody read is no overdraft', () => {
  const draw = (isRead: boolean) => {
    const history = drawHistory({ capabilities: { provision: false, redemptions: false } });
    const ada = history.unread('ada');
    ada.readBalance(1000, 'script');
    if (isRead) ada.readLedger([], 'script');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1');
    const old = { redemption_id: 'rdm_old', points: 5000, at_ms: 0, client_redemption_id: 'old' };
    ada.audit({ balance: 500, ledger: [old, tea.debit('rdm_1')] });
    return rulesOf(judged(history.events()));
  };
  expect(draw(false)).toEqual([]);
  expect(draw(true)).toContain('overdraft');
});
