/** Which row of the contract an answer is an instance of. */

import type { Contract, Refusal } from './contract.ts';
import type { Outcome } from './outcome.ts';

/** What is known of an answer: a `complete` event is one. */
export interface Answer {
  readonly outcome: Outcome;
  readonly by: 'server' | 'proxy';
  readonly status?: number;
  readonly code?: string;
  readonly redemption?: string;
  readonly replayed?: boolean;
  readonly error?: string;
}

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
export function matches(refusal: Refusal, { status, code }: Pick<Answer, 'status' | 'code'>): boolean {
  if (status !== refusal.status) return false;
  return refusal.code === undefined || code === undefined || code === refusal.code;
}

const cache = new WeakMap<Contract, Map<string, readonly RefusalRow[]>>();

/** All rows that an answer can be an instance of: several where statuses are shared and codes are missing. */
export function rowsOf(contract: Contract, complete: Answer): readonly RefusalRow[] {
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
export function isOnly(contract: Contract, complete: Answer, row: RefusalRow): boolean {
  const rows = rowsOf(contract, complete);
  return rows.length === 1 && rows[0] === row;
}

export function canBe(contract: Contract, complete: Answer, row: RefusalRow): boolean {
  return rowsOf(contract, complete).includes(row);
}

/** Statuses that may mean "still being worked on" or "come again", whatever else they can mean. */
const MAYBE_LATER: ReadonlySet<number> = new Set([409, 423, 425, 429]);

/**
 * What an answer says of the redemption that was asked for. `open`: still being worked on, or may be. `ambiguous`: a
 * refusal that the contract does not know, so that only its repetition and two equal readings tell.
 */
export type Meaning = 'done' | 'refused' | 'open' | 'ambiguous';

/** One reading of an answer for all: the audit settles by it, the checker closes the books by it. */
export function meaningOf(contract: Contract, answer: Answer): Meaning {
  if (answer.by !== 'server') return 'open';
  if (answer.outcome === 'ok') return 'done';
  const status = answer.status ?? 0;
  if (answer.outcome === 'info')
    return contract.storesServerErrors === true && status >= 500 && answer.replayed === true
      ? 'refused'
      : 'open';
  const rows = rowsOf(contract, answer);
  if (rows.includes('inFlight')) return 'open';
  if (rows.length > 0) return 'refused';
  return MAYBE_LATER.has(status) ? 'open' : 'ambiguous';
}

/** Whether these answers, in any order, tell how a redemption ended: a refusal that no row explains takes a second one. */
export function areDecisive(contract: Contract, answers: Iterable<Answer>): boolean {
  let ambiguous = 0;
  for (const answer of answers) {
    const meaning = meaningOf(contract, answer);
    if (meaning === 'done' || meaning === 'refused') return true;
    if (meaning === 'ambiguous') ambiguous += 1;
  }
  return ambiguous > 1;
}

/** By its code the answer says "still being worked on", and nothing else. */
export function saysInFlight(contract: Contract, answer: Answer): boolean {
  if (answer.outcome !== 'fail') return false;
  const { inFlight } = contract;
  if (typeof inFlight !== 'object' || !matches(inFlight, answer)) return false;
  return isOnly(contract, answer, 'inFlight') && (inFlight.code === undefined || answer.code !== undefined);
}

/** The answer certainly says that the intent was not carried out by anybody so far. */
export function saysNoEffect(contract: Contract, complete: Answer): boolean {
  if (complete.outcome !== 'fail') return false;
  const rows = rowsOf(contract, complete);
  return rows.length > 0 && rows.every((row) => NO_EFFECT.has(row));
}

/** `409 redemption_in_progress`, for messages. */
export function shownRefusal(refusal: Refusal): string {
  return refusal.code === undefined ? String(refusal.status) : `${refusal.status} ${refusal.code}`;
}

/** What was answered, for messages. */
export function shownAnswer(complete: Answer | undefined): string {
  if (complete === undefined) return 'no answer';
  if (complete.status === undefined || complete.status === 0)
    return `no answer (${complete.error ?? 'unknown'})`;
  const parts = [String(complete.status)];
  if (complete.code !== undefined) parts.push(complete.code);
  if (complete.redemption !== undefined) parts.push(`redemption ${complete.redemption}`);
  if (complete.replayed === true) parts.push('(replayed)');
  return parts.join(' ');
}
