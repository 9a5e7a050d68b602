import { describe, expect, test } from 'vitest';
import type { ListedRedemption } from '../../harness/model/protocol.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

/** Two redemptions; between them and the audit the list shows the first one, and others, as given. */
function listed(change: Partial<ListedRedemption>, others: readonly ListedRedemption[] = []): Verdict {
  const history = drawHistory();
  const ada = history.customer('ada');
  const [one, two] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 100 })];
  one.ok('rdm_1');
  two.ok('rdm_2');
  ada.readList([{ ...one.row('rdm_1'), ...change }, two.row('rdm_2'), ...others]);
  ada.auditWith([
    { intent: one, redemption: 'rdm_1' },
    { intent: two, redemption: 'rdm_2' },
  ]);
  return judged(history.events());
}

describe('a redemption that is listed twice in time', () => {
  test('says the same of its points, its reward and its name', () => {
    expect(listed({})).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(rulesOf(listed({ points: 101 }))).toEqual(['conservation']);
    expect(rulesOf(listed({ reward: 'reward_tea' }))).toEqual(['conservation']);
    expect(rulesOf(listed({ clientRedemptionId: 'another' }))).toEqual(['conservation']);
  });

  test('may get its points when it is completed', () => {
    expect(listed({ status: 'pending', points: 0 })).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(listed({ status: 'pending' })).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  test('stands twice in a list whose pages overlap, and is one', () => {
    const row = { redemption: 'rdm_1', points: 100, reward: 'reward_67890', status: 'completed' };
    expect(listed({}, [row])).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('a redemption that is not listed any more', () => {
  const strange = { redemption: 'rdm_3', points: 100, reward: 'reward_67890' };

  test('was lost when it had been done', () => {
    expect(rulesOf(listed({}, [{ ...strange, status: 'completed' }]))).toEqual(['lost-debit']);
  });

  test('was given up when it had not', () => {
    expect(listed({}, [{ ...strange, status: 'pending' }])).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(listed({}, [{ ...strange, status: 'cancelled' }])).toMatchObject({
      verdict: 'valid',
      reasons: [],
    });
  });

  test('leaves it open where nobody says how far it was', () => {
    expect(listed({}, [strange]).verdict).toBe('unknown');
  });

  test('may fall off the end of a list when it was there before the run', () => {
    const history = drawHistory();
    const old = { ...strange, status: 'completed' };
    const ada = history.customer('ada', { opening: [old] });
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('a list beside the ledger', () => {
  function beside(listed: number | undefined, debited = 100): Verdict {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1', { points: 100 });
    coffee.ok('rdm_1');
    const { points: _, ...row } = coffee.row('rdm_1');
    ada.audit({
      balance: 900,
      redemptions: [{ ...row, ...(listed !== undefined && { points: listed }) }],
      ledger: [{ ...coffee.debit('rdm_1'), points: debited }],
    });
    return judged(history.events());
  }

  test('shows the points that were debited, or none', () => {
    expect(beside(100)).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(beside(undefined)).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(rulesOf(beside(101))).toEqual(['conservation']);
  });
});

describe('the reward that was handed out', () => {
  /** Two redemptions of `reward_67890`; what the ledger says was handed out for each. */
  function handedOut(...rewards: readonly string[]): Verdict {
    const history = drawHistory();
    const ada = history.customer('ada');
    const done = rewards.map((_, index) => ({
      intent: ada.intent(`i-${index}`, { points: 100 }),
      redemption: `rdm_${index}`,
    }));
    for (const { intent, redemption } of done) intent.ok(redemption);
    history.add({
      type: 'observe',
      at: history.tick(),
      until: history.tick(),
      customer: 'ada',
      via: 'audit',
      what: 'rewards',
      value: rewards.map((reward, index) => ({ redemption: `rdm_${index}`, reward })),
    });
    ada.auditWith(done);
    return judged(history.events());
  }

  test('is the one that was asked for', () => {
    expect(handedOut('reward_67890', 'reward_67890')).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(rulesOf(handedOut('reward_67890', 'reward_tea'))).toEqual(['conservation']);
    expect(rulesOf(handedOut('reward_tea', 'reward_67890'))).toEqual(['conservation']);
  });

  test('may have a name of its own: the code of a voucher', () => {
    expect(handedOut('V-0001', 'V-0002')).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});
