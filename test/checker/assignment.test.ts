import { describe, expect, test } from 'vitest';
import { assign } from '../../harness/checker/assignment.ts';
import {
  drawHistory,
  judged,
  rulesOf,
  type DrawnCustomer,
  type RunOptions,
} from '../support/history-builder.ts';

describe('an assignment', () => {
  const fits = (effect: string, place: string) => place.includes(effect);

  test('moves whoever is in the way', () => {
    const { placeOf, unplaced } = assign(['a', 'b', 'c'], ['ab', 'a', 'bc'], fits, () => false);
    expect(unplaced).toEqual([]);
    expect(new Set(placeOf.values()).size).toBe(3);
  });

  test('serves first where an effect is needed, and then as many as it can', () => {
    const { placeOf, unplaced } = assign(['a', 'b'], ['ab', 'a needy'], fits, (place) =>
      place.includes('needy'),
    );
    expect(unplaced).toEqual([]);
    expect(placeOf.get('a')).toBe('a needy');
  });

  test('leaves over what has no place', () => {
    expect(assign(['a', 'b', 'c'], ['abc', 'a'], fits, () => false).unplaced).toHaveLength(1);
  });
});

/** Effects that only a list shows, without any name. */
function judgedWith(draw: (ada: DrawnCustomer) => void, { capabilities, ...options }: RunOptions = {}) {
  const history = drawHistory({
    ...options,
    capabilities: { ledger: false, balance: false, arrivals: true, ...capabilities },
  });
  draw(history.customer('ada'));
  return judged(history.events());
}

const KEYLESS: RunOptions = {
  contract: { missingKey: 'accept', duplicateIntent: 'uncovered', duplicateWindowMs: 0 },
};
const tea = (redemption: string) => ({ redemption, reward: 'tea', points: 100 });

/** A finished redemption, then a request without a key for the same that nobody answered, and arrived so often. */
function keyless(copies: number, redemptions: readonly string[]) {
  return judgedWith((ada) => {
    ada.intent('i-1', { reward: 'tea', points: 100, client: null }).ok('rdm_1');
    const sent = ada.intent('i-2', { key: null, reward: 'tea', points: 100, client: null }).send();
    for (let copy = 0; copy < copies; copy++) sent.arrives({ copy });
    sent.lost();
    ada.audit({ redemptions: redemptions.map(tea) });
  }, KEYLESS);
}

describe('an effect that nothing names', () => {
  test.each([1, 2, 3])('is the keyless request’s, as often as it arrived: %d', (copies) => {
    const names = ['rdm_2', 'rdm_3', 'rdm_4'];
    expect(keyless(copies, ['rdm_1', ...names.slice(0, copies)]).violations).toEqual([]);
    expect(rulesOf(keyless(copies, ['rdm_1', ...names.slice(0, copies), 'rdm_5']))).toEqual(['double-debit']);
  });

  test('is not a later request’s that had not been sent when it was seen', () => {
    const draw = (isSeenBefore: boolean) =>
      judgedWith((ada) => {
        ada.intent('i-1', { reward: 'tea', points: 100, client: null }).ok('rdm_1');
        if (isSeenBefore) ada.readList([tea('rdm_2'), tea('rdm_1')]);
        ada.intent('i-2', { key: null, reward: 'tea', points: 100, client: null }).send().arrives().lost();
        ada.audit({ redemptions: [tea('rdm_2'), tea('rdm_1')] });
      }, KEYLESS);
    expect(draw(false).violations).toEqual([]);
    expect(rulesOf(draw(true))).toEqual(['double-debit']);
  });

  test('is not an earlier request’s that was over when it was not there yet', () => {
    const draw = (isReadBetween: boolean) =>
      judgedWith((ada) => {
        ada.intent('i-1', { reward: 'tea', points: 100, client: null }).send().answered(204);
        if (isReadBetween) ada.readList([]);
        ada.audit({ redemptions: [tea('rdm_1')] });
      });
    expect(draw(false).violations).toEqual([]);
    expect(rulesOf(draw(true))).toContain('double-debit');
  });

  test('a list that may lag says so much later what it lacks', () => {
    const verdict = judgedWith(
      (ada) => {
        ada.intent('i-1', { reward: 'tea', points: 100, client: null }).send().answered(204);
        ada.readList([]);
        ada.audit({ redemptions: [tea('rdm_1')] });
      },
      { listLagMs: 1000 },
    );
    expect(verdict.violations).toEqual([]);
  });

  test('goes to the claim that was told "done" before one that may have been', () => {
    const verdict = judgedWith((ada) => {
      ada.intent('i-1', { reward: 'tea', points: 100, client: null, key: null }).send().arrives().lost();
      ada.intent('i-2', { reward: 'tea', points: 100, client: null }).send().answered(204);
      ada.audit({ redemptions: [tea('rdm_1')] });
    }, KEYLESS);
    expect(verdict.violations).toEqual([]);
  });

  test('is nobody’s where it may have been there before, unless a reading since then lacked it', () => {
    const draw = (isReadBetween: boolean) => {
      const history = drawHistory({ capabilities: { ledger: false, balance: false, provision: false } });
      const ada = history.unread('ada');
      ada.intent('i-1', { reward: 'tea', points: 100, client: null }).ok('rdm_1');
      if (isReadBetween) ada.readList([tea('rdm_1')]);
      history.tick(10);
      ada.audit({ redemptions: [tea('rdm_1'), tea('rdm_2')] });
      return rulesOf(judged(history.events()));
    };
    expect(draw(false)).toEqual([]);
    expect(draw(true)).toEqual(['double-debit']);
  });
});
