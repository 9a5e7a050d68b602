import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../harness/model/contract.ts';
import { drawHistory, judged, rulesOf, T0, type RunOptions } from '../support/history-builder.ts';

describe('stuck', () => {
  test('an eternal "in progress" after all faults had ended', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const fault = history.fault('server', 'kill');
    coffee.lost();
    history.heal(fault);
    for (let number = 0; number < 3; number++)
      coffee.refused(409, 'redemption_in_progress', {}, { via: 'settle' });
    ada.auditWith([]);
    expect(judged(history.events()).violations).toMatchObject([
      {
        rule: 'stuck',
        intent: 'i-1',
        attempts: ['i-1.1', 'i-1.2', 'i-1.3', 'i-1.4'],
        found: '409 redemption_in_progress',
      },
    ]);
  });

  test.each([
    ['with the code of "in progress" it is stuck', 'redemption_in_progress', 'invalid', ['stuck']],
    ['without a code it may be anything, and nothing is known', undefined, 'unknown', []],
  ] as const)('an eternal 409: %s', (_name, code, verdict, rules) => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    for (let number = 0; number < 3; number++)
      coffee.send({ via: 'settle' }).answered(409, { ...(code !== undefined && { code }) });
    ada.auditWith([]);
    const found = judged(history.events());
    expect(found.verdict).toBe(verdict);
    expect(rulesOf(found)).toEqual(rules);
  });

  describe('an eternal 409 without a code, to a key that is over its time', () => {
    const TTL_MS = 86_400_000;
    const draw = (
      { heard, listed, isOver = true }: { heard?: object; listed?: string; isOver?: boolean },
      options: RunOptions = {},
    ) => {
      const history = drawHistory({ ...options, capabilities: { arrivals: true } });
      const ada = history.customer('ada');
      const [coffee, tea] = [ada.intent('i-1'), ada.intent('i-2', { points: 120 })];
      ada.clock(T0);
      coffee.send().arrives(heard).lost();
      ada.clock(T0 + (isOver ? TTL_MS + 1 : TTL_MS - 1));
      for (let number = 0; number < 3; number++)
        coffee.send({ via: 'settle' }).arrives({ answer: 409 }).answered(409);
      ada.clock(T0 + TTL_MS + 1, false);
      tea.send().arrives({ answer: 200, redemption: 'rdm_2' }).answered(200, { redemption: 'rdm_2' });
      ada.auditWith([
        { intent: tea, redemption: 'rdm_2' },
        ...(listed === undefined ? [] : [{ intent: coffee, redemption: listed }]),
      ]);
      const { verdict, violations, reasons } = judged(history.events());
      return { verdict, rules: violations.map(({ rule }) => rule), reasons };
    };
    const heard = { answer: 200, redemption: 'rdm_1' };

    test('is the refusal of its age, where the hop had heard its 200', () => {
      expect(draw({ heard, listed: 'rdm_1' })).toMatchObject({ verdict: 'valid', rules: [] });
    });

    test('may be anything, where nobody had heard its answer', () => {
      const drawn = draw({ listed: 'rdm_1' });
      expect(drawn).toMatchObject({ verdict: 'unknown', rules: [] });
      expect(drawn.reasons[0]).toContain('may mean "in progress", e.g. i-1');
    });

    test('may be anything, where it was only accepted, or where what was named is not there', () => {
      expect(draw({ heard: { ...heard, isPending: true }, listed: 'rdm_1' }).verdict).toBe('unknown');
      expect(draw({ heard }).verdict).not.toBe('valid');
    });

    test('may be anything, where the key may have had another life', () => {
      const contract = { expiredKey: 'new', tombstoneMs: 0, duplicateIntent: 'uncovered' } as const;
      expect(draw({ heard, listed: 'rdm_1' }, { contract }).verdict).not.toBe('valid');
    });

    test('is wrong before its time', () => {
      const { rules } = draw({ heard, listed: 'rdm_1', isOver: false });
      expect(new Set(rules)).toEqual(new Set(['unexpected-status']));
    });
  });

  test.each([
    [1, 'unknown'],
    [2, 'valid'],
  ])(
    'a refusal that no row explains, said %i times, by list and balance without effect: %s',
    (times, verdict) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      for (let number = 0; number < times; number++)
        coffee.refused(410, 'gone_fishing', {}, { via: 'settle' });
      const tea = ada.intent('i-2');
      tea.ok('rdm_2');
      ada.auditWith([{ intent: tea, redemption: 'rdm_2' }]);
      const contract = { ...PROFILES.seed, unknownReward: 'unspecified' } as const;
      const open = history.events().map((event) => (event.type === 'run' ? { ...event, contract } : event));
      const found = judged(open);
      expect(found.verdict).toBe(verdict);
      expect(found.violations).toEqual([]);
    },
  );

  test('settling that the end of the time cut off is not stuck', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost();
    coffee.send({ via: 'settle' }).lost('GAVE_UP');
    ada.auditWith([]);
    const found = judged(history.events());
    expect([found.verdict, found.violations]).toEqual(['unknown', []]);
  });

  test('decided by settling is not stuck', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost();
    coffee.refused(409, 'redemption_in_progress', {}, { via: 'settle' });
    coffee.ok('rdm_1', {}, { via: 'settle' });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('a hang is stuck too', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost();
    coffee.lost({ via: 'settle' });
    ada.auditWith([]);
    expect(rulesOf(judged(history.events()))).toEqual(['stuck']);
  });

  test('settled only while a fault was on: unknown, not stuck', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost();
    history.fault('server', 'kill');
    coffee.lost({ via: 'settle' });
    ada.auditWith([]);
    const verdict = judged(history.events());
    expect(verdict).toMatchObject({ verdict: 'unknown', violations: [] });
    expect(verdict.reasons).toContain(
      '1 intent was not decided, but a fault was on while settling, e.g. i-1',
    );
  });

  test('not settled at all: unknown, unless the effect itself decides', () => {
    const draw = (isDone: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      const tea = ada.intent('i-2', { points: 120 });
      tea.ok('rdm_2');
      coffee.lost();
      ada.auditWith([
        { intent: tea, redemption: 'rdm_2' },
        ...(isDone ? [{ intent: coffee, redemption: 'rdm_1' }] : []),
      ]);
      return judged(history.events());
    };
    expect(draw(false)).toMatchObject({
      verdict: 'unknown',
      reasons: ['1 intent was left undecided and not settled, e.g. i-1'],
    });
    expect(draw(true).verdict).toBe('valid');
  });

  test('an intent without a proper key cannot be settled, and is not waited for', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const anchor = ada.intent('i-0');
    anchor.ok('rdm_0');
    ada.intent('i-1', { key: null }).lost();
    ada.auditWith([{ intent: anchor, redemption: 'rdm_0' }]);
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('a 5xx that is stored and replayed decides only where the contract stores it', () => {
    const draw = (options: RunOptions) => {
      const history = drawHistory(options);
      const ada = history.customer('ada');
      const anchor = ada.intent('i-0');
      anchor.ok('rdm_0');
      const coffee = ada.intent('i-1');
      const fault = history.fault('store', 'kill');
      coffee.refused(500, 'internal');
      history.heal(fault);
      history.tick(2000);
      coffee.refused(500, 'internal', { replayed: true }, { via: 'settle' });
      ada.auditWith([{ intent: anchor, redemption: 'rdm_0' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw({ contract: PROFILES.stripe })).toEqual([]);
    expect(draw({})).toEqual(['stuck', 'unexpected-status']);
  });
});

describe('unexpected-status', () => {
  const draw = (status: number, code: string, options: RunOptions = {}, members = {}) => {
    const history = drawHistory(options);
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.refused(status, code, members);
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('a 5xx without a fault behind the server', () => {
    expect(draw(500, 'internal')).toEqual(['unexpected-status']);
    expect(draw(503, 'store_unavailable')).toEqual(['unexpected-status']);
  });

  test('what a proxy answers in its own name is not the server’s', () => {
    expect(draw(503, '', {}, { by: 'proxy' })).toEqual([]);
    expect(draw(404, '', {}, { by: 'proxy' })).toEqual([]);
  });

  test('a status or code that the contract does not name', () => {
    expect(draw(418, 'teapot')).toEqual(['unexpected-status']);
    expect(draw(409, 'conflict')).toEqual(['unexpected-status']);
    expect(draw(302, '')).toEqual(['unexpected-status']);
    expect(draw(418, 'teapot', { contract: { storeDown: 'unspecified' } })).toEqual([]);
  });

  test('HTTP’s own time-outs and a rate limiter say nothing of the contract', () => {
    for (const status of [408, 425, 429]) expect(draw(status, '')).toEqual([]);
  });

  test.each([
    ['store-path', 0, []],
    ['store', 900, []],
    ['server', 0, []],
    ['store', 1100, ['unexpected-status']],
    ['edge', 0, ['unexpected-status']],
  ] as const)('a 503 while a %s fault was on, or %i ms after its end', (kind, afterMs, rules) => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const fault = history.fault(kind);
    if (afterMs > 0) history.heal(fault);
    history.tick(afterMs);
    coffee.refused(503, 'store_unavailable');
    if (afterMs === 0) history.heal(fault);
    history.tick(5000);
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual(rules);
  });

  test('refused for too few points with enough of them', () => {
    const shortage = (points: number) => {
      const history = drawHistory();
      const ada = history.customer('ada', { points });
      const [one, two] = [ada.intent('i-1'), ada.intent('i-2')];
      one.ok('rdm_1');
      two.refused(422, 'insufficient_points');
      ada.auditWith([{ intent: one, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(shortage(999)).toEqual([]);
    expect(shortage(1000)).toEqual(['unexpected-status']);
  });

  test('a finished key that is refused instead of replayed', () => {
    const refuse = (status: number, code: string) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1');
      coffee.refused(status, code);
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(refuse(409, 'redemption_in_progress')).toEqual(['unexpected-status']);
    expect(refuse(409, 'idempotency_key_expired')).toEqual(['expiry']);
  });

  test('unknown, though others of the same customer were known', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const [one, two] = [ada.intent('i-1'), ada.intent('i-2')];
    one.ok('rdm_1');
    two.refused(404, 'customer_not_found');
    ada.auditWith([{ intent: one, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual(['unexpected-status']);
  });
});

describe('false-duplicate', () => {
  test('an honest, separate redemption must not be refused as a duplicate', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const [one, two] = [ada.intent('i-1'), ada.intent('i-2')];
    one.ok('rdm_1');
    two.refused(409, 'duplicate_redemption', { redemption: 'rdm_1' });
    ada.auditWith([{ intent: one, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations).toMatchObject([{ rule: 'false-duplicate', intent: 'i-2' }]);
  });

  test('the same redemption under another key is one', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1', {}, { key: 'k-1' });
    coffee.refused(409, 'duplicate_redemption', { redemption: 'rdm_1' }, { key: 'k-2' });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });

  test('without names the window decides', () => {
    const draw = (gapMs: number) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const [one, two] = [ada.intent('i-1', { client: null }), ada.intent('i-2', { client: null })];
      one.ok('rdm_1');
      history.tick(gapMs);
      two.refused(409, 'duplicate_redemption');
      ada.auditWith([{ intent: one, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw(100)).toEqual([]);
    expect(draw(6000)).toEqual(['false-duplicate']);
  });

  test('a redemption from before the run can be the original', () => {
    const history = drawHistory();
    const ada = history.customer('ada', {
      opening: [{ redemption: 'rdm_0', clientRedemptionId: 'client-i-1', points: 500 }],
    });
    const tea = ada.intent('i-2', { points: 120 });
    tea.ok('rdm_2');
    ada.intent('i-1').refused(409, 'duplicate_redemption');
    ada.audit({
      balance: 880,
      redemptions: [tea.row('rdm_2'), { redemption: 'rdm_0', points: 500 }],
      ledger: [tea.debit('rdm_2'), { redemption_id: 'rdm_0', points: 500, at_ms: 0 }],
    });
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });
});

describe('a list that lags', () => {
  const draw = (listLagMs: number | undefined, waitMs: number) => {
    const history = drawHistory({ ...(listLagMs !== undefined && { listLagMs }) });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    history.tick(waitMs);
    ada.readList([], 'script');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('is stale where its owner allows no lag', () => {
    expect(draw(undefined, 50)).toEqual(['stale-read']);
  });

  test('is what was said within the lag, and stale beyond it', () => {
    expect(draw(1000, 50)).toEqual([]);
    expect(draw(1000, 1500)).toEqual(['stale-read']);
  });
});

describe('stale-read', () => {
  test('a list read after the 200 that shows the redemption only later', () => {
    const draw = (isShown: boolean) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1');
      ada.readList(isShown ? [coffee.row('rdm_1')] : []);
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw(true)).toEqual([]);
    expect(draw(false)).toEqual(['stale-read']);
  });

  test('a list read while the request was in flight may show it or not', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const sent = coffee.send();
    ada.readList([]);
    sent.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).verdict).toBe('valid');
  });

  test('a balance read after the 200 that shows the debit only later', () => {
    const draw = (balance: number) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1');
      ada.readBalance(balance);
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw(500)).toEqual([]);
    expect(draw(1000)).toEqual(['stale-read']);
  });

  test('a balance that went back: no order of debits and reads explains it', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const sent = coffee.send();
    ada.readBalance(500);
    ada.readBalance(1000);
    sent.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations).toMatchObject([
      { rule: 'stale-read', summary: 'no order of debits and reads explains the balances that were seen' },
    ]);
  });
});
