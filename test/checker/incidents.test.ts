import { describe, expect, test } from 'vitest';
import { drawHistory, judged, type DrawnHistory, type DrawnIntent } from '../support/history-builder.ts';

/** One customer whose one redemption was debited twice; what happened between is the test's. */
function twice(history: DrawnHistory, name: string, between: (intent: DrawnIntent) => void): void {
  const customer = history.customer(name, { points: 2000 });
  const intent = customer.intent(`i-${name}`);
  between(intent);
  customer.auditWith([
    { intent, redemption: `${name}-1` },
    { intent, redemption: `${name}-2` },
  ]);
}

const overlapping = (name: string) => (intent: DrawnIntent) => {
  const one = intent.send();
  const two = intent.send();
  two.ok(`${name}-2`);
  one.ok(`${name}-1`);
};
const afterALostAnswer = (name: string) => (intent: DrawnIntent) => {
  intent.lost();
  intent.ok(`${name}-2`);
};

describe('incidents', () => {
  test('the same happening to many is one, told by the smallest, with all that it broke', () => {
    const history = drawHistory({ capabilities: { arrivals: false } });
    twice(history, 'ada', (intent) => {
      overlapping('ada')(intent);
      intent.ok('ada-1', { replayed: true });
    });
    twice(history, 'bob', overlapping('bob'));
    twice(history, 'eve', overlapping('eve'));
    const { incidents = [], violationCount } = judged(history.events());
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({
      name: 'double-debit/overlap',
      rule: 'double-debit',
      circumstance: 'overlap',
      cases: 3,
      violations: violationCount,
      smallest: { intent: 'i-bob', customer: 'bob', requests: 2 },
    });
    expect(incidents[0]?.rules).toContain('same-answer');
  });

  test('another way to the same damage is another incident', () => {
    const history = drawHistory({ capabilities: { arrivals: false } });
    twice(history, 'ada', overlapping('ada'));
    twice(history, 'bob', afterALostAnswer('bob'));
    const names = judged(history.events()).incidents?.map(({ name }) => name);
    expect(names).toEqual(['double-debit/overlap', 'double-debit/answer-lost']);
  });

  test('a crash beside a race is not what is told first of a debit too many', () => {
    const history = drawHistory({ capabilities: { arrivals: false } });
    twice(history, 'ada', (intent) => {
      const one = intent.send();
      const fault = history.fault('server', 'kill');
      const two = intent.send();
      history.heal(fault);
      one.ok('ada-1');
      two.ok('ada-2');
    });
    expect(judged(history.events()).incidents?.[0]?.circumstance).toBe('overlap');
  });

  test('a crash between two attempts is', () => {
    const history = drawHistory({ capabilities: { arrivals: false } });
    twice(history, 'ada', (intent) => {
      const one = intent.send();
      const fault = history.fault('server', 'kill');
      one.lost();
      history.heal(fault);
      intent.ok('ada-2');
    });
    expect(judged(history.events()).incidents?.[0]?.circumstance).toBe('server-down');
  });

  test.each([
    ['no-key', { key: null }],
    ['odd-key', { key: ['a', 'b'] }],
  ] as const)('%s is told where the key was so', (circumstance, options) => {
    const history = drawHistory({ capabilities: { arrivals: false } });
    const ada = history.customer('ada');
    const intent = ada.intent('i-1', { ...options, client: null });
    intent.ok('r-1');
    ada.auditWith([{ intent, redemption: 'r-1' }]);
    expect(judged(history.events()).incidents?.[0]).toMatchObject({ circumstance, cases: 1 });
  });

  test('what names no intent joins what broke at its customer', () => {
    const history = drawHistory({ capabilities: { arrivals: false } });
    const ada = history.customer('ada', { points: 2000 });
    const intent = ada.intent('i-1');
    afterALostAnswer('ada')(intent);
    // Debited twice, and a third time without any row.
    ada.audit({
      balance: 500,
      redemptions: [intent.row('ada-1'), intent.row('ada-2')],
      ledger: [intent.debit('ada-1'), intent.debit('ada-2')],
    });
    const { incidents = [] } = judged(history.events());
    expect(incidents.map(({ rules }) => rules)).toEqual([
      expect.arrayContaining(['double-debit', 'conservation']),
    ]);
  });

  test('a valid history has none', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const intent = ada.intent('i-1');
    intent.ok('r-1');
    ada.auditWith([{ intent, redemption: 'r-1' }]);
    expect(judged(history.events()).incidents).toBeUndefined();
  });
});
