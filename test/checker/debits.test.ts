import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../harness/model/contract.ts';
import { drawHistory, judged, rulesOf, T0 } from '../support/history-builder.ts';

const DAY_MS = 86_400_000;

describe('double-debit', () => {
  test('one key redeemed twice is a violation, whoever was answered first', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    const one = coffee.send();
    const two = coffee.send();
    two.ok('rdm_2');
    one.ok('rdm_1');
    ada.auditWith([
      { intent: coffee, redemption: 'rdm_1' },
      { intent: coffee, redemption: 'rdm_2' },
    ]);
    const verdict = judged(history.events());
    expect(verdict.verdict).toBe('invalid');
    expect(verdict.violations.find(({ rule }) => rule === 'double-debit')).toMatchObject({
      intent: 'i-1',
      customer: 'ada',
      key: 'key-i-1',
      attempts: ['i-1.1', 'i-1.2'],
      expected: 'exactly one debit',
      found: '2 debits (rdm_1, rdm_2)',
    });
  });

  test('one key sent twice and redeemed once is none', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const one = coffee.send();
    coffee.send().refused(409, 'redemption_in_progress');
    one.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', violations: [], reasons: [] });
  });

  test('a debit that no answer told of is seen in the ledger', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    coffee.lost();
    coffee.ok('rdm_2');
    ada.auditWith([
      { intent: coffee, redemption: 'rdm_1' },
      { intent: coffee, redemption: 'rdm_2' },
    ]);
    expect(rulesOf(judged(history.events()))).toEqual(['double-debit']);
  });

  test('two debits of one redemption count twice', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({
      balance: 1000,
      redemptions: [coffee.row('rdm_1')],
      ledger: [coffee.debit('rdm_1'), coffee.debit('rdm_1')],
    });
    expect(rulesOf(judged(history.events()))).toEqual(['conservation', 'double-debit']);
  });

  test('without a ledger the list tells', () => {
    const history = drawHistory({ capabilities: { ledger: false } });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({ balance: 1000, redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')] });
    expect(rulesOf(judged(history.events()))).toEqual(['double-debit']);
  });

  test('a row that a shifting page shows twice is one redemption', () => {
    const history = drawHistory({ capabilities: { ledger: false } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({ balance: 500, redemptions: [coffee.row('rdm_1'), coffee.row('rdm_1')] });
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('a cancelled row holds no points', () => {
    const history = drawHistory({ capabilities: { ledger: false } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({
      balance: 500,
      redemptions: [coffee.row('rdm_1'), { ...coffee.row('rdm_0'), status: 'cancelled' }],
    });
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('without list and ledger the arithmetic of the balance tells', () => {
    const draw = (balance: number) => {
      const history = drawHistory({ capabilities: { ledger: false, redemptions: false } });
      const ada = history.customer('ada', { points: 2000 });
      ada.intent('i-1').ok('rdm_1');
      ada.intent('i-2').lost();
      ada.audit({ balance });
      return rulesOf(judged(history.events()));
    };
    expect(draw(1500)).toEqual([]);
    expect(draw(1000)).toEqual([]);
    expect(draw(500)).toEqual(['double-debit']);
    expect(draw(2000)).toEqual(['lost-debit']);
    expect(draw(1250)).toEqual(['conservation']);
  });

  test('an effect without a name belongs to an undecided intent of its shape; one more is too many', () => {
    const draw = (rows: readonly string[]) => {
      const history = drawHistory({ capabilities: { ledger: false } });
      const ada = history.customer('ada', { points: 5000 });
      const coffee = ada.intent('i-1', { client: null });
      coffee.lost();
      coffee.refused(409, 'idempotency_key_expired', {}, { via: 'settle' });
      ada.audit({ balance: 5000 - 500 * rows.length, redemptions: rows.map((row) => coffee.row(row)) });
      return rulesOf(judged(history.events()));
    };
    expect(draw([])).not.toContain('double-debit');
    expect(draw(['rdm_1'])).not.toContain('double-debit');
    expect(draw(['rdm_1', 'rdm_2'])).toContain('double-debit');
  });

  test('a debit that no intent accounts for is one too many', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    const stranger = ada.intent('i-9', { points: 120, key: 'nobody' });
    ada.auditWith([
      { intent: coffee, redemption: 'rdm_1' },
      { intent: stranger, redemption: 'rdm_9' },
    ]);
    expect(judged(history.events()).violations).toMatchObject([
      { rule: 'double-debit', summary: 'a debit that no intent accounts for', attempts: [] },
    ]);
  });

  test('what was there before the first attempt is nobody’s', () => {
    const history = drawHistory();
    const old = { redemption: 'rdm_0', reward: 'reward_67890', points: 500, status: 'completed' };
    const ada = history.customer('ada', { opening: [old] });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({
      balance: 500,
      redemptions: [coffee.row('rdm_1'), old],
      ledger: [{ redemption_id: 'rdm_0', points: 500, at_ms: 0 }, coffee.debit('rdm_1')],
    });
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('what an unknown past can explain is not judged', () => {
    const history = drawHistory({ capabilities: { provision: false } });
    const ada = history.unread('ada');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1');
    ada.audit({
      balance: 500,
      redemptions: [tea.row('rdm_1'), { redemption: 'rdm_old', points: 120 }],
      ledger: [tea.debit('rdm_1'), { redemption_id: 'rdm_old', points: 120, at_ms: 0 }],
    });
    expect(judged(history.events()).violations).toEqual([]);
  });

  test('a reward issued twice for one redemption is a violation, issued once it is none', () => {
    const draw = (rewards: readonly string[]) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1');
      ada.audit({
        balance: 500,
        redemptions: [coffee.row('rdm_1')],
        ledger: [coffee.debit('rdm_1')],
        rewards,
      });
      return rulesOf(judged(history.events()));
    };
    expect(draw(['rdm_1'])).toEqual([]);
    expect(draw(['rdm_1', 'rdm_1'])).toEqual(['double-debit']);
  });
});

describe('what the contract permits', () => {
  const twice = (
    options: Parameters<typeof drawHistory>[0],
    client: string | null,
    ages: readonly number[],
  ) => {
    const history = drawHistory(options);
    const ada = history.customer('ada', { points: 5000 });
    const coffee = ada.intent('i-1', { client });
    const redemptions = ages.map((age, index) => {
      ada.clock(T0 + age);
      coffee.ok(`rdm_${index}`);
      return `rdm_${index}`;
    });
    ada.auditWith(redemptions.map((redemption) => ({ intent: coffee, redemption })));
    return judged(history.events());
  };

  test('a key whose tombstone is gone is new again', () => {
    expect(twice({}, null, [0, 7 * DAY_MS])).toMatchObject({
      verdict: 'valid',
      counts: { permittedDoubles: 1 },
    });
    expect(rulesOf(twice({}, null, [0, 7 * DAY_MS - 1]))).toContain('double-debit');
  });

  test('the client’s own name protects for good, whatever happens to the key', () => {
    expect(rulesOf(twice({}, 'c-1', [0, 7 * DAY_MS]))).toEqual(['double-debit']);
  });

  test('where an expired key is new at once, the TTL is the border', () => {
    const options = { contract: PROFILES.stripe };
    expect(twice(options, 'c-1', [0, DAY_MS]).verdict).toBe('valid');
    expect(rulesOf(twice(options, 'c-1', [0, DAY_MS - 1]))).toContain('double-debit');
    expect(rulesOf(twice(options, null, [0, DAY_MS, DAY_MS + 1]))).toContain('double-debit');
    expect(twice(options, null, [0, DAY_MS, 2 * DAY_MS]).verdict).toBe('valid');
  });

  test('a missing key under "accept" is unprotected, with each arrival a redemption of its own', () => {
    const draw = (arrivals: number, debits: number) => {
      const history = drawHistory({ contract: PROFILES.stripe, capabilities: { arrivals: true } });
      const ada = history.customer('ada', { points: 5000 });
      const coffee = ada.intent('i-1', { key: null });
      const attempt = coffee.send();
      for (let copy = 0; copy < arrivals; copy++)
        attempt.arrives({ copy, answer: 200, redemption: `rdm_${copy}` });
      attempt.ok('rdm_0');
      ada.auditWith(
        Array.from({ length: debits }, (_, index) => ({ intent: coffee, redemption: `rdm_${index}` })),
      );
      return rulesOf(judged(history.events()));
    };
    expect(draw(1, 1)).toEqual([]);
    expect(draw(2, 2)).toEqual([]);
    expect(draw(1, 2)).toEqual(['double-debit']);
  });

  test('a second key is a second redemption where the contract does not cover it', () => {
    const draw = (contract: typeof PROFILES.seed | typeof PROFILES.ietf, debits: number) => {
      const history = drawHistory({ contract });
      const ada = history.customer('ada', { points: 5000 });
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1', {}, { key: 'k-1' });
      if (debits > 1) coffee.ok('rdm_2', {}, { key: 'k-2' });
      else coffee.refused(409, 'duplicate_redemption', {}, { key: 'k-2' });
      ada.audit({
        balance: 5000 - debits * 500,
        redemptions: ['rdm_1', 'rdm_2'].slice(0, debits).map((redemption) => coffee.row(redemption)),
        ledger: [coffee.debit('rdm_1', 'k-1'), coffee.debit('rdm_2', 'k-2')].slice(0, debits),
      });
      return rulesOf(judged(history.events()));
    };
    expect(draw(PROFILES.ietf, 2)).toEqual([]);
    expect(draw(PROFILES.seed, 2)).toEqual(['duplicate-intent']);
    expect(draw(PROFILES.seed, 1)).toEqual([]);
  });

  test('one key twice is too much even where a second key is permitted', () => {
    const history = drawHistory({ contract: PROFILES.ietf });
    const ada = history.customer('ada', { points: 5000 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1', {}, { key: 'k-1' });
    coffee.lost({ key: 'k-1' });
    coffee.refused(409, 'redemption_in_progress', {}, { key: 'k-2' });
    ada.audit({
      balance: 4000,
      redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')],
      ledger: [coffee.debit('rdm_1', 'k-1'), coffee.debit('rdm_2', 'k-1')],
    });
    expect(rulesOf(judged(history.events()))).toEqual(['double-debit']);
  });

  test('without a name, two keys inside the window are one redemption, outside it they are two', () => {
    const draw = (gapMs: number) => {
      const history = drawHistory();
      const ada = history.customer('ada', { points: 5000 });
      const coffee = ada.intent('i-1', { client: null });
      coffee.ok('rdm_1', {}, { key: 'k-1' });
      history.tick(gapMs);
      coffee.ok('rdm_2', {}, { key: 'k-2' });
      ada.audit({
        balance: 4000,
        redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')],
        ledger: [coffee.debit('rdm_1', 'k-1'), coffee.debit('rdm_2', 'k-2')],
      });
      return rulesOf(judged(history.events()));
    };
    expect(draw(10)).toEqual(['duplicate-intent']);
    expect(draw(5000)).toEqual([]);
  });

  test('two honest redemptions of one reward are two', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const [one, two] = [ada.intent('i-1'), ada.intent('i-2')];
    one.ok('rdm_1');
    two.ok('rdm_2');
    ada.auditWith([
      { intent: one, redemption: 'rdm_1' },
      { intent: two, redemption: 'rdm_2' },
    ]);
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('what a literal client doubled is told in the counts, and is not the server’s violation', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 5000 });
    const coffee = ada.intent('i-1', { client: null });
    ada.clock(T0);
    coffee.ok('rdm_1', {}, { key: 'k-1' });
    ada.clock(T0 + DAY_MS + 60_000);
    coffee.refused(409, 'idempotency_key_expired', {}, { key: 'k-1' });
    coffee.ok('rdm_2', {}, { key: 'k-2' });
    ada.audit({
      balance: 4000,
      redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')],
      ledger: [coffee.debit('rdm_1', 'k-1'), coffee.debit('rdm_2', 'k-2')],
    });
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', counts: { permittedDoubles: 1 } });
  });
});
