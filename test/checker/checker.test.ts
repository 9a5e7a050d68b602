import { describe, expect, test } from 'vitest';
import { Checker } from '../../harness/checker/checker.ts';
import { Histogram } from '../../harness/checker/latency.ts';
import { isLinearizable, type Operation } from '../../harness/checker/linearizability.ts';
import { RetiredNames } from '../../harness/checker/retired.ts';
import { requiredCoverage } from '../../harness/checker/coverage.ts';
import { drawHistory, judged, rulesOf, runEvent } from '../support/history-builder.ts';

describe('the checker’s assumptions', () => {
  test('an empty history, and one without intents, prove nothing', () => {
    expect(judged([])).toMatchObject({
      verdict: 'unknown',
      reasons: ['the history does not start with a run event'],
    });
    expect(judged(drawHistory().events())).toMatchObject({ verdict: 'unknown' });
    expect(judged(drawHistory().events()).reasons).toContain('no intent was sent: nothing was tried');
  });

  test('a completion of an attempt that was never invoked', () => {
    const history = drawHistory();
    history.customer('ada');
    history.add({
      type: 'complete',
      at: history.tick(),
      attempt: 'nobody.1',
      outcome: 'ok',
      status: 200,
      by: 'server',
    });
    expect(judged(history.events()).reasons).toContain(
      '1 completion follows no invoke, e.g. of attempt nobody.1',
    );
  });

  test('a completion or an arrival that was written before its invoke still counts', () => {
    const history = drawHistory({ capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.send().arrives({ answer: 200 }).ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    const events = history.events();
    const index = events.findIndex(({ type }) => type === 'invoke');
    const [invoke] = events.splice(index, 1);
    if (invoke) events.splice(index + 2, 0, invoke);
    expect(judged(events)).toMatchObject({ verdict: 'valid', counts: { arrivals: 1 } });
  });

  test('a run that ended early says why', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events('the engine ended with 107')).reasons).toEqual([
      'the run did not finish: the engine ended with 107',
    ]);
    expect(judged(history.events('interrupted')).verdict).toBe('unknown');
  });

  test('a target that lets nothing be read is never valid', () => {
    const history = drawHistory({ capabilities: { ledger: false, redemptions: false, balance: false } });
    const ada = history.unread('ada');
    ada.intent('i-1').ok('rdm_1');
    ada.audit({});
    const verdict = judged(history.events());
    expect(verdict.verdict).toBe('unknown');
    expect(verdict.unjudged.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['double-debit', 'lost-debit', 'conservation', 'overdraft', 'stale-read']),
    );
  });

  test('a customer who goes on after the audit makes the verdict unknown; a second audit alone does not', () => {
    const draw = (goesOn: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1');
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      history.tick(1000);
      if (goesOn) coffee.ok('rdm_1', { replayed: true });
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return judged(history.events());
    };
    expect(draw(false).verdict).toBe('valid');
    expect(draw(true).verdict).toBe('unknown');
  });

  test('violations come before doubts', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    ada.intent('i-1').ok('rdm_1');
    ada.auditWith([]);
    expect(judged(history.cut())).toMatchObject({
      verdict: 'invalid',
      reasons: ['the history has no end event: the run was cut off'],
    });
  });

  test('the first 100 violations are kept and all are counted', () => {
    const history = drawHistory();
    for (let number = 0; number < 130; number++) {
      const customer = history.customer(`cust-${number}`);
      customer.intent(`i-${number}`).ok(`rdm-${number}`);
      customer.auditWith([]);
    }
    const verdict = judged(history.events());
    expect([verdict.violations.length, verdict.violationCount]).toEqual([100, 130]);
    expect(rulesOf(verdict)).toEqual(['lost-debit']);
  });
});

describe('memory', () => {
  test('customers leave when they have been audited, and a late arrival is known', () => {
    const checker = new Checker({ lingerMs: 10 });
    const history = drawHistory({ capabilities: { arrivals: true } });
    for (let number = 0; number < 50; number++) {
      const customer = history.customer(`cust-${number}`);
      const coffee = customer.intent(`i-${number}`);
      coffee.ok(`rdm-${number}`);
      customer.auditWith([{ intent: coffee, redemption: `rdm-${number}` }]);
    }
    history.tick(100);
    history.add({
      type: 'arrival',
      at: history.tick(),
      hop: 'h',
      attempt: 'i-0.1',
      copy: 1,
      upstream: 'r',
      answer: 200,
    });
    for (const event of history.events()) checker.push(event);
    expect(checker.progress()).toMatchObject({ openCustomers: 0, openIntents: 0, violations: 0 });
    const verdict = checker.finish();
    expect(verdict.verdict).toBe('valid');
    expect(verdict.coverage.find(({ name }) => name === 'late-duplicate')?.count).toBe(1);
  });

  test('remembered names are exact below the limit and bounded above it', () => {
    const names = new RetiredNames(5000);
    for (let number = 0; number < 5000; number++) names.add(`cust-${number}`);
    expect(names.size).toBe(5000);
    for (let number = 0; number < 5000; number++) expect(names.has(`cust-${number}`)).toBe(true);
    for (let number = 5000; number < 10_000; number++) expect(names.has(`cust-${number}`)).toBe(false);
    names.add('one more');
    expect(names.size).toBe(1);
    expect(names.has('one more')).toBe(true);
  });

  test('the histogram’s quantiles are right to 1.6 %', () => {
    const one = new Histogram();
    const two = new Histogram();
    for (let value = 1; value <= 10_000; value++) (value % 2 === 0 ? one : two).record(value);
    one.merge(two);
    for (const share of [0.5, 0.9, 0.99])
      expect(Math.abs(one.quantile(share) / (share * 10_000) - 1)).toBeLessThan(0.016);
    expect([one.count, one.max]).toEqual([10_000, 10_000]);
    expect(new Histogram().quantile(0.5)).toBe(0);
    const small = new Histogram();
    small.record(0.005);
    small.record(-1);
    expect(small.quantile(1)).toBe(0.005);
  });
});

describe('linearizability', () => {
  const debit = (from: number, until: number, points = 10): Operation => ({ from, until, debit: points });
  const read = (from: number, until: number, value: number): Operation => ({ from, until, read: value });

  test.each<[string, Operation[], boolean]>([
    ['nothing', [], true],
    ['a read before and after', [read(0, 1, 100), debit(2, 3), read(4, 5, 90)], true],
    ['a read after that does not show it', [debit(2, 3), read(4, 5, 100)], false],
    ['a concurrent read either way', [debit(2, 6), read(3, 4, 100)], true],
    ['a concurrent read either way', [debit(2, 6), read(3, 4, 90)], true],
    ['a tie in time is concurrent', [debit(2, 3), read(3, 4, 100)], true],
    ['reads that go back', [debit(2, 9), read(3, 4, 90), read(5, 6, 100)], false],
    ['a debit that was never answered, shown', [debit(2, Infinity), read(9, 10, 90)], true],
    [
      'a debit that was never answered, not shown yet',
      [debit(2, Infinity), read(9, 10, 100), read(11, 12, 90)],
      true,
    ],
    ['an optional debit, done or not', [{ ...debit(2, Infinity), isOptional: true }, read(9, 10, 100)], true],
    ['an optional debit, done or not', [{ ...debit(2, Infinity), isOptional: true }, read(9, 10, 90)], true],
    ['more than there was', [debit(0, 1, 60), debit(2, 3, 60)], false],
    ['two debits, one read between them', [debit(0, 9), debit(0, 9), read(3, 4, 90)], true],
    ['two debits cannot leave what one would not', [debit(0, 1), debit(0, 1), read(3, 4, 90)], false],
  ])('%s', (_name, operations, expected) => {
    expect(isLinearizable(operations, 100)).toBe(expected);
  });

  test('the search is bounded: 64 operations at once are decided or given up', () => {
    const many = Array.from({ length: 63 }, (_, index) => debit(0, 1000, index + 1));
    expect(isLinearizable([...many, read(2000, 2001, 1)], 3000)).not.toBe(true);
    expect(isLinearizable([...many, ...many], 3000)).toBeUndefined();
  });
});

describe('required coverage', () => {
  const namesOf = (options: Parameters<typeof runEvent>[0]) =>
    requiredCoverage(runEvent(options)).map(({ name }) => name);
  const edge = { profile: 'light', kinds: ['edge', 'server'] as const };

  test.each([
    [
      'retry-storm',
      { arrivals: true },
      [
        'intent-completed',
        'retried',
        'replayed-answer',
        'answer-lost-after-debit',
        'crash-between-debit-and-reply',
      ],
    ],
    ['retry-storm', { crash: false }, ['intent-completed', 'retried', 'replayed-answer']],
    [
      'duplicated-requests',
      { arrivals: true, replicas: 2 },
      ['intent-completed', 'overlap', 'duplicate-delivered', 'other-replica'],
    ],
    ['duplicated-requests', {}, ['intent-completed', 'overlap']],
    ['double-click', {}, ['intent-completed', 'overlap', 'two-keys-one-intent']],
    [
      'lost-answer',
      { arrivals: true },
      ['intent-completed', 'retried', 'replayed-answer', 'answer-lost-after-debit'],
    ],
    [
      'key-expiry',
      {},
      [
        'intent-completed',
        'replayed-answer',
        'expiry-before',
        'expiry-at',
        'expiry-after',
        'expiry-in-flight',
        'tombstone-end',
      ],
    ],
    ['key-expiry', { clock: false }, ['intent-completed', 'replayed-answer']],
    [
      'key-reuse',
      {},
      [
        'intent-completed',
        'other-payload',
        'missing-key',
        'malformed-key',
        'reordered-payload',
        'other-customer',
      ],
    ],
    ['near-zero', {}, ['intent-completed', 'race-for-last-points', 'points-ran-out']],
    ['soak', {}, ['intent-completed', 'replayed-answer', 'overlap', 'two-keys-one-intent']],
  ])('%s with %o', (scenario, capabilities, expected) => {
    expect(namesOf({ scenario, capabilities, faults: edge })).toEqual(expected);
  });

  test('one that was not met makes the verdict unknown, with advice', () => {
    const history = drawHistory({ scenario: 'lost-answer' });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    const verdict = judged(history.events());
    expect(verdict.verdict).toBe('unknown');
    expect(verdict.coverage).toContainEqual({
      name: 'retried',
      count: 0,
      required: true,
      advice: 'raise --intents, or use --faults light so that attempts fail and are repeated',
    });
    expect(verdict.reasons[0]).toMatch(/^the run never met "retried": /);
  });
});
