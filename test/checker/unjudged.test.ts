import { describe, expect, test } from 'vitest';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

const LISTED = { capabilities: { provision: false } } as const;

describe('a customer whose past was not read', () => {
  function draw(reads: 'nothing' | 'balance' | 'all') {
    const history = drawHistory(LISTED);
    const ada = history.unread('ada');
    if (reads !== 'nothing') ada.readBalance(1000, 'script');
    if (reads === 'all') ada.readList([], 'script');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1');
    ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    return judged(history.events());
  }

  test.each(['nothing', 'balance'] as const)('is open where the target offers it: %s', (reads) => {
    const { verdict, reasons, unjudged } = draw(reads);
    expect(verdict).toBe('unknown');
    expect(reasons).toEqual([
      '1 customer had requests before what was there already could be read, e.g. ada',
    ]);
    expect(unjudged).toContainEqual({
      rule: 'conservation',
      why: 'what was there before the first request could not be read',
      customers: ['ada'],
    });
  });

  test('is closed where it was read', () => {
    expect(draw('all').verdict).toBe('valid');
  });
});

test('a customer that was made for the run, and of whom nobody wrote what it was made with, is open', () => {
  const history = drawHistory();
  const ada = history.unread('ada');
  const tea = ada.intent('i-1');
  tea.ok('rdm_1');
  ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
  const { verdict, unjudged } = judged(history.events());
  expect(verdict).toBe('unknown');
  expect(unjudged).toEqual([
    {
      rule: 'conservation',
      why: 'the balance before the first request could not be read',
      customers: ['ada'],
    },
    {
      rule: 'process-death',
      why: 'no `service` of a config runs it: whether a broken connection ends it is not seen',
    },
  ]);
});

test('a rule is never unjudged for the whole run and violated, too', () => {
  const draw = (end: number) => {
    const history = drawHistory({ capabilities: { ledger: false, redemptions: false } });
    const ada = history.customer('ada');
    ada.intent('i-1').ok('rdm_1');
    ada.audit({ balance: end });
    return judged(history.events());
  };
  expect(draw(500).unjudged.map(({ rule }) => rule)).toContain('double-debit');
  const verdict = draw(0);
  expect(rulesOf(verdict)).toEqual(['double-debit']);
  expect(verdict.unjudged.map(({ rule }) => rule)).not.toContain('double-debit');
  expect(verdict.unjudged.map(({ rule }) => rule)).toContain('lost-debit');
});

test('it is violated for one customer, and unjudged for another', () => {
  const history = drawHistory(LISTED);
  for (const [id, opening] of [
    ['ada', true],
    ['bob', false],
  ] as const) {
    const customer = opening ? history.customer(id) : history.unread(id);
    const tea = customer.intent(`i-${id}`);
    tea.ok(`rdm_${id}`);
    customer.audit({ balance: 400, redemptions: [tea.row(`rdm_${id}`)], ledger: [tea.debit(`rdm_${id}`)] });
  }
  const { violations, unjudged } = judged(history.events());
  expect(violations).toMatchObject([{ rule: 'conservation', customer: 'ada' }]);
  expect(unjudged.filter(({ rule }) => rule === 'conservation')).toMatchObject([{ customers: ['bob'] }]);
});
