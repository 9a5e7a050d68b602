/** Intents that nobody ever decided are open, whatever the contract says of "in progress"; beside them what does decide. */

import { describe, expect, test } from 'vitest';
import type { Contract } from '../../harness/model/contract.ts';
import { drawHistory, judged } from '../support/history-builder.ts';

/** One intent, refused at first and again while it was settled; nothing was done. */
function refusedTwice(contract: Partial<Contract>, status: number, code: string) {
  const history = drawHistory({ contract });
  const ada = history.customer('ada');
  const tea = ada.intent('i-1');
  tea.refused(status, code);
  for (let tries = 0; tries < 3; tries++) tea.send({ via: 'settle' }).refused(status, code);
  ada.audit({ balance: 1000, redemptions: [], ledger: [] });
  return judged(history.events());
}

describe('an intent whose last answer may mean "in progress"', () => {
  test.each([
    ['the contract waits', { inFlight: 'wait' }],
    ['the contract says nothing of it', { inFlight: 'unspecified' }],
    ['another row is unspecified', { inFlight: 'wait', badToken: 'unspecified' }],
  ] as const)('is open where %s', (_, contract) => {
    for (const status of [409, 423]) {
      const { verdict, reasons } = refusedTwice(contract, status, 'busy');
      expect([status, verdict]).not.toEqual([status, 'valid']);
      expect(reasons.join('; ')).toContain('may mean "in progress"');
    }
    for (const status of [425, 429]) expect(refusedTwice(contract, status, 'busy').verdict).not.toBe('valid');
  });

  test('is stuck where the contract has a refusal of that very code', () => {
    const { violations } = refusedTwice({}, 409, 'redemption_in_progress');
    expect(violations.map(({ rule }) => rule)).toContain('stuck');
  });
});

describe('a refusal that no row knows', () => {
  test('closes when settling got it again and nothing was done', () => {
    const { violations, reasons } = refusedTwice({ unknownReward: 'unspecified' }, 410, 'gone');
    expect(violations).toEqual([]);
    // Nothing was redeemed, so that there are moments that it never met; nothing is open.
    expect(reasons.filter((reason) => !reason.startsWith('the run never met'))).toEqual([]);
  });

  test('is outside a contract that says everything', () => {
    const { violations } = refusedTwice({}, 410, 'gone');
    expect(violations.map(({ rule }) => rule)).toContain('unexpected-status');
  });

  test('has lied where an effect is there all the same', () => {
    const history = drawHistory({ contract: { unknownReward: 'unspecified' } });
    const ada = history.customer('ada');
    const tea = ada.intent('i-1');
    tea.refused(422, 'insufficient_points');
    tea.send({ via: 'settle' }).refused(422, 'insufficient_points');
    ada.auditWith([{ intent: tea, redemption: 'rdm_1' }]);
    expect(judged(history.events()).violations.map(({ rule }) => rule)).toContain('refused-but-done');
  });
});
