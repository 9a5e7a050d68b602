import { expect, test } from 'vitest';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

/** A customer that was there before, of whom only the balance can be read. */
const BALANCE_ONLY = { capabilities: { redemptions: false, ledger: false, clock: false, provision: false } };

test('a balance that falls by more than all intents cost is a double debit, list or no list', () => {
  const draw = (end: number) => {
    const history = drawHistory(BALANCE_ONLY);
    const ada = history.unread('ada');
    ada.readBalance(1000, 'script');
    ada.intent('i-1', { points: 120 }).ok('v-1');
    ada.audit({ balance: end });
    return rulesOf(judged(history.events()));
  };
  expect(draw(880)).toEqual([]);
  expect(draw(760)).toEqual(['double-debit']);
  expect(draw(1000)).toEqual(['lost-debit']);
});

test('a malformed key may be answered with anything where the contract leaves that open', () => {
  const draw = (malformedKey: 'unspecified' | { status: number }) => {
    const history = drawHistory({ contract: { malformedKey } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.intent('i-2', { key: 'a b' }).refused(400, 'invalid_request');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };
  expect(draw('unspecified')).toEqual([]);
  expect(draw({ status: 422 })).toEqual(['key-syntax']);
});
