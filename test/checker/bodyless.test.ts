/** Answers without a body: they name no redemption, and undefined is not undefined's equal. */

import { expect, test } from 'vitest';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

/** A 204, and the key again. */
function draw(done: number, capabilities = {}) {
  const history = drawHistory({ capabilities });
  const ada = history.customer('ada');
  const tea = ada.intent('i-1', { points: 100 });
  for (const replayed of [false, true]) tea.send().answered(204, { replayed });
  const names = ['rdm_1', 'rdm_2'].slice(0, done);
  ada.auditWith(names.map((redemption) => ({ intent: tea, redemption })));
  return judged(history.events());
}

test.each([{}, { ledger: false }, { ledger: false, redemptions: false }])(
  'are right with their effect, once: %j',
  (capabilities) => {
    expect(draw(1, capabilities)).toMatchObject({ verdict: 'valid', violations: [] });
    expect(rulesOf(draw(0, capabilities))).toContain('lost-debit');
    expect(rulesOf(draw(2, capabilities))).toContain('double-debit');
  },
);

test('two intents that are one redemption have its effect in common', () => {
  const history = drawHistory({ contract: { duplicateIntent: 'replay' } });
  const ada = history.customer('ada');
  const tea = ada.intent('i-1', { client: 'tea' });
  tea.send().answered(204, { replayed: false });
  ada.intent('i-2', { client: 'tea' }).send().answered(204, { replayed: true });
  ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
  expect(judged(history.events())).toMatchObject({ verdict: 'valid', violations: [] });
});

test('an answer that names none contradicts none', () => {
  const history = drawHistory();
  const ada = history.customer('ada');
  const tea = ada.intent('i-1');
  tea.ok('rdm_1');
  tea.send().answered(204, { replayed: true });
  ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
  expect(judged(history.events())).toMatchObject({ verdict: 'valid', violations: [] });
});
