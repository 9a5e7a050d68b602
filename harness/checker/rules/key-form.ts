/** key-syntax and missing-key: what is answered to a request without a proper key. (Its effects: debits.ts.) */

import type { CustomerCase } from '../case.ts';
import { isOwn, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { matches, refusalOf, shownAnswer, shownRefusal } from '../../model/refusals.ts';
import { about } from './rule.ts';

export function judgeKeyForm(theCase: CustomerCase, findings: Findings): void {
  for (const attempt of theCase.customer.attempts)
    if (attempt.keyKind !== 'key' && isOwn(attempt)) judgeAttempt(attempt, theCase, findings);
}

function judgeAttempt(attempt: Attempt, { run }: CustomerCase, findings: Findings): void {
  const { complete, keyKind } = attempt;
  if (complete === undefined || complete.by === 'proxy' || complete.outcome === 'info') return;
  const refusal = refusalOf(run.contract, keyKind === 'missing' ? 'missingKey' : 'malformedKey');
  if (refusal === undefined || matches(refusal, complete)) return;
  findings.violate({
    rule: keyKind === 'missing' ? 'missing-key' : 'key-syntax',
    summary: `a request ${keyKind === 'missing' ? 'without a key' : 'with a malformed key'} was answered otherwise than the contract says`,
    ...about(attempt.intent, [attempt]),
    expected: shownRefusal(refusal),
    found: shownAnswer(complete),
  });
}
