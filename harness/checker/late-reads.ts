/** Late readings: a customer that is read once more, against what was there when its books were closed. */

import type { WholeRun } from '../history/events.ts';
import type { Customer } from './customer.ts';
import type { Findings } from './findings.ts';
import { statementOf, type Statement } from './statements.ts';
import { couldFinish } from './unfinished.ts';

/**
 * A reading after the books were closed: what it adds, or lacks, came too late to be anybody's. `hasLateArrivals`: a copy
 * has come since for somebody whose books were closed.
 */
export function compareLateRead(
  customer: Customer,
  run: WholeRun | undefined,
  closed: Statement | undefined,
  findings: Findings,
  hasLateArrivals: boolean,
): void {
  const { balances, lastList, lastLedger } = customer;
  const hasRead = lastList !== undefined || lastLedger !== undefined || balances.length > 0;
  if (run === undefined || customer.auditedAt === undefined || !hasRead) return;
  if (closed === undefined) return;
  findings.count('readAgain');
  const found = statementOf(customer);
  const isSame =
    found.count === closed.count && found.ids === closed.ids && Object.is(found.balance, closed.balance);
  if (isSame) return;
  // A copy that came since may start a new life of its key, or be a redemption of its own, where the contract lets it.
  const { expiredKey, missingKey } = run.contract;
  const mayCome = expiredKey === 'new' || missingKey === 'accept';
  if (closed.isOpen || (mayCome && hasLateArrivals)) {
    findings.doubt('late-reads', customer.id);
    return;
  }
  if (couldFinish(closed, found, lastLedger !== undefined && lastList !== undefined)) {
    findings.count('finishedLate');
    return;
  }
  const isBalanceOnly = found.count === closed.count && found.ids === closed.ids;
  const isMore = found.count > closed.count;
  findings.violate({
    rule: isBalanceOnly ? 'conservation' : isMore ? 'double-debit' : 'lost-debit',
    summary: isBalanceOnly
      ? 'the balance changed after the last request had been settled and read back'
      : `an effect ${isMore ? 'came' : 'went'} after the last request had been settled and read back`,
    customer: customer.id,
    attempts: [],
    at: customer.auditedAt,
    expected: shownStatement(closed),
    found: shownStatement(found),
  });
}

function shownStatement({ count, balance }: { readonly count: number; readonly balance: number }): string {
  return `${count} debits and redemptions${Number.isNaN(balance) ? '' : `, balance ${balance}`}`;
}
