import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../harness/model/contract.ts';
import { drawHistory, judged, rulesOf, T0, type RunOptions } from '../support/history-builder.ts';

const DAY_MS = 86_400_000;

type Answer = 'replay' | 'fresh' | 'expired' | 'duplicate' | 'in-progress';

/** A key accepted on a frozen clock, and the answers that it gets at these ages. */
function sweep(
  steps: readonly (readonly [ageMs: number, Answer])[],
  options: RunOptions = {},
  client: string | null = 'c-1',
) {
  const history = drawHistory(options);
  const ada = history.customer('ada', { points: 10_000 });
  const coffee = ada.intent('i-1', { client });
  ada.clock(T0);
  coffee.ok('rdm_0');
  const done = ['rdm_0'];
  for (const [ageMs, answer] of steps) {
    ada.clock(T0 + ageMs);
    if (answer === 'replay') coffee.ok('rdm_0', { replayed: true });
    else if (answer === 'fresh') {
      done.push(`rdm_${done.length}`);
      coffee.ok(`rdm_${done.length - 1}`);
    } else if (answer === 'expired') coffee.refused(409, 'idempotency_key_expired');
    else if (answer === 'duplicate') coffee.refused(409, 'duplicate_redemption', { redemption: 'rdm_0' });
    else coffee.refused(409, 'redemption_in_progress');
  }
  ada.auditWith(done.map((redemption) => ({ intent: coffee, redemption })));
  return judged(history.events());
}

describe('expiry', () => {
  test.each([
    ['1 ms before the TTL', DAY_MS - 1, 'replay', []],
    ['1 ms before the TTL', DAY_MS - 1, 'expired', ['expiry']],
    ['at the TTL', DAY_MS, 'expired', []],
    ['at the TTL', DAY_MS, 'replay', ['expiry']],
    ['1 ms after the TTL', DAY_MS + 1, 'expired', []],
    ['1 ms after the TTL', DAY_MS + 1, 'replay', ['expiry']],
    ['1 ms after the TTL', DAY_MS + 1, 'in-progress', ['expiry']],
    ['1 ms before the tombstone’s end', 7 * DAY_MS - 1, 'expired', []],
    ['at the tombstone’s end, known by name', 7 * DAY_MS, 'duplicate', []],
    ['at the tombstone’s end', 7 * DAY_MS, 'expired', ['expiry']],
    ['at the tombstone’s end', 7 * DAY_MS, 'replay', ['expiry']],
  ] as const)('%s (%i): %s', (_name, age, answer, rules) => {
    expect(rulesOf(sweep([[age, answer]]))).toEqual(rules);
  });

  test('processed anew after the TTL: a violation of two rules', () => {
    expect(rulesOf(sweep([[DAY_MS, 'fresh']]))).toEqual(['double-debit', 'expiry']);
  });

  test('a TTL that a replay renewed', () => {
    expect(
      rulesOf(
        sweep([
          [DAY_MS - 1, 'replay'],
          [DAY_MS + 1, 'expired'],
        ]),
      ),
    ).toEqual([]);
    expect(
      rulesOf(
        sweep([
          [DAY_MS - 1, 'replay'],
          [DAY_MS + 1, 'replay'],
        ]),
      ),
    ).toEqual(['expiry']);
  });

  test('a key that died too early', () => {
    expect(rulesOf(sweep([[86_400, 'fresh']], {}, null))).toContain('expiry');
  });

  test('new at once, where the contract says so', () => {
    const options = { contract: PROFILES.stripe };
    expect(
      rulesOf(
        sweep(
          [
            [DAY_MS - 1, 'replay'],
            [DAY_MS, 'fresh'],
          ],
          options,
        ),
      ),
    ).toEqual([]);
    expect(rulesOf(sweep([[DAY_MS, 'replay']], options))).toEqual(['expiry']);
    // "Expired" is no answer of that contract at all.
    expect(rulesOf(sweep([[DAY_MS, 'expired']], options))).toEqual(['unexpected-status']);
  });

  test('the second life has a TTL of its own', () => {
    const options = { contract: PROFILES.stripe };
    expect(
      rulesOf(
        sweep(
          [
            [DAY_MS, 'fresh'],
            [2 * DAY_MS - 1, 'fresh'],
          ],
          options,
        ),
      ),
    ).toContain('double-debit');
    expect(
      rulesOf(
        sweep(
          [
            [DAY_MS, 'fresh'],
            [2 * DAY_MS, 'fresh'],
          ],
          options,
        ),
      ),
    ).toEqual([]);
  });

  test('nothing is judged where the contract leaves it open', () => {
    const verdict = sweep([[DAY_MS, 'fresh']], {
      contract: { expiredKey: 'unspecified', duplicateIntent: 'unspecified' },
    });
    expect(verdict.violations).toEqual([]);
    expect(verdict.unjudged).toContainEqual({
      rule: 'expiry',
      why: 'the contract leaves expiredKey unspecified',
    });
  });

  test('the moments are counted by the ages that were really met', () => {
    const verdict = sweep([
      [DAY_MS - 1, 'replay'],
      [DAY_MS, 'expired'],
      [DAY_MS + 1, 'expired'],
      [7 * DAY_MS, 'duplicate'],
    ]);
    const met = Object.fromEntries(verdict.coverage.map(({ name, count }) => [name, count]));
    expect(met).toMatchObject({
      'expiry-before': 1,
      'expiry-at': 1,
      'expiry-after': 2,
      'tombstone-end': 1,
      'expiry-in-flight': 0,
    });
  });

  test('in flight across the expiry nothing is claimed, and the moment is counted', () => {
    for (const isLate of [true, false]) {
      const history = drawHistory();
      const ada = history.customer('ada', { points: 10_000 });
      const coffee = ada.intent('i-1');
      ada.clock(T0);
      const sent = coffee.send();
      ada.clock(T0 + DAY_MS + 1);
      sent.ok('rdm_1');
      // Accepted before the move or after it: the key is expired, or young.
      if (isLate) coffee.ok('rdm_1', { replayed: true });
      else coffee.refused(409, 'idempotency_key_expired');
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      const verdict = judged(history.events());
      expect(verdict.violations).toEqual([]);
      expect(verdict.coverage.find(({ name }) => name === 'expiry-in-flight')?.count).toBeGreaterThan(0);
    }
  });

  test('"in progress" before the move proves that the key was accepted before it', () => {
    const draw = (isExpired: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada', { points: 10_000 });
      const coffee = ada.intent('i-1');
      ada.clock(T0);
      const [one, two] = [coffee.send(), coffee.send()];
      two.refused(409, 'redemption_in_progress');
      ada.clock(T0 + DAY_MS + 1);
      one.ok('rdm_1');
      if (isExpired) coffee.refused(409, 'idempotency_key_expired');
      else coffee.ok('rdm_1', { replayed: true });
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw(true)).toEqual([]);
    expect(draw(false)).toEqual(['expiry']);
  });

  test('"in progress" after the move leaves it open whether the key was accepted before it', () => {
    const draw = (answer: 'in progress' | 'fresh') => {
      const history = drawHistory();
      const ada = history.customer('ada', { points: 10_000 });
      const coffee = ada.intent('i-1');
      ada.clock(T0);
      const first = coffee.send();
      ada.clock(T0 + DAY_MS / 2);
      if (answer === 'in progress') coffee.refused(409, 'redemption_in_progress');
      else {
        first.refused(409, 'redemption_in_progress');
        coffee.ok('rdm_1');
      }
      ada.clock(T0 + DAY_MS + 1);
      coffee.refused(409, 'idempotency_key_expired');
      if (answer === 'in progress') first.lost();
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw('in progress')).toEqual([]);
    // A refusal accepts nothing: the key's life began after the move.
    expect(draw('fresh')).toEqual(['expiry']);
  });

  test('an attempt that ends while the clock is being moved may have met either value', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 10_000 });
    const coffee = ada.intent('i-1');
    ada.clock(T0);
    coffee.ok('rdm_1');
    const sent = coffee.send();
    // The value before is written, then the move is under way while the answer comes.
    history.add({ type: 'clock', at: history.tick(), customer: 'ada', valueMs: T0, frozen: true });
    sent.refused(409, 'idempotency_key_expired');
    history.add({ type: 'clock', at: history.tick(), customer: 'ada', valueMs: T0 + DAY_MS, frozen: true });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations).toEqual([]);
  });

  test('a lost first answer leaves the acceptance open until a 200 proves it', () => {
    const draw = (answer: 'replay' | 'expired') => {
      const history = drawHistory();
      const ada = history.customer('ada', { points: 10_000 });
      const coffee = ada.intent('i-1');
      ada.clock(T0);
      coffee.lost();
      ada.clock(T0 + DAY_MS);
      if (answer === 'replay') coffee.ok('rdm_1');
      else coffee.refused(409, 'idempotency_key_expired');
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw('replay')).toEqual([]);
    expect(draw('expired')).toEqual([]);
  });

  test('by real time a short TTL is judged outside the measured uncertainty only', () => {
    const draw = (gapMs: number, isExpired: boolean) => {
      const history = drawHistory({
        contract: { ttlMs: 1000, tombstoneMs: 60_000 },
        capabilities: { clock: false },
      });
      const ada = history.customer('ada', { points: 10_000 });
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1');
      history.tick(gapMs);
      if (isExpired) coffee.refused(409, 'idempotency_key_expired');
      else coffee.ok('rdm_1', { replayed: true });
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw(900, true)).toEqual(['expiry']);
    expect(draw(998, true)).toEqual([]);
    expect(draw(998, false)).toEqual([]);
    expect(draw(1100, false)).toEqual(['expiry']);
  });

  test.each([
    ['in an envelope that may be refused', true, []],
    ['as it was', undefined, ['expiry']],
  ] as const)('an expired key sent again %s, and refused for another reason', (_name, mayRefuse, rules) => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 10_000 });
    const coffee = ada.intent('i-1');
    ada.clock(T0);
    coffee.ok('rdm_0');
    ada.clock(T0 + DAY_MS);
    coffee
      .send({ way: 'envelope: a slash behind the path', ...(mayRefuse && { mayRefuse }) })
      .refused(404, 'not_found');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_0' }]);
    expect(rulesOf(judged(history.events())).includes('expiry')).toBe(rules.length > 0);
  });
});

describe('a move of the clock that was asked for when the script ended', () => {
  /** A key of 6 hours; then the clock is asked to stand a day later, and an old copy's answer is seen while the run is settled. */
  function cutShort(asked: boolean, answer: 'replay' | 'expired') {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 10_000 });
    const coffee = ada.intent('i-1');
    ada.clock(T0);
    coffee.ok('rdm_0');
    ada.clock(T0 + DAY_MS / 4);
    if (asked) {
      const next = { valueMs: T0 + DAY_MS, frozen: true };
      history.add({
        type: 'clock',
        at: history.tick(),
        customer: 'ada',
        valueMs: T0 + DAY_MS / 4,
        frozen: true,
        next,
      });
    }
    const settling = coffee.send({ via: 'settle' });
    if (answer === 'replay') settling.ok('rdm_0', { replayed: true });
    else settling.refused(409, 'idempotency_key_expired');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_0' }]);
    return rulesOf(judged(history.events('interrupted')));
  }

  test('may have come, or not', () => {
    expect(cutShort(true, 'expired')).toEqual([]);
    expect(cutShort(true, 'replay')).toEqual([]);
  });

  test('is known not to have come where it was never asked for', () => {
    expect(cutShort(false, 'expired')).toEqual(['expiry']);
    expect(cutShort(false, 'replay')).toEqual([]);
  });
});
