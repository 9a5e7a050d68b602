/** What the hop saw the endpoint say, whether a client heard it or not: a 2xx is kept as if it had been heard. */

import type { CustomerCase } from '../case.ts';
import { isOwn, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { isConfirming } from '../key-lives.ts';
import { wasThereBefore } from './books.ts';
import { about } from './rule.ts';

export function judgeSeen(theCase: CustomerCase, findings: Findings): void {
  const { customer, isAudited, hasLedger, hasList } = theCase;
  if (!isAudited || customer.isGone || (!hasLedger && !hasList)) return;
  // Where no answer to the client names its redemption, what the hop read is no name of one either.
  if (
    customer.attempts.some(({ complete }) => complete?.outcome === 'ok' && complete.redemption === undefined)
  )
    return;
  const judged = new Set<string>(customer.confirmed.keys());
  for (const attempt of customer.attempts)
    if (attempt.arrivals.length > 0 && isOwn(attempt)) judgeAttempt(attempt, theCase, judged, findings);
}

function judgeAttempt(
  attempt: Attempt,
  { customer, effects, hasLedger, hasList }: CustomerCase,
  judged: Set<string>,
  findings: Findings,
): void {
  const readAt = Math.min(
    hasLedger ? (customer.lastLedger?.at ?? Infinity) : Infinity,
    hasList ? (customer.lastList?.at ?? Infinity) : Infinity,
  );
  for (const arrival of attempt.arrivals) {
    const { redemption } = arrival;
    if (redemption === undefined || !isConfirming(arrival) || judged.has(redemption)) continue;
    judged.add(redemption);
    // What came while it was read back may not be in it yet.
    if ((arrival.endedAt ?? Infinity) >= readAt || wasThereBefore(redemption, customer)) continue;
    const effect = effects.get(redemption);
    const missing = [];
    if (hasLedger && (effect?.debits ?? 0) === 0) missing.push('no debit');
    if (hasList && effect?.isListed !== true) missing.push('no redemption in the list');
    if (missing.length === 0) continue;
    findings.violate({
      rule: 'lost-debit',
      summary: `the endpoint answered ${arrival.answer}, and afterwards there is ${missing.join(' and ')}`,
      ...about(attempt.intent, [attempt]),
      expected: `${redemption} to be there after settling`,
      found: missing.join(', '),
    });
  }
}
