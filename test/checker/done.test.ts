import { describe, expect, test } from 'vitest';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

describe('lost-debit', () => {
  test('a 200 whose redemption is gone afterwards is a violation', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    ada.intent('i-1').ok('rdm_1');
    ada.auditWith([]);
    expect(judged(history.events()).violations).toMatchObject([
      { rule: 'lost-debit', intent: 'i-1', found: 'no debit, no redemption in the list' },
    ]);
  });

  test('a 200 whose customer is gone afterwards is a violation, and no other rule repeats it', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    ada.readBalance(1000);
    ada.intent('i-1').ok('rdm_1');
    ada.readBalance(500);
    ada.auditGone();
    const verdict = judged(history.events());
    expect(verdict.violations).toMatchObject([
      { rule: 'lost-debit', intent: 'i-1', found: 'no such customer any more' },
    ]);
    expect(verdict.reasons).toEqual([
      '1 customer was not known to the endpoint any more when it was read back, e.g. ada',
    ]);
  });

  test('a customer that is gone and was promised nothing makes the verdict unknown, not invalid', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    ada.intent('i-1').refused(404, 'customer_not_found');
    ada.auditGone();
    const verdict = judged(history.events());
    expect(verdict.violations).toEqual([]);
    expect(verdict.verdict).toBe('unknown');
  });

  test('a 200 with a row and without a debit is one too', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({ balance: 1000, redemptions: [coffee.row('rdm_1')], ledger: [] });
    expect(rulesOf(judged(history.events()))).toEqual(['conservation', 'lost-debit']);
  });

  test('an answer that never came and nothing done is none', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost();
    coffee.refused(422, 'insufficient_points', {}, { via: 'settle', points: 500 });
    ada.intent('i-2', { points: 120 }).refused(404, 'reward_not_found');
    ada.auditWith([]);
    expect(rulesOf(judged(history.events()))).not.toContain('lost-debit');
  });

  test('a 200 that names no redemption must have left one', () => {
    const draw = (isDone: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.send().answered(200);
      ada.auditWith(isDone ? [{ intent: coffee, redemption: 'rdm_1' }] : []);
      return rulesOf(judged(history.events()));
    };
    expect(draw(true)).toEqual([]);
    expect(draw(false)).toEqual(['lost-debit']);
  });

  test('a target that tells of rewards, and of none, handed out none', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.readRewards([]);
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations).toMatchObject([
      { rule: 'lost-debit', intent: 'i-1', found: 'no reward issued' },
    ]);
  });

  test('a redemption whose reward was never issued is lost, where the target tells of rewards', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const [one, two] = [ada.intent('i-1'), ada.intent('i-2')];
    one.ok('rdm_1');
    two.ok('rdm_2');
    ada.audit({
      balance: 0,
      redemptions: [one.row('rdm_1'), two.row('rdm_2')],
      ledger: [one.debit('rdm_1'), two.debit('rdm_2')],
      rewards: ['rdm_1'],
    });
    expect(judged(history.events()).violations).toMatchObject([
      { rule: 'lost-debit', intent: 'i-2', found: 'no reward issued' },
    ]);
  });

  test('a proxy’s 200 in its own name promises nothing', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.send().answered(200, { by: 'proxy' });
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('an unaudited customer loses nothing yet, but the verdict is unknown', () => {
    const history = drawHistory();
    history.customer('ada').intent('i-1').ok('rdm_1');
    const verdict = judged(history.events());
    expect(verdict).toMatchObject({ verdict: 'unknown', violations: [] });
    expect(verdict.reasons).toEqual(['1 customer was never read back after settling, e.g. ada']);
  });
});

describe('refused-but-done', () => {
  const draw = (isDone: boolean, code: readonly [number, string] = [422, 'insufficient_points']) => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 600 });
    const [big, small] = [ada.intent('i-1'), ada.intent('i-2')];
    small.ok('rdm_2');
    big.refused(...code);
    ada.audit({
      balance: isDone ? -400 : 100,
      redemptions: [small.row('rdm_2'), ...(isDone ? [big.row('rdm_1')] : [])],
      ledger: [small.debit('rdm_2'), ...(isDone ? [big.debit('rdm_1')] : [])],
    });
    return rulesOf(judged(history.events()));
  };

  test('refused for good, and debited', () => {
    expect(draw(true)).toEqual(['overdraft', 'refused-but-done']);
  });

  test('refused, and not debited', () => {
    expect(draw(false)).toEqual([]);
  });

  test('"in progress" does not mean "no effect": another request is at work', () => {
    expect(draw(true, [409, 'redemption_in_progress'])).not.toContain('refused-but-done');
  });

  test('the loser of a race for one key with two payloads must not have been committed', () => {
    const race = (isLoserDone: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada', { points: 2000 });
      const first = ada.intent('i-1', { key: 'k' });
      const other = ada.intent('i-2', { key: 'k', points: 501 });
      const sent = first.send();
      other.refused(422, 'idempotency_key_reused');
      sent.ok('rdm_1');
      ada.auditWith([
        { intent: first, redemption: 'rdm_1' },
        ...(isLoserDone ? [{ intent: other, redemption: 'rdm_2' }] : []),
      ]);
      return rulesOf(judged(history.events()));
    };
    expect(race(false)).toEqual([]);
    expect(race(true)).toContain('refused-but-done');
  });
});

describe('a 200 that only the hop saw', () => {
  function draw(seen: { answer?: number; redemption?: string }, done: boolean, names = true) {
    const history = drawHistory({ capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
    if (names) tea.ok('rdm_1');
    else tea.send().answered(204);
    const sent = cake.send();
    sent.arrives(seen).lost();
    cake.refused(409, 'idempotency_key_expired');
    ada.auditWith([
      { intent: tea, redemption: 'rdm_1' },
      ...(done ? [{ intent: cake, redemption: 'rdm_2' }] : []),
    ]);
    return judged(history.events()).violations.filter(({ rule }) => rule === 'lost-debit');
  }

  test('names a redemption that must be there', () => {
    expect(draw({ answer: 200, redemption: 'rdm_2' }, false)).toMatchObject([
      { intent: 'i-2', expected: 'rdm_2 to be there after settling' },
    ]);
    expect(draw({ answer: 200, redemption: 'rdm_2' }, true)).toEqual([]);
  });

  test('says nothing where it was none, or where answers name nothing', () => {
    expect(draw({ answer: 409, redemption: 'rdm_2' }, false)).toEqual([]);
    expect(draw({}, false)).toEqual([]);
    expect(draw({ answer: 200, redemption: 'something' }, true, false)).toEqual([]);
  });
});
