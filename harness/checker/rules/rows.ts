/** conservation, row by row: what a list says of one redemption at two places, and which reward was really handed out. */

import type { CustomerCase } from '../case.ts';
import type { ListRead } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { holdsPoints, type ListedRedemption } from '../../model/protocol.ts';
import { wasThereBefore } from './books.ts';
import { about } from './rule.ts';

export function judgeRows(theCase: CustomerCase, findings: Findings): void {
  for (const { read, row, before } of theCase.customer.oddRows) {
    if (row === undefined) judgeGone(read, before, theCase, findings);
    else judgeChanged(read, row, before, theCase, findings);
  }
  judgePoints(theCase, findings);
  judgeRewardsIssued(theCase);
}

/** Points and reward of a redemption are settled when it is made; one that goes on may still get its own. */
function judgeChanged(
  read: ListRead,
  row: ListedRedemption,
  before: ListedRedemption,
  theCase: CustomerCase,
  findings: Findings,
): void {
  if (row.status !== before.status) return;
  if (row.status === undefined) {
    findings.doubt('contradiction', `${row.redemption} was listed in two ways`);
    return;
  }
  findings.violate({
    rule: 'conservation',
    summary: 'a redemption was listed otherwise than before',
    ...evidence(row.redemption, theCase),
    at: read.until,
    expected: shown(before),
    found: shown(row),
  });
}

/**
 * A redemption that was listed as done and is not there at the end. What was still going on may have been given up; what a
 * 200 named is told as a lost debit.
 */
function judgeGone(
  read: ListRead,
  before: ListedRedemption,
  theCase: CustomerCase,
  findings: Findings,
): void {
  const { customer, isAudited, hasList } = theCase;
  if (!isAudited || !hasList || customer.isGone || customer.confirmed.has(before.redemption)) return;
  // An old row may fall off a list that has an end.
  if (wasThereBefore(before.redemption, customer)) return;
  const last = customer.lastList?.value ?? [];
  if (!holdsPoints(before) || last.some(({ redemption }) => redemption === before.redemption)) return;
  if (before.status === undefined) {
    findings.doubt('contradiction', `${before.redemption} was listed and is not there any more`);
    return;
  }
  if (last.every(({ status }) => status !== before.status)) return;
  findings.violate({
    rule: 'lost-debit',
    summary: `a redemption was listed as "${before.status}" and is not there any more`,
    customer: customer.id,
    attempts: [],
    at: read.until,
    expected: `${before.redemption} in the list`,
    found: `${last.length} redemptions without it`,
  });
}

function shown({ redemption, reward, points, clientRedemptionId }: ListedRedemption): string {
  const name = clientRedemptionId === undefined ? '' : ` (${clientRedemptionId})`;
  return `${redemption}${name}: ${reward ?? 'a reward'} for ${points ?? 'unknown'} points`;
}

function evidence(
  redemption: string,
  { effects, customer }: CustomerCase,
): { readonly customer?: string; readonly attempts: readonly string[] } {
  const owner = effects.get(redemption)?.owner;
  return owner ? about(owner) : { customer: customer.id, attempts: [] };
}

/** A list shows what was debited. */
function judgePoints(theCase: CustomerCase, findings: Findings): void {
  const { customer, effects, hasLedger, hasList } = theCase;
  if (!hasLedger || !hasList) return;
  for (const row of customer.lastList?.value ?? []) {
    const { debits = 0, points } = effects.get(row.redemption) ?? {};
    if (debits === 0 || !holdsPoints(row) || points === undefined || row.points === undefined) continue;
    if (row.points === points) continue;
    findings.violate({
      rule: 'conservation',
      summary: 'a redemption is listed with other points than were debited',
      ...evidence(row.redemption, theCase),
      expected: `${points} points, as debited`,
      found: shown(row),
    });
    return;
  }
}

/** The reward that was handed out is the one that was asked for. */
function judgeRewardsIssued({ customer, effects, run }: CustomerCase): void {
  for (const { redemption, reward } of customer.lastRewards?.value ?? []) {
    const owner = effects.get(redemption)?.owner;
    if (owner === undefined) continue;
    if (owner.attempts.some(({ invoke }) => invoke.reward === reward)) {
      run.namespaces.known('rewards');
      continue;
    }
    const violation = {
      rule: 'conservation',
      summary: 'another reward was handed out than the intent asked for',
      ...about(owner),
      expected: `${owner.attempts[0]?.invoke.reward} for ${redemption}`,
      found: reward,
    } as const;
    run.namespaces.strange('rewards', (told) => told.violate(violation));
  }
}
