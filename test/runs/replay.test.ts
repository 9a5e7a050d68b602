import { describe, expect, test } from 'vitest';
import type { ArrivalEvent } from '../../harness/history/events.ts';
import { withoutPassword } from '../../harness/plan/plan.ts';
import { findingsOf, outcomeOf } from '../../harness/runs/replay-outcome.ts';
import { pinnedTo } from '../../harness/faults/pinned.ts';
import type { VerdictWord, Violation } from '../../harness/model/verdict.ts';

const valid = { verdict: 'valid', isSame: false } as const;
const unknown = { verdict: 'unknown', isSame: false } as const;
const otherwise = { verdict: 'invalid', isSame: false } as const;
const same = { verdict: 'invalid', isSame: true } as const;
type Tries = readonly { readonly verdict: VerdictWord; readonly isSame: boolean }[];

describe('the outcome of a replay', () => {
  test.each([
    ['the same violation in the first try', [same], 'reproduced'],
    ['the same violation in the last try', [valid, unknown, same], 'reproduced'],
    ['three valid tries', [valid, valid, valid], 'fixed'],
    ['two valid tries and an unknown one', [valid, unknown, valid], 'not-reproduced'],
    ['two valid tries and another violation', [valid, valid, otherwise], 'not-reproduced'],
    ['only unknown tries', [unknown, unknown, unknown], 'not-reproduced'],
    ['two valid tries where three were asked for', [valid, valid], 'not-reproduced'],
    ['no try at all', [], 'not-reproduced'],
  ] satisfies [string, Tries, string][])('%s: %3$s', (_, tries, outcome) => {
    expect(outcomeOf({ tries, triesWanted: 3, isInterrupted: false })).toBe(outcome);
  });

  test('a valid try that was interrupted proves no repair', () => {
    expect(outcomeOf({ tries: [valid], triesWanted: 1, isInterrupted: false })).toBe('fixed');
    expect(outcomeOf({ tries: [valid], triesWanted: 1, isInterrupted: true })).toBe('not-reproduced');
  });

  test('a violation that was seen before the interruption was seen', () => {
    expect(outcomeOf({ tries: [same], triesWanted: 3, isInterrupted: true })).toBe('reproduced');
  });
});

describe('what is compared between two runs', () => {
  const violation = (members: Partial<Violation>): Violation => ({
    rule: 'double-debit',
    summary: 'one intent was debited twice',
    attempts: [],
    expected: 'one debit',
    found: 'two debits',
    ...members,
  });
  const found = (members: Partial<Violation>, runId = 'a1') =>
    findingsOf({ violations: [violation(members)], run: { runId } });

  test('is the rule and the intent, whatever customer, key and attempts were', () => {
    const first = found({ intent: 'dc-1-1', customer: 'cust_a1_dc1', key: 'k1', attempts: ['dc-1-1.1'] });
    const again = found({ intent: 'dc-1-1', customer: 'cust_b2_dc1', key: 'k2', attempts: [] }, 'b2');
    expect(first).toEqual([{ rule: 'double-debit', subject: 'dc-1-1' }]);
    expect(again).toEqual(first);
  });

  test('differs with the intent and with the rule', () => {
    const one = found({ intent: 'dc-1-1' });
    expect(found({ intent: 'dc-2-1' })).not.toEqual(one);
    expect(found({ intent: 'dc-1-1', rule: 'same-answer' })).not.toEqual(one);
  });

  test('is the customer without the run id where there is no intent', () => {
    expect(found({ rule: 'overdraft', customer: 'cust_a1_nz4' })).toEqual([
      { rule: 'overdraft', subject: 'cust_*_nz4' },
    ]);
    expect(found({ rule: 'overdraft', customer: 'cust_b2_nz4' }, 'b2')).toEqual(
      found({ rule: 'overdraft', customer: 'cust_a1_nz4' }, 'a1'),
    );
    expect(found({ customer: 'ada' })[0]?.subject).toBe('ada');
  });

  test("is the first attempt's intent where there is neither", () => {
    expect(found({ key: 'k1', attempts: ['dc-1-1.2', 'dc-1-1.3'] })[0]?.subject).toBe('dc-1-1');
  });

  test('is told once, however often it was violated', () => {
    const violations = [
      violation({ intent: 'x-1' }),
      violation({ intent: 'x-1' }),
      violation({ intent: 'x-2' }),
    ];
    expect(findingsOf({ violations, run: { runId: 'a1' } }).map(({ subject }) => subject)).toEqual([
      'x-1',
      'x-2',
    ]);
  });
});

describe('a rule in a replayed plan', () => {
  const arrival = (attempt: string, more: Partial<ArrivalEvent> = {}): ArrivalEvent => ({
    type: 'arrival',
    at: 0,
    hop: 'hop',
    copy: 0,
    attempt,
    faults: ['crash'],
    ...more,
  });
  const rule = (type: string, attributes: object) => ({
    kind: 'edge' as const,
    toxic: {
      name: 'crash',
      type,
      attributes: { rule: 'crash', has_header: 'Onceproof-Attempt', ...attributes },
    },
  });
  const arrivals = [
    arrival('a-1-1.1'),
    arrival('a-2-1.1', { undone: { crash: 'no turn' } }),
    arrival('a-3-1.1', { copy: 1 }),
    arrival('a-4-1.1', { faults: ['lost-answer'] }),
    arrival('a-5-1.1', { hop: 'door-2', faults: ['crash@door-2'] }),
  ];

  test.each([
    [
      'that arms',
      rule('http_arm', { one_in: 50, attempts: [1], point: 'after-debit' }),
      { point: 'after-debit' },
    ],
    [
      'that hits the first few',
      rule('http_lose_answer', { first: 3, share: 0.5, how: 'reset' }),
      { how: 'reset' },
    ],
  ])('%s is pinned to the attempts for which it was carried out', (_, spec, kept) => {
    expect(pinnedTo(arrivals, spec).toxic.attributes).toEqual({
      rule: 'crash',
      has_header: 'Onceproof-Attempt',
      ...kept,
      chosen: ['a-1-1.1', 'a-5-1.1@door-2'],
    });
  });

  test('that hash alone decides stays as it is, and one that hits requests without attempts', () => {
    const byShare = rule('http_lose_answer', { share: 0.5 });
    expect(pinnedTo(arrivals, byShare)).toBe(byShare);
    const byPath = { ...byShare, toxic: { ...byShare.toxic, attributes: { first: 2, path: '/' } } };
    expect(pinnedTo(arrivals, byPath)).toBe(byPath);
  });
});

describe('a plan holds no password', () => {
  test.each([
    ['redis', 'redis'],
    ['http://127.0.0.1:8474', 'http://127.0.0.1:8474'],
    ['redis://127.0.0.1:6379/2', 'redis://127.0.0.1:6379/2'],
    ['redis://ada:secret@127.0.0.1:6379/2', 'redis://ada:***@127.0.0.1:6379/2'],
    ['rediss://:secret@db.example:6380', 'rediss://:***@db.example:6380'],
    ['redis://127.0.0.1:6379?password=secret', 'redis://127.0.0.1:6379?password=***'],
  ])('%s is kept as %s', (asked, kept) => {
    expect(withoutPassword(asked)).toBe(kept);
  });
});
