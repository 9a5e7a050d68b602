/** Which row of the contract an answer is an instance of. */

import type { Contract, Refusal } from '../model/contract.ts';
import type { CompleteEvent } from '../history/events.ts';

/** The rows of the contract that name a refusal. */
export const REFUSAL_ROWS = [
  'missingKey',
  'malformedKey',
  'inFlight',
  'otherPayload',
  'expiredKey',
  'duplicateIntent',
  'insufficientPoints',
  'storeDown',
  'unknownCustomer',
  'unknownReward',
  'badBody',
  'badToken',
  'otherCustomersData',
  'unsupportedMediaType',
] as const satisfies readonly (keyof Contract)[];
export type RefusalRow = (typeof REFUSAL_ROWS)[number];

/** Refusals that say: nothing was done for this request, and nothing is being done. */
const NO_EFFECT: ReadonlySet<RefusalRow> = new Set<RefusalRow>([
  'missingKey',
  'malformedKey',
  'otherPayload',
  'insufficientPoints',
  'unknownCustomer',
  'unknownReward',
  'badBody',
  'badToken',
  'otherCustomersData',
  'unsupportedMediaType',
]);

/** The refusal that a row promises, or undefined where it promises none. */
export function refusalOf(contract: Contract, row: RefusalRow): Refusal | undefined {
  const value = contract[row];
  return typeof value === 'object' ? value : undefined;
}

/** Status and code fit. A side that has no code is compared by status alone: not every target can show one. */
export function matches(refusal: Refusal, { status, code }: Pick<CompleteEvent, 'status' | 'code'>): boolean {
  if (status !== refusal.status) return false;
  return refusal.code === undefined || code === undefined || code === refusal.code;
}

const cache = new WeakMap<Contract, Map<string, readonly RefusalRow[]>>();

/** All rows that an answer can be an instance of: several where statuses are shared and codes are missing. */
export function rowsOf(contract: Contract, complete: CompleteEvent): readonly RefusalRow[] {
  let known = cache.get(contract);
  if (known === undefined) cache.set(contract, (known = new Map()));
  const name = `${complete.status} ${complete.code ?? ''}`;
  let rows = known.get(name);
  if (rows === undefined) {
    rows = REFUSAL_ROWS.filter((row) => {
      const refusal = refusalOf(contract, row);
      return refusal !== undefined && matches(refusal, complete);
    });
    // Codes come from the server under test: what is remembered of them is bounded.
    if (known.size < 1000) known.set(name, rows);
  }
  return rows;
}

/** The answer is this row's refusal and cannot be any other's. */
export function isOnly(contract: Contract, complete: CompleteEvent, row: RefusalRow): boolean {
  const rows = rowsOf(contract, complete);
  return rows.length === 1 && rows[0] === row;
}

export function canBe(contract: Contract, complete: CompleteEvent, row: RefusalRow): boolean {
  return rowsOf(contract, complete).includes(row);
}

/** The answer may say "still being worked on": it decides nothing. */
export function mayBeInFlight(contract: Contract, complete: CompleteEvent): boolean {
  if (complete.outcome !== 'fail') return false;
  if (typeof contract.inFlight === 'object') return matches(contract.inFlight, complete);
  return (
    contract.inFlight === 'unspecified' && complete.status === 409 && rowsOf(contract, complete).length === 0
  );
}

/** The answer certainly says that the intent was not carried out by anybody so far. */
export function saysNoEffect(contract: Contract, complete: CompleteEvent): boolean {
  if (complete.outcome !== 'fail') return false;
  const rows = rowsOf(contract, complete);
  return rows.length > 0 && rows.every((row) => NO_EFFECT.has(row));
}

/** `409 redemption_in_progress`, for messages. */
export function shownRefusal(refusal: Refusal): string {
  return refusal.code === undefined ? String(refusal.status) : `${refusal.status} ${refusal.code}`;
}

/** What was answered, for messages. */
export function shownAnswer(complete: CompleteEvent | undefined): string {
  if (complete === undefined) return 'no answer';
  if (complete.status === undefined || complete.status === 0)
    return `no answer (${complete.error ?? 'unknown'})`;
  const parts = [String(complete.status)];
  if (complete.code !== undefined) parts.push(complete.code);
  if (complete.redemption !== undefined) parts.push(`redemption ${complete.redemption}`);
  if (complete.replayed === true) parts.push('(replayed)');
  return parts.join(' ');
}
