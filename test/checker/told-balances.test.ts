import { describe, expect, test } from 'vitest';
import {
  drawHistory,
  judged,
  rulesOf,
  type DrawnCustomer,
  type RunOptions,
} from '../support/history-builder.ts';

const BALANCE_ONLY = { ledger: false, redemptions: false };

/** One customer with 1000 points, and what becomes of it. */
function judgedWith(draw: (ada: DrawnCustomer) => void, options: RunOptions = {}) {
  const history = drawHistory(options);
  draw(history.customer('ada'));
  return judged(history.events());
}

describe('a balance that an answer tells', () => {
  test('lacks its own debit: an older state', () => {
    const verdict = judgedWith((ada) => {
      const tea = ada.intent('i-1');
      tea.ok('rdm_1', { balance: 1000 });
      ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    });
    expect(verdict.violations).toMatchObject([
      { rule: 'stale-read', intent: 'i-1', found: 'balance 1000 in 200 rdm_1' },
    ]);
  });

  test('also where nothing but the balance can be read', () => {
    const verdict = judgedWith(
      (ada) => {
        ada.intent('i-1').ok('rdm_1', { balance: 1000 });
        ada.audit({ balance: 500 });
      },
      { capabilities: BALANCE_ONLY },
    );
    expect(rulesOf(verdict)).toEqual(['stale-read']);
  });

  test('lacks a debit that had been confirmed before', () => {
    const verdict = judgedWith((ada) => {
      const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
      tea.ok('rdm_1', { balance: 900 });
      cake.ok('rdm_2', { balance: 800 });
      ada.auditWith([
        { intent: tea, redemption: 'rdm_1' },
        { intent: cake, redemption: 'rdm_2' },
      ]);
    });
    expect(verdict.violations).toMatchObject([{ rule: 'stale-read', intent: 'i-2' }]);
  });

  test('that no choice of debits explains', () => {
    const verdict = judgedWith((ada) => {
      const tea = ada.intent('i-1');
      tea.ok('rdm_1', { balance: 499 });
      ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    });
    expect(verdict.violations).toMatchObject([{ rule: 'conservation', intent: 'i-1' }]);
  });

  test.each([{}, { capabilities: BALANCE_ONLY }])('is right with what is left', (options) => {
    const verdict = judgedWith((ada) => {
      const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
      tea.ok('rdm_1', { balance: 900 });
      cake.ok('rdm_2', { balance: 700 });
      const done = [
        { intent: tea, redemption: 'rdm_1' },
        { intent: cake, redemption: 'rdm_2' },
      ];
      if (options.capabilities) ada.audit({ balance: 700 });
      else ada.auditWith(done);
    }, options);
    expect(verdict).toMatchObject({ verdict: 'valid', violations: [], counts: { toldBalances: 2 } });
  });
});

describe('a replay', () => {
  /** Two redemptions, and then the first one's key again. */
  function replayed(balance: number, contract: RunOptions['contract']) {
    return judgedWith(
      (ada) => {
        const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
        tea.ok('rdm_1', { balance: 900, bodyHash: 'a' });
        cake.ok('rdm_2', { balance: 700 });
        tea.ok('rdm_1', { balance, bodyHash: balance === 900 ? 'a' : 'b', replayed: true });
        ada.auditWith([
          { intent: tea, redemption: 'rdm_1' },
          { intent: cake, redemption: 'rdm_2' },
        ]);
      },
      { contract: { replayEquality: 'redemption', ...contract } },
    );
  }

  test.each([
    [900, 'first', []],
    [700, 'first', ['conservation']],
    [900, 'latest', []],
    [700, 'latest', []],
    [700, 'unspecified', []],
    [800, 'latest', ['conservation']],
    [1000, 'latest', ['stale-read']],
  ] as const)('that tells %d where the contract shows the %s state', (balance, replayState, rules) => {
    expect(rulesOf(replayed(balance, { replayState }))).toEqual(rules);
  });
});

describe('what nobody can have known', () => {
  test('is the order of two that were under way together', () => {
    const verdict = judgedWith((ada) => {
      const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
      const [one, two] = [tea.send(), cake.send()];
      one.ok('rdm_1', { balance: 700 });
      two.ok('rdm_2', { balance: 800 });
      ada.auditWith([
        { intent: tea, redemption: 'rdm_1' },
        { intent: cake, redemption: 'rdm_2' },
      ]);
    });
    expect(verdict).toMatchObject({ verdict: 'valid', violations: [] });
  });

  test('is whether a credit was there before', () => {
    const verdict = judgedWith((ada) => {
      const tea = ada.intent('i-1', { points: 100 });
      const sent = tea.send();
      ada.credit(50);
      sent.ok('rdm_1', { balance: 950 });
      ada.auditWith([{ intent: tea, redemption: 'rdm_1' }], 50);
    });
    expect(verdict).toMatchObject({ verdict: 'valid', violations: [] });
  });

  test('but a credit that was confirmed before it was sent is in it', () => {
    const verdict = judgedWith((ada) => {
      const tea = ada.intent('i-1', { points: 100 });
      ada.credit(50);
      tea.ok('rdm_1', { balance: 900 });
      ada.auditWith([{ intent: tea, redemption: 'rdm_1' }], 50);
    });
    expect(rulesOf(verdict)).toEqual(['stale-read']);
  });

  test('is whether a request without an answer had been carried out', () => {
    const verdict = judgedWith(
      (ada) => {
        const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
        tea.lost();
        cake.ok('rdm_2', { balance: 700 });
        tea.ok('rdm_1', { balance: 700, replayed: true });
        ada.audit({ balance: 700 });
      },
      { capabilities: BALANCE_ONLY },
    );
    expect(verdict).toMatchObject({ verdict: 'valid', violations: [] });
  });

  test('is whether a refused one was debited for a while, and given back', () => {
    const verdict = judgedWith((ada) => {
      const [tea, cake] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 200 })];
      const [one, two] = [tea.send(), cake.send()];
      two.ok('rdm_2', { balance: 700 });
      one.refused(422, 'insufficient_points');
      ada.auditWith([{ intent: cake, redemption: 'rdm_2' }]);
    });
    expect(rulesOf(verdict)).not.toContain('conservation');
  });

  test('is a choice among more than twelve: only the bounds are held', () => {
    const many = (told: number) =>
      judgedWith((ada) => {
        const intents = Array.from({ length: 14 }, (_, index) => ada.intent(`i-${index}`, { points: 50 }));
        const sent = intents.map((intent) => intent.send());
        sent.forEach((each, index) => each.ok(`rdm_${index}`, { balance: index === 0 ? told : 300 }));
        ada.auditWith(intents.map((intent, index) => ({ intent, redemption: `rdm_${index}` })));
      });
    expect(many(777)).toMatchObject({ violations: [], counts: { toldWithinBounds: 14 } });
    expect(rulesOf(many(1000))).toEqual(['stale-read']);
    expect(rulesOf(many(299))).toEqual(['conservation']);
  });

  test('is what the customer had, where its opening was not read', () => {
    const history = drawHistory();
    const ada = history.unread('ada');
    const tea = ada.intent('i-1');
    tea.ok('rdm_1', { balance: 7 });
    ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations).toEqual([]);
  });
});
