import { describe, expect, test } from 'vitest';
import { PROFILES, type Contract } from '../../harness/model/contract.ts';
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

describe("duplicateIntent 'uncovered': each key is a redemption of its own", () => {
  /** The second key was answered once, and debited as often as `names` says. */
  const underTwoKeys = (duplicateIntent: Contract['duplicateIntent'], ...names: readonly string[]) => {
    const history = drawHistory({ contract: { duplicateIntent, duplicateWindowMs: 0 } });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    coffee.ok('rdm_2', {}, { key: 'another' });
    const all = ['rdm_1', ...names];
    ada.audit({
      balance: 2000 - 500 * all.length,
      redemptions: all.map((name) => coffee.row(name)),
      ledger: all.map((name) => coffee.debit(name, name === 'rdm_1' ? coffee.key : 'another')),
    });
    return judged(history.events());
  };

  test('two debits are two redemptions', () => {
    expect(underTwoKeys('uncovered', 'rdm_2').violations).toEqual([]);
    expect(rulesOf(underTwoKeys({ status: 409 }, 'rdm_2'))).toEqual(['duplicate-intent']);
  });

  test('a third is one too many of its key, and no matter of two keys', () => {
    const verdict = underTwoKeys('uncovered', 'rdm_2', 'rdm_3');
    expect(rulesOf(verdict)).toEqual(['double-debit']);
    expect(verdict.violations[0]).toMatchObject({ summary: 'one key was debited twice' });
    expect(verdict.unjudged.map(({ rule }) => rule)).toContain('duplicate-intent');
    expect(verdict.incidents).toMatchObject([{ rule: 'double-debit', circumstance: 'retried' }]);
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

describe('tryAgain: what an endpoint may answer although nothing is wrong', () => {
  const tryAgain = { statuses: [429, 503], max: 2, withinMs: 1000 };

  /** So many answers of this status, then a 200. */
  const asked = (contract: Rows, times: number, { status = 503, retryAfterMs = 1000, afterMs = 1 } = {}) => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    for (let time = 0; time < times; time++) {
      coffee.send().answered(status, Number.isNaN(retryAfterMs) ? {} : { retryAfterMs });
      history.tick(afterMs);
    }
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('as often as the contract says, with a time to come back at', () => {
    expect(asked({ tryAgain }, 2)).toEqual([]);
    expect(asked({ tryAgain }, 2, { status: 429 })).toEqual([]);
    expect(asked({ tryAgain }, 3)).toEqual(['unexpected-status']);
    expect(asked({ tryAgain }, 3, { status: 429 })).toEqual(['unexpected-status']);
  });

  test('within its time', () => {
    expect(asked({ tryAgain }, 2, { afterMs: 990 })).toEqual([]);
    expect(asked({ tryAgain }, 2, { afterMs: 1001 })).toEqual(['unexpected-status']);
  });

  test('without Retry-After a 5xx is a failure, and a 429 somebody else’s', () => {
    expect(asked({ tryAgain }, 1, { retryAfterMs: NaN })).toEqual(['unexpected-status']);
    expect(asked({ tryAgain }, 1, { retryAfterMs: NaN, status: 429 })).toEqual([]);
  });

  test('another 5xx is not covered', () => {
    expect(asked({ tryAgain }, 1, { status: 500 })).toEqual(['unexpected-status']);
  });

  test('never, as it was before there was the row; and nothing where nothing is promised', () => {
    expect(asked({}, 1)).toEqual(['unexpected-status']);
    expect(asked({}, 1, { status: 429 })).toEqual([]);
    expect(asked({ tryAgain: 'unspecified' }, 9)).toEqual([]);
  });

  test('what a fault made does not count', () => {
    const history = drawHistory({ contract: { tryAgain } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const fault = history.fault('store');
    for (let time = 0; time < 5; time++) coffee.send().answered(503, { retryAfterMs: 1000 });
    history.heal(fault);
    history.tick(2000);
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });
});

describe('waitsFirst: whether a refusal as in flight comes at once', () => {
  const overlapping = (contract: Rows, afterMs: number) => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const first = coffee.send();
    const second = coffee.send();
    history.tick(afterMs);
    second.refused(409, 'redemption_in_progress');
    first.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('where the contract waits first, an answer within a blink has not waited', () => {
    expect(overlapping({ waitsFirst: true }, 1)).toEqual(['unexpected-status']);
    expect(overlapping({ waitsFirst: true }, 50)).toEqual([]);
  });

  test('the hop, which is nearer to the server, knows better than the client', () => {
    const history = drawHistory({ contract: { waitsFirst: true }, capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const first = coffee.send();
    const second = coffee.send();
    history.tick(50);
    second.arrives({ at: history.now - 3, endedAt: history.now - 1, upstream: 'server-1', answer: 409 });
    second.refused(409, 'redemption_in_progress');
    first.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual(['unexpected-status']);
  });

  test('where it does not, either is right', () => {
    expect(overlapping({}, 1)).toEqual([]);
    expect(overlapping({}, 50)).toEqual([]);
  });
});

describe('storesRefusals: whether a refusal is the answer of its key', () => {
  const then = (contract: Rows, second: 'ok' | 'refused', status = 404, code = 'reward_not_found') => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1');
    const other = ada.intent('i-0');
    coffee.refused(status, code);
    if (second === 'ok') coffee.ok('rdm_1');
    else {
      other.ok('rdm_0');
      coffee.refused(status, code);
    }
    ada.auditWith([
      second === 'ok' ? { intent: coffee, redemption: 'rdm_1' } : { intent: other, redemption: 'rdm_0' },
    ]);
    return rulesOf(judged(history.events()));
  };

  test('a stored one comes again, even after its ground has gone', () => {
    expect(then({ storesRefusals: true }, 'refused')).toEqual([]);
    expect(then({ storesRefusals: true }, 'ok')).toEqual(['same-answer']);
  });

  test('one that is not stored binds nobody', () => {
    // The refusal itself had no ground; that it was not repeated is right.
    expect(then({}, 'ok')).toEqual(['unexpected-status']);
    expect(then({ storesRefusals: 'unspecified' }, 'ok')).toEqual([]);
    expect(then({}, 'refused')).toEqual(['unexpected-status']);
  });

  test('a request that never took the key is never stored', () => {
    expect(then({ storesRefusals: true }, 'ok', 400, 'invalid_request')).toEqual([]);
    expect(then({ storesRefusals: true }, 'ok', 409, 'redemption_in_progress')).toEqual([]);
  });
});

describe('leaseMs: whether work ever took longer than a lease', () => {
  const worked = (contract: Rows, forMs: number) => {
    const history = drawHistory({ contract, capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const at = history.now + 2;
    const first = coffee.send();
    history.tick(forMs + 1);
    first.arrives({ at, endedAt: at + forMs, upstream: 'server-1', answer: 200 });
    first.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return judged(history.events()).coverage.find(({ name }) => name === 'lease-outlasted')?.count;
  };

  test('counts when it did, and only where the contract names a lease', () => {
    expect(worked({ leaseMs: 1000 }, 1001)).toBe(1);
    expect(worked({ leaseMs: 1000 }, 1000)).toBe(0);
    expect(worked({}, 1001)).toBe(0);
  });
});

describe('clockScope: whose clock the hook moves', () => {
  /** Bob's key is refused as expired after the clock was moved for Ada. */
  const moved = (contract: Rows, byMs: number) => {
    const history = drawHistory({ contract: { ttlMs: 60_000, tombstoneMs: 120_000, ...contract } });
    const ada = history.customer('ada');
    const bob = history.customer('bob');
    const coffee = bob.intent('i-1');
    ada.clock(T0);
    coffee.ok('rdm_1');
    ada.clock(T0 + byMs);
    coffee.refused(409, 'idempotency_key_expired');
    ada.auditWith([]);
    bob.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test("a clock of each customer's own says nothing of another's keys", () => {
    expect(moved({}, 70_000)).toEqual(['expiry']);
  });

  test('one that all have in common ages all keys', () => {
    expect(moved({ clockScope: 'common' }, 70_000)).toEqual([]);
    expect(moved({ clockScope: 'common' }, 50_000)).toEqual(['expiry']);
  });

  test('whoever comes later has it, too', () => {
    const history = drawHistory({
      contract: { ttlMs: 60_000, tombstoneMs: 120_000, clockScope: 'common' },
    });
    const ada = history.customer('ada');
    ada.clock(T0 + 500_000);
    const bob = history.customer('bob');
    const coffee = bob.intent('i-1');
    coffee.ok('rdm_1');
    ada.clock(T0 + 560_000);
    coffee.refused(409, 'idempotency_key_expired');
    ada.auditWith([]);
    bob.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });
});

describe('points ran out, told by what an answer cannot mean otherwise', () => {
  /** Two intents for the last points, of which one is refused with a bare 422, which fits another payload as well. */
  const raced = (contract: Rows, { points = 700, reused = false, status = 422 } = {}) => {
    const history = drawHistory({ contract });
    const ada = history.customer('ada', { points });
    const [coffee, tea] = [ada.intent('i-1'), ada.intent('i-2')];
    const sent = [coffee.send(), tea.send()];
    sent[0]?.ok('rdm_1');
    sent[1]?.answered(status);
    if (reused) tea.send({ points: 501 }).answered(status);
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    const { coverage } = judged(history.events());
    return ['points-ran-out', 'race-for-last-points'].map(
      (name) => (coverage.find((one) => one.name === name)?.count ?? 0) > 0,
    );
  };
  const bare: Rows = { otherPayload: { status: 422 }, insufficientPoints: { status: 422 } };

  test('payload, balance and effects leave one reading', () => {
    expect(raced(bare)).toEqual([true, true]);
    expect(raced({ insufficientPoints: 'unspecified', otherPayload: { status: 409 } })).toEqual([true, true]);
  });

  test('with points enough it was something else', () => {
    expect(raced(bare, { points: 1000 })).toEqual([false, false]);
  });

  test('a key that came with another payload leaves two readings', () => {
    expect(raced(bare, { reused: true })).toEqual([false, false]);
  });

  test('a status that no row of it has is none of its answers', () => {
    expect(raced(bare, { status: 418 })).toEqual([false, false]);
    expect(raced({ ...bare, inFlight: { status: 409 } }, { status: 409 })).toEqual([false, false]);
  });
});

describe.each(['stripe-v2', 'paypal', 'adyen'] as const)(
  'the profile %s, of which little is promised',
  (name) => {
    const contract = PROFILES[name];

    test('what its document does not say accuses nobody', () => {
      const history = drawHistory({ contract });
      const ada = history.customer('ada', { points: 2000 });
      const coffee = ada.intent('i-1');
      const tea = ada.intent('i-2', { key: coffee.key, points: 300 });
      coffee.send().answered(500);
      coffee.send().answered(429, { retryAfterMs: 1000 });
      coffee.ok('rdm_1', { replayed: false });
      coffee.ok('rdm_1', { replayed: false, bodyHash: 'written anew' });
      tea.refused(418, 'used');
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      expect(rulesOf(judged(history.events()))).toEqual([]);
    });

    test('two effects of one key, and one that was confirmed and is not there, are violations all the same', () => {
      const history = drawHistory({ contract });
      const ada = history.customer('ada', { points: 2000 });
      const coffee = ada.intent('i-1');
      coffee.lost();
      coffee.ok('rdm_2');
      ada.auditWith([
        { intent: coffee, redemption: 'rdm_1' },
        { intent: coffee, redemption: 'rdm_2' },
      ]);
      const bob = history.customer('bob');
      bob.intent('i-3').ok('rdm_3');
      bob.auditWith([]);
      expect(rulesOf(judged(history.events()))).toEqual(['double-debit', 'lost-debit']);
    });
  },
);
