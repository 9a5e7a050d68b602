import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../harness/model/contract.ts';
import { drawHistory, judged, rulesOf, type RunOptions } from '../support/history-builder.ts';

describe('same-answer', () => {
  const draw = (second: { redemption?: string; bodyHash?: string }, options: RunOptions = {}) => {
    const history = drawHistory(options);
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    coffee.ok('rdm_1', { replayed: true, ...second });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('a replay with the same bytes is right', () => {
    expect(draw({})).toEqual([]);
  });

  test('other bytes are a violation where the contract promises bytes', () => {
    expect(draw({ bodyHash: 'other' })).toEqual(['same-answer']);
    expect(draw({ bodyHash: 'other' }, { contract: { replayEquality: 'redemption' } })).toEqual([]);
  });

  test('another redemption is a violation, unless nothing is promised', () => {
    expect(draw({ redemption: 'rdm_2' })).toEqual(['lost-debit', 'same-answer']);
    expect(draw({ redemption: 'rdm_2' }, { contract: { replayEquality: 'unspecified' } })).toEqual([
      'lost-debit',
    ]);
  });

  test('the answers of two keys may differ', () => {
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
});

describe('replay-marker', () => {
  const draw = (markers: readonly (boolean | undefined)[], options: RunOptions = {}) => {
    const history = drawHistory(options);
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    for (const replayed of markers) coffee.ok('rdm_1', replayed === undefined ? {} : { replayed });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('one fresh answer and marked replays are right', () => {
    expect(draw([false, true, true])).toEqual([]);
  });

  test('two unmarked answers of one key are a violation', () => {
    expect(draw([false, false])).toEqual(['replay-marker']);
    expect(draw([false, false], { contract: PROFILES.ietf })).toEqual([]);
    expect(draw([false, false], { contract: { replayMarker: 'unspecified' } })).toEqual([]);
  });

  test('the first answer, marked as a replay, made the effect', () => {
    expect(draw([true])).toEqual(['replay-marker']);
    expect(draw([true, true])).toEqual(['replay-marker']);
  });

  test('where somebody may have resent the request nothing is claimed', () => {
    expect(draw([true], { engine: 'k6 v2.2' })).toEqual([]);
  });

  test('after a lost answer a marked one is right', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost();
    coffee.ok('rdm_1', { replayed: true });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('with a hop, a second arrival excuses a marked first answer', () => {
    const arrive = (count: number) => {
      const history = drawHistory({ engine: 'k6 v2.2', capabilities: { arrivals: true } });
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      const attempt = coffee.send();
      for (let copy = 0; copy < count; copy++) attempt.arrives({ copy });
      attempt.ok('rdm_1', { replayed: true });
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(arrive(1)).toEqual(['replay-marker']);
    expect(arrive(2)).toEqual([]);
  });
});

describe('key-scope', () => {
  test('another customer’s redemption in an answer', () => {
    const history = drawHistory();
    const [ada, bob] = [history.customer('ada'), history.customer('bob')];
    const coffee = ada.intent('i-1', { key: 'k' });
    coffee.ok('rdm_1');
    bob.intent('i-2', { key: 'k' }).ok('rdm_1', { customer: 'ada', replayed: true });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    bob.auditWith([]);
    const verdict = judged(history.events());
    expect(rulesOf(verdict)).toEqual(['key-scope', 'lost-debit']);
    expect(verdict.violations.find(({ rule }) => rule === 'key-scope')).toMatchObject({
      customer: 'bob',
      key: 'k',
      expected: 'customer bob',
      found: 'customer ada, 200 redemption rdm_1 (replayed)',
    });
  });

  test('the key of another customer says nothing: a redemption of one’s own is right', () => {
    const history = drawHistory();
    const [ada, bob] = [history.customer('ada'), history.customer('bob')];
    const [coffee, tea] = [ada.intent('i-1', { key: 'k' }), bob.intent('i-2', { key: 'k' })];
    coffee.ok('rdm_1');
    tea.ok('rdm_2');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    bob.auditWith([{ intent: tea, redemption: 'rdm_2' }]);
    const verdict = judged(history.events());
    expect(verdict.verdict).toBe('valid');
    expect(verdict.coverage).toContainEqual({ name: 'other-customer', count: 1, required: false });
  });

  test('refused for a payload that this customer never sent', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    ada.intent('i-1').refused(422, 'idempotency_key_reused');
    ada.auditWith([]);
    expect(rulesOf(judged(history.events()))).toEqual(['key-scope']);
  });

  test('values of another customer that the sender found', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1', { leaks: ['rdm_of_bob'] });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual(['key-scope']);
  });

  test('another customer’s credentials are refused, and have no effect', () => {
    const draw = (isAccepted: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      if (isAccepted) coffee.ok('rdm_1', {}, { actor: 'eve' });
      else coffee.refused(403, 'forbidden', {}, { actor: 'eve' });
      ada.auditWith(isAccepted ? [{ intent: coffee, redemption: 'rdm_1' }] : []);
      return rulesOf(judged(history.events()));
    };
    expect(draw(false)).toEqual([]);
    expect(draw(true)).toEqual(['key-scope']);
  });
});

describe('payload-binding', () => {
  const draw = (
    answer: (other: ReturnType<ReturnType<ReturnType<typeof drawHistory>['customer']>['intent']>) => void,
    done: boolean,
    options: RunOptions = {},
  ) => {
    const history = drawHistory(options);
    const ada = history.customer('ada', { points: 5000 });
    const first = ada.intent('i-1', { key: 'k' });
    first.ok('rdm_1');
    const other = ada.intent('i-2', { key: 'k', points: 501 });
    answer(other);
    ada.auditWith([
      { intent: first, redemption: 'rdm_1' },
      ...(done ? [{ intent: other, redemption: 'rdm_2' }] : []),
    ]);
    return rulesOf(judged(history.events()));
  };

  test('refused as the contract says', () => {
    expect(draw((other) => other.refused(422, 'idempotency_key_reused'), false)).toEqual([]);
  });

  test('carried out', () => {
    expect(draw((other) => other.ok('rdm_2'), true)).toContain('payload-binding');
  });

  test('replayed as if it matched', () => {
    expect(draw((other) => other.ok('rdm_1', { replayed: true }), false)).toEqual(['payload-binding']);
  });

  test('refused as in progress though the key was finished', () => {
    expect(draw((other) => other.refused(409, 'redemption_in_progress'), false)).toContain('payload-binding');
  });

  test('a contract that promises nothing is not judged', () => {
    expect(
      draw((other) => other.refused(409, 'whatever'), false, { contract: { otherPayload: 'unspecified' } }),
    ).toEqual([]);
  });

  test('the refusal shows the first payload', () => {
    expect(
      draw((other) => other.refused(422, 'idempotency_key_reused', { leaks: ['rdm_1'] }), false),
    ).toEqual(['payload-binding']);
  });

  test('the same payload in another writing is the same payload', () => {
    const rewrite = (isRefused: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1');
      if (isRefused) coffee.refused(422, 'idempotency_key_reused', {}, { bodyHash: 'b' });
      else coffee.ok('rdm_1', { replayed: true }, { bodyHash: 'b' });
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return judged(history.events());
    };
    expect(rewrite(false).verdict).toBe('valid');
    expect(rewrite(false).coverage).toContainEqual({ name: 'reordered-payload', count: 1, required: false });
    expect(rulesOf(rewrite(true))).toEqual(['payload-binding']);
  });

  test('a key that was released by a refusal may bind to another payload', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 510 });
    const [big, small] = [ada.intent('i-1', { key: 'k', points: 600 }), ada.intent('i-2', { key: 'k' })];
    big.refused(422, 'insufficient_points');
    small.ok('rdm_2');
    ada.auditWith([{ intent: small, redemption: 'rdm_2' }]);
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });
});

describe('key-syntax and missing-key', () => {
  const draw = (
    key: string | readonly string[] | null,
    status: number,
    code: string,
    options: RunOptions = {},
    done = false,
  ) => {
    const history = drawHistory(options);
    const ada = history.customer('ada');
    const anchor = ada.intent('i-0', { points: 120 });
    anchor.ok('rdm_0');
    const coffee = ada.intent('i-1', { key });
    if (status === 200) coffee.ok('rdm_1');
    else coffee.refused(status, code);
    ada.auditWith([
      { intent: anchor, redemption: 'rdm_0' },
      ...(done ? [{ intent: coffee, redemption: 'rdm_1' }] : []),
    ]);
    return rulesOf(judged(history.events()));
  };

  test.each([
    ['a blank', ''],
    ['with a space', 'a b'],
    ['too long', 'x'.repeat(256)],
    ['sent twice', ['a', 'a']],
    ['an open quote', '"a'],
    ['outside ASCII', 'caf\u00e9'],
  ] as const)('a malformed key (%s) is refused', (_name, key) => {
    expect(draw(key, 400, 'invalid_idempotency_key')).toEqual([]);
    expect(draw(key, 409, 'duplicate_request')).toEqual(['key-syntax']);
    expect(draw(key, 200, '', {}, true)).toEqual(['key-syntax']);
  });

  test('a malformed key that was refused and carried out', () => {
    expect(draw('a b', 400, 'invalid_idempotency_key', {}, true)).toEqual(['key-syntax']);
  });

  test('a missing key is answered as the profile says', () => {
    expect(draw(null, 409, 'duplicate_request')).toEqual([]);
    expect(draw(null, 400, 'idempotency_key_required')).toEqual(['missing-key']);
    expect(draw(null, 400, 'idempotency_key_required', { contract: PROFILES.ietf })).toEqual([]);
    expect(draw(null, 200, '', {}, true)).toEqual(['missing-key']);
    expect(draw(null, 200, '', { contract: PROFILES.stripe }, true)).toEqual([]);
    expect(draw(null, 200, '', { contract: { missingKey: 'unspecified' } }, true)).toEqual([]);
  });

  test('a key of 255 characters and a quoted one are keys', () => {
    expect(draw('x'.repeat(255), 200, '', {}, true)).toEqual([]);
    expect(draw('"a"', 200, '', {}, true)).toEqual([]);
  });
});
