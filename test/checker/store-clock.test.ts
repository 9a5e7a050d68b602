import { describe, expect, test } from 'vitest';
import { drawHistory, judged, rulesOf, type DrawnHistory } from '../support/history-builder.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The store's clock jumps between two events, as the nemesis writes them. */
function jump(history: DrawnHistory, fromMs: number, toMs: number): void {
  for (const aheadMs of [fromMs, toMs]) {
    const at = history.tick();
    history.add({ type: 'clock', at, valueMs: at + aheadMs, frozen: false });
  }
}

/** A key accepted in 1 ms, jumps of the store's clock (how far it is ahead), and the answer 3 ms after the first of them. */
function answeredAfter(answer: 'replay' | 'expired', ...aheadMs: readonly number[]): string[] {
  const history = drawHistory();
  const ada = history.customer('ada');
  const coffee = ada.intent('i-1');
  coffee.ok('rdm_1');
  let before = 0;
  for (const next of aheadMs) {
    jump(history, before, next);
    before = next;
  }
  if (answer === 'replay') coffee.ok('rdm_1', { replayed: true });
  else coffee.refused(409, 'idempotency_key_expired');
  ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
  return rulesOf(judged(history.events()));
}

describe('a jump of the store’s clock', () => {
  test.each([
    ['ends 10 ms before the expiry', [DAY_MS - 10], [], ['expiry']],
    ['ends inside the measured uncertainty', [DAY_MS - 4], [], []],
    ['ends past the expiry', [DAY_MS], ['expiry'], []],
    ['goes back', [-2 * HOUR_MS], [], ['expiry']],
    ['is over again', [DAY_MS + HOUR_MS, 0], [], ['expiry']],
    ['is past a tombstone and over again: the key may be gone', [8 * DAY_MS, 0], [], []],
  ] as const)('that %s', (_name, aheadMs, replayed, expired) => {
    expect(answeredAfter('replay', ...aheadMs)).toEqual(replayed);
    expect(answeredAfter('expired', ...aheadMs)).toEqual(expired);
  });

  test('while an attempt is in flight: it may have met either time', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    const sent = coffee.send();
    jump(history, 0, DAY_MS);
    sent.refused(409, 'idempotency_key_expired');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations).toEqual([]);
  });

  test.each([
    ['beside it the key was accepted, and the jump ends the TTL', DAY_MS, true, []],
    ['beside it the key was accepted, and the jump ends before the TTL', DAY_MS - HOUR_MS, true, ['expiry']],
    ['nothing came beside it', DAY_MS, false, ['expiry']],
  ] as const)(
    'while the first attempt is in flight, and it is refused as expired: %s',
    (_name, aheadMs, isBeside, rules) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      const held = coffee.send();
      if (isBeside) coffee.ok('rdm_1');
      jump(history, 0, aheadMs);
      held.refused(409, 'idempotency_key_expired');
      if (!isBeside) {
        jump(history, aheadMs, 0);
        coffee.ok('rdm_1');
      }
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      expect(rulesOf(judged(history.events()))).toEqual(rules);
    },
  );

  test.each([
    ['a key that the server accepted when the client had given up, during the jump', 60, []],
    ['one that it accepted before', 0, ['expiry']],
  ] as const)('%s', (_name, lateMs, rules) => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const first = coffee.lost();
    first.arrives({ at: history.now, endedAt: history.now + lateMs, answer: 200 });
    jump(history, 0, DAY_MS);
    history.tick(100);
    coffee.ok('rdm_1', { replayed: true });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual(rules);
  });

  test.each([
    ['between two clicks without a name ends their window', [DAY_MS, 0], []],
    ['that never was leaves it', [], ['duplicate-intent']],
  ] as const)('%s', (_name, aheadMs, rules) => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1', { client: null, points: 100 });
    coffee.ok('rdm_1', {}, { key: 'k-1' });
    let before = 0;
    for (const next of aheadMs) {
      jump(history, before, next);
      before = next;
    }
    coffee.ok('rdm_2', {}, { key: 'k-2' });
    ada.audit({
      balance: 800,
      redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')],
      ledger: [coffee.debit('rdm_1', 'k-1'), coffee.debit('rdm_2', 'k-2')],
    });
    expect(rulesOf(judged(history.events()))).toEqual(rules);
  });
});
