import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../harness/model/contract.ts';
import { drawHistory, judged, rulesOf, T0 } from '../support/history-builder.ts';

const OLD = { redemption: 'rdm_old', clientRedemptionId: 'other', reward: 'reward_67890', points: 500 };

describe('an effect belongs to one claim', () => {
  test('a second intent that is answered with the first one’s redemption was lost', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.intent('i-2').ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations).toMatchObject([{ rule: 'lost-debit', intent: 'i-2' }]);
  });

  test('and also where nothing but the balance can be read', () => {
    const history = drawHistory({ capabilities: { ledger: false, redemptions: false } });
    const ada = history.customer('ada');
    ada.intent('i-1').ok('rdm_1');
    ada.intent('i-2').ok('rdm_1');
    ada.audit({ balance: 500 });
    expect(rulesOf(judged(history.events()))).toEqual(['lost-debit']);
  });

  test('two intents that are one redemption by its name share it', () => {
    const history = drawHistory({ contract: { duplicateIntent: 'replay' } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1', { client: 'coffee' });
    coffee.ok('rdm_1');
    ada.intent('i-2', { client: 'coffee' }).ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', violations: [] });
  });
});

test.each([
  ['under each other’s names', ['client-i-2', 'client-i-1'], ['lost-debit']],
  ['under their own names', ['client-i-1', 'client-i-2'], []],
  ['under names that nobody asked for', ['x-1', 'x-2'], []],
  ['without names', [undefined, undefined], []],
] as const)('two redemptions that the ledger has right, and the list shows %s', (_name, names, rules) => {
  const history = drawHistory();
  const ada = history.customer('ada', { points: 2000 });
  const asked = [ada.intent('i-1'), ada.intent('i-2')];
  asked.forEach((intent, index) => intent.ok(`rdm_${index}`));
  ada.audit({
    balance: 1000,
    redemptions: asked.map((intent, index) => {
      const { clientRedemptionId: _, ...row } = intent.row(`rdm_${index}`);
      const name = names[index];
      return { ...row, ...(name !== undefined && { clientRedemptionId: name }) };
    }),
    ledger: asked.map((intent, index) => intent.debit(`rdm_${index}`)),
  });
  expect([...new Set(rulesOf(judged(history.events())))]).toEqual(rules);
});

describe('an effect was made in this run', () => {
  test('a fresh key that is answered with a redemption from before was lost', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { opening: [OLD] });
    ada.intent('i-1').ok('rdm_old');
    ada.audit({
      balance: 1000,
      redemptions: [OLD],
      ledger: [{ redemption_id: 'rdm_old', points: 500, at_ms: T0 }],
    });
    expect(rulesOf(judged(history.events()))).toContain('lost-debit');
  });

  test('a replay from before says that the run id was used before', () => {
    const history = drawHistory({ capabilities: { ledger: false } });
    const ada = history.customer('ada', { opening: [OLD] });
    ada.intent('i-1').ok('rdm_old', { replayed: true });
    ada.audit({ balance: 1000, redemptions: [OLD] });
    const { violations, verdict, reasons } = judged(history.events());
    expect(violations).toEqual([]);
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toContain('this run id was used before');
  });
});

describe('an effect is what was asked for', () => {
  test('another reward than was asked for', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.audit({
      balance: 500,
      redemptions: [{ ...coffee.row('rdm_1'), reward: 'reward_tea' }],
      ledger: [coffee.debit('rdm_1')],
    });
    expect(judged(history.events()).violations).toMatchObject([
      { rule: 'conservation', summary: 'another reward was given than the intent asked for' },
    ]);
  });

  test('a list that names no rewards says nothing about them', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    const { redemption, clientRedemptionId } = coffee.row('rdm_1') as typeof OLD;
    ada.audit({
      balance: 500,
      redemptions: [{ redemption, clientRedemptionId }],
      ledger: [coffee.debit('rdm_1')],
    });
    expect(judged(history.events()).verdict).toBe('valid');
  });
});

describe('whole evidence', () => {
  function history() {
    const drawn = drawHistory();
    const ada = drawn.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return drawn.cut();
  }

  test('events that were written and are not there make it unknown', () => {
    const events = history();
    const counts = { invoke: 2, complete: 1, settleAttempts: 7 };
    const verdict = judged([...events, { type: 'end', at: T0 + 100, reason: 'finished', counts }]);
    expect(verdict.reasons).toEqual(['the history is not whole: 2 invoke events were written, 1 were read']);
  });

  test('counts that agree, and members that count no events, say nothing', () => {
    const counts = { invoke: 1, complete: 1, settleAttempts: 7 };
    expect(judged([...history(), { type: 'end', at: T0 + 100, reason: 'finished', counts }]).verdict).toBe(
      'valid',
    );
  });

  test('faults that were asked for and not possible are said first', () => {
    const drawn = drawHistory({ faults: { profile: 'crash', kinds: [], impossible: 'no process is known' } });
    const verdict = judged(drawn.events());
    expect(verdict.verdict).toBe('unknown');
    expect(verdict.reasons[0]).toMatch(
      /^faults were asked for, and none of them was possible here: no process/,
    );
  });
});

test('a late copy can start a life of an expired key: two effects are two lives', () => {
  const history = drawHistory({
    contract: { ...PROFILES.stripe, ttlMs: 1000 },
    capabilities: { arrivals: true },
  });
  const ada = history.customer('ada');
  const coffee = ada.intent('i-1');
  const first = coffee.ok('rdm_1').arrives({ copy: 0, answer: 200 });
  history.tick(5000);
  first.arrives({ copy: 1, answer: 200 });
  ada.audit({
    balance: 0,
    redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')],
    ledger: [coffee.debit('rdm_1'), coffee.debit('rdm_2')],
  });
  expect(rulesOf(judged(history.events()))).toEqual([]);
});

test('a late copy within the life of its key starts none', () => {
  const history = drawHistory({
    contract: { ...PROFILES.stripe, ttlMs: 60_000 },
    capabilities: { arrivals: true },
  });
  const ada = history.customer('ada');
  const coffee = ada.intent('i-1');
  const first = coffee.ok('rdm_1').arrives({ copy: 0, answer: 200 });
  history.tick(5000);
  first.arrives({ copy: 1, answer: 200 });
  ada.audit({
    balance: 0,
    redemptions: [coffee.row('rdm_1'), coffee.row('rdm_2')],
    ledger: [coffee.debit('rdm_1'), coffee.debit('rdm_2')],
  });
  expect(rulesOf(judged(history.events()))).toEqual(['double-debit']);
});
