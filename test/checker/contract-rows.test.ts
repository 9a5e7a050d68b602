import { describe, expect, test } from 'vitest';
import type { Contract } from '../../harness/model/contract.ts';
import { drawHistory, judged, rulesOf, T0 } from '../support/history-builder.ts';

type Rows = Partial<Contract>;

describe('fingerprint: what makes a payload another one', () => {
  /** One key, one intent, written twice; the second writing is answered as told. */
  const rewritten = (contract: Rows, second: 'replay' | 'refused') => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    const again = coffee.send({ bodyHash: 'reversed' });
    if (second === 'replay') again.ok('rdm_1', { replayed: true });
    else again.refused(422, 'idempotency_key_reused');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('by members, another writing is the same payload and replays', () => {
    expect(rewritten({}, 'replay')).toEqual([]);
    expect(rewritten({}, 'refused')).toContain('payload-binding');
  });

  test('by bytes, another writing is another payload and is refused', () => {
    expect(rewritten({ fingerprint: 'bytes' }, 'refused')).toEqual([]);
    expect(rewritten({ fingerprint: 'bytes' }, 'replay')).toEqual(['payload-binding']);
  });

  test('where nothing is promised either is right', () => {
    expect(rewritten({ fingerprint: 'unspecified' }, 'refused')).not.toContain('payload-binding');
    expect(rewritten({ fingerprint: 'unspecified' }, 'replay')).toEqual([]);
  });

  /** One key, two payloads; the second is answered as told. */
  const reused = (contract: Rows, second: 'replay' | 'fresh' | 'refused') => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1', { key: 'k' });
    const tea = ada.intent('i-2', { key: 'k', points: 300 });
    coffee.ok('rdm_1');
    if (second === 'replay') tea.ok('rdm_1', { replayed: true, leaks: ['rdm_1'] });
    else if (second === 'fresh') tea.ok('rdm_2');
    else tea.refused(422, 'idempotency_key_reused');
    ada.auditWith([
      { intent: coffee, redemption: 'rdm_1' },
      ...(second === 'fresh' ? [{ intent: tea, redemption: 'rdm_2' }] : []),
    ]);
    return rulesOf(judged(history.events()));
  };

  test('bound to no payload, a key answers with the first redemption whatever comes', () => {
    expect(reused({ fingerprint: 'none' }, 'replay')).toEqual([]);
    expect(reused({ fingerprint: 'none' }, 'fresh')).toContain('double-debit');
    expect(reused({ fingerprint: 'none' }, 'refused')).toContain('payload-binding');
  });

  test('bound to its payload, it refuses another one', () => {
    expect(reused({}, 'refused')).toEqual([]);
    expect(reused({}, 'replay')).toContain('payload-binding');
    expect(reused({}, 'fresh')).toContain('payload-binding');
  });
});

describe('keyScope: who shares a key', () => {
  const neighbours = (contract: Rows, second: 'fresh' | 'refused' | 'shown') => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada');
    const bob = history.customer('bob');
    const first = ada.intent('i-1', { key: 'k' });
    const other = bob.intent('i-2', { key: 'k' });
    first.ok('rdm_1');
    if (second === 'fresh') other.ok('rdm_2');
    else if (second === 'shown') other.ok('rdm_1', { customer: 'ada', leaks: ['rdm_1'] });
    else other.refused(422, 'idempotency_key_reused');
    ada.auditWith([{ intent: first, redemption: 'rdm_1' }]);
    bob.auditWith(second === 'fresh' ? [{ intent: other, redemption: 'rdm_2' }] : []);
    return rulesOf(judged(history.events()));
  };

  test("a customer's own key says nothing to another one", () => {
    expect(neighbours({}, 'fresh')).toEqual([]);
    expect(neighbours({}, 'refused')).toEqual(['key-scope']);
  });

  test('a common key is refused to another customer', () => {
    expect(neighbours({ keyScope: 'global' }, 'refused')).toEqual([]);
    expect(neighbours({ keyScope: 'global' }, 'fresh')).toEqual(['key-scope']);
  });

  test('by path, which this run cannot see, either is right', () => {
    expect(neighbours({ keyScope: 'path' }, 'refused')).toEqual([]);
    expect(neighbours({ keyScope: 'path' }, 'fresh')).toEqual([]);
  });

  test("another customer's data are shown by none of them", () => {
    for (const keyScope of ['customer', 'path', 'global', 'unspecified'] as const)
      expect(neighbours({ keyScope }, 'shown')).toContain('key-scope');
  });

  test('a common key that was never finished may be used by another customer', () => {
    const history = drawHistory({ contract: { keyScope: 'global' } });
    const ada = history.customer('ada');
    const bob = history.customer('bob');
    const first = ada.intent('i-1', { key: 'k' });
    const other = bob.intent('i-2', { key: 'k' });
    first.refused(404, 'reward_not_found');
    other.ok('rdm_2');
    ada.auditWith([]);
    bob.auditWith([{ intent: other, redemption: 'rdm_2' }]);
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });
});

describe('replayState: what a replay shows', () => {
  const replay = (contract: Rows, redemption: string) => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1', { balance: 500 });
    coffee.ok(redemption, { replayed: true, bodyHash: 'as it is by now' });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('the first answer keeps its bytes; the latest state has others', () => {
    expect(replay({}, 'rdm_1')).toEqual(['same-answer']);
    expect(replay({ replayState: 'latest' }, 'rdm_1')).toEqual([]);
    expect(replay({ replayState: 'unspecified' }, 'rdm_1')).toEqual([]);
  });

  test('it is the same redemption all the same', () => {
    expect(replay({ replayState: 'latest' }, 'rdm_2')).toContain('same-answer');
  });
});

describe("duplicateIntent 'replay': a second key is answered with the original", () => {
  const contract: Rows = { duplicateIntent: 'replay' };

  /** One name for the redemption, two keys. */
  const twoKeys = (rows: Rows, second: string) => {
    const history = drawHistory({ contract: rows });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    coffee.ok(second, { replayed: second === 'rdm_1' }, { key: 'another' });
    ada.audit({
      balance: second === 'rdm_1' ? 1500 : 1000,
      redemptions: [...new Set(['rdm_1', second])].map((name) => coffee.row(name)),
      ledger: [...new Set(['rdm_1', second])].map((name) =>
        coffee.debit(name, name === 'rdm_1' ? coffee.key : 'another'),
      ),
    });
    return rulesOf(judged(history.events()));
  };

  test('one effect, named by both answers', () => {
    expect(twoKeys(contract, 'rdm_1')).toEqual([]);
    expect(twoKeys(contract, 'rdm_2')).toEqual(['duplicate-intent']);
  });

  /** Two redemptions, each with a name of its own; the second answer names the first. */
  const separate = (rows: Rows, client: string) => {
    const history = drawHistory({ contract: rows });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1', { client: 'one' });
    const tea = ada.intent('i-2', { client });
    coffee.ok('rdm_1');
    tea.ok('rdm_1', { replayed: true });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test("an honest second redemption is not answered with the first one's", () => {
    expect(separate(contract, 'two')).toContain('false-duplicate');
    expect(separate(contract, 'one')).toEqual([]);
  });

  test('an old key of a known name comes back with the original', () => {
    const history = drawHistory({ contract: { ...contract, ttlMs: 1000, tombstoneMs: 2000 } });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    ada.clock(T0);
    coffee.ok('rdm_1');
    ada.clock(T0 + 3000);
    coffee.ok('rdm_1', { replayed: true });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });
});

describe('tombstoneFrom: when an expired key is new again', () => {
  const atAge = (contract: Rows, ageMs: number, answer: 'expired' | 'fresh') => {
    const history = drawHistory({ contract: { ttlMs: 1000, tombstoneMs: 1500, ...contract } });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1', { client: null });
    ada.clock(T0);
    coffee.ok('rdm_1');
    ada.clock(T0 + ageMs);
    if (answer === 'fresh') coffee.ok('rdm_2');
    else coffee.refused(409, 'idempotency_key_expired');
    ada.auditWith([
      { intent: coffee, redemption: 'rdm_1' },
      ...(answer === 'fresh' ? [{ intent: coffee, redemption: 'rdm_2' }] : []),
    ]);
    return rulesOf(judged(history.events()));
  };

  test.each([
    ['acceptance', 1499, 'expired'],
    ['acceptance', 1500, 'fresh'],
    ['expiry', 2499, 'expired'],
    ['expiry', 2500, 'fresh'],
  ] as const)('from its %s, at %i ms it is %s', (tombstoneFrom, ageMs, right) => {
    expect(atAge({ tombstoneFrom }, ageMs, right)).toEqual([]);
    expect(atAge({ tombstoneFrom }, ageMs, right === 'fresh' ? 'expired' : 'fresh')).toContain('expiry');
  });
});
