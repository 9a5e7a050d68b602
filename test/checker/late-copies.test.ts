import { expect, test } from 'vitest';
import type { Contract } from '../../harness/model/contract.ts';
import { drawHistory, judged, rulesOf } from '../support/history-builder.ts';

/** Refused for too few points, points given, then a late copy of the same request; the audit finds it carried out. */
function lateCopy(options: {
  readonly copy: number;
  readonly isCredited: boolean;
  readonly contract?: Partial<Contract>;
}) {
  const history = drawHistory({ contract: options.contract ?? {} });
  const ada = history.customer('ada', { points: 400 });
  const wish = ada.intent('i-1', { points: 500 });
  const attempt = wish.send().arrives({ answer: 422 }).refused(422, 'insufficient_points');
  if (options.isCredited) ada.credit(600);
  attempt.arrives({ copy: options.copy, answer: 200, redemption: 'rdm_1' });
  ada.audit({
    balance: options.isCredited ? 500 : -100,
    redemptions: [wish.row('rdm_1')],
    ledger: [wish.debit('rdm_1')],
  });
  return rulesOf(judged(history.events()));
}

test('a late copy of a request refused for too few points may be carried out after a top-up', () => {
  expect(lateCopy({ copy: 1, isCredited: true })).not.toContain('refused-but-done');
});

test('without a top-up, without a copy, or where the refusal is kept, it may not', () => {
  expect(lateCopy({ copy: 1, isCredited: false })).toContain('refused-but-done');
  expect(lateCopy({ copy: 0, isCredited: true })).toContain('refused-but-done');
  expect(lateCopy({ copy: 1, isCredited: true, contract: { storesInsufficientPoints: true } })).toContain(
    'refused-but-done',
  );
});
