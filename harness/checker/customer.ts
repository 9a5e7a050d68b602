/** What the checker holds of one open customer. It is judged as a whole when its audit is over, then dropped. */

import type { Contract } from '../model/contract.ts';
import { readKey } from '../model/contract.ts';
import { noteOddRows, type OddRow } from './rows.ts';
import type {
  ArrivalEvent,
  ClockEvent,
  CompleteEvent,
  CreditEvent,
  InvokeEvent,
  ObserveEvent,
} from '../history/events.ts';

export type BalanceRead = Extract<ObserveEvent, { what: 'balance' }>;
export type ListRead = Extract<ObserveEvent, { what: 'redemptions' }>;
export type LedgerRead = Extract<ObserveEvent, { what: 'ledger' }>;
export type RewardsRead = Extract<ObserveEvent, { what: 'rewards' }>;

export interface Intent {
  readonly id: string;
  readonly attempts: Attempt[];
}

/** One request for an intent, with what came of it. */
export interface Attempt {
  readonly id: string;
  readonly intent: Intent;
  readonly invoke: InvokeEvent;
  /** Place of the invoke in the stream: breaks ties in time between lines of one writer. */
  readonly seq: number;
  readonly keyKind: 'key' | 'missing' | 'malformed';
  /** The key as the contract reads it (quotes taken off); '' unless `keyKind` is 'key'. */
  readonly key: string;
  /** Another customer had finished a redemption with this key when it was sent, and the key had no time to expire. */
  isKeyForeign: boolean;
  complete: CompleteEvent | undefined;
  completeSeq: number;
  arrivals: readonly ArrivalEvent[];
}

export interface TimedClock {
  readonly event: ClockEvent;
  readonly seq: number;
}

export interface TimedCredit {
  readonly at: number;
  readonly points: number;
  readonly seq: number;
}

/** A redemption that was confirmed and that a later list did not show. */
export interface MissedRead {
  readonly redemption: string;
  readonly attempt: Attempt;
  readonly read: ListRead;
}

export interface Customer {
  readonly id: string;
  readonly intents: Map<string, Intent>;
  readonly attempts: Attempt[];
  readonly balances: BalanceRead[];
  /** The last list that ended before the first attempt. */
  openingList: ListRead | undefined;
  openingLedger: LedgerRead | undefined;
  lastList: ListRead | undefined;
  lastLedger: LedgerRead | undefined;
  lastRewards: RewardsRead | undefined;
  /** Points that it was made with, where the run made it. */
  madeWith: number | undefined;
  /** What was read in between, too: at most `KEPT_READS` of each, the first ones and the last. */
  readonly listReads: ListRead[];
  readonly ledgerReads: LedgerRead[];
  readonly credits: TimedCredit[];
  /** Asked for, and not confirmed: each is there by now, or will never be. */
  readonly maybeCredits: CreditEvent[];
  readonly clocks: TimedClock[];
  /** Confirmed redemptions in the order of their answers: what later lists must show. */
  readonly confirmed: Map<string, Attempt>;
  readonly missed: MissedRead[];
  readonly oddRows: OddRow[];
  /** What the audit read of each kind last. */
  readonly audited: Partial<Record<ObserveEvent['what'], ObserveEvent>>;
  auditedAt: number | undefined;
  /** The endpoint did not know it any more when it was read back. */
  isGone: boolean;
  /** It had been judged and dropped before: what it did then is not known any more. */
  readonly reopened: boolean;
}

export function newCustomer(id: string, reopened: boolean): Customer {
  return {
    id,
    intents: new Map(),
    attempts: [],
    balances: [],
    openingList: undefined,
    openingLedger: undefined,
    lastList: undefined,
    lastLedger: undefined,
    lastRewards: undefined,
    madeWith: undefined,
    listReads: [],
    ledgerReads: [],
    credits: [],
    maybeCredits: [],
    clocks: [],
    confirmed: new Map(),
    missed: [],
    oddRows: [],
    audited: {},
    auditedAt: undefined,
    isGone: false,
    reopened,
  };
}

/** Whether the points were there when the attempt was begun. One writer wrote both: ties are decided by the order of the lines. */
export function wasCreditedBefore({ at, seq }: TimedCredit, { invoke, seq: begun }: Attempt): boolean {
  return at < invoke.at || (at === invoke.at && seq < begun);
}

/** Whether points were, or may have been, given to it in the run. */
export function hasCredits({ credits, maybeCredits }: Customer): boolean {
  return credits.length > 0 || maybeCredits.length > 0;
}

const NONE: readonly ArrivalEvent[] = [];

export function addAttempt(
  customer: Customer,
  invoke: InvokeEvent,
  contract: Contract,
  seq: number,
): Attempt {
  let intent = customer.intents.get(invoke.intent);
  if (intent === undefined) {
    intent = { id: invoke.intent, attempts: [] };
    customer.intents.set(invoke.intent, intent);
  }
  const syntax = readKey(contract, invoke.key);
  const attempt: Attempt = {
    id: invoke.attempt,
    intent,
    invoke,
    seq,
    keyKind: syntax.kind,
    key: syntax.kind === 'key' ? syntax.key : '',
    isKeyForeign: false,
    complete: undefined,
    completeSeq: Infinity,
    arrivals: NONE,
  };
  intent.attempts.push(attempt);
  customer.attempts.push(attempt);
  return attempt;
}

export function addComplete(
  customer: Customer,
  attempt: Attempt,
  complete: CompleteEvent,
  seq: number,
): void {
  attempt.complete = complete;
  attempt.completeSeq = seq;
  if (complete.outcome === 'ok' && complete.redemption !== undefined && isOwn(attempt))
    if (!customer.confirmed.has(complete.redemption)) customer.confirmed.set(complete.redemption, attempt);
}

export function addArrival(attempt: Attempt, arrival: ArrivalEvent): void {
  // Most attempts have none or one: the shared empty array costs nothing.
  attempt.arrivals = attempt.arrivals === NONE ? [arrival] : [...attempt.arrivals, arrival];
}

/** `listLagMs`: so long after an answer a list need not show it yet. */
export function addObservation(customer: Customer, read: ObserveEvent, listLagMs = 0): void {
  // What the audit reads comes after everything, even where its tick is the first attempt's.
  const first = customer.attempts[0];
  const isOpening = read.via === 'script' && (first === undefined || read.until <= first.invoke.at);
  switch (read.what) {
    case 'balance':
      customer.balances.push(read);
      break;
    case 'redemptions':
      if (isOpening) customer.openingList = read;
      keep(customer.listReads, read);
      noteMissed(customer, read, listLagMs);
      noteOddRows(customer.oddRows, read, customer.lastList);
      if (isLater(read, customer.lastList)) customer.lastList = read;
      break;
    case 'ledger':
      if (isOpening) customer.openingLedger = read;
      keep(customer.ledgerReads, read);
      if (isLater(read, customer.lastLedger)) customer.lastLedger = read;
      break;
    case 'rewards':
      if (isLater(read, customer.lastRewards)) customer.lastRewards = read;
      break;
  }
}

/** The audit reads when the script has ended, whatever another machine's clock says. */
function isLater(read: ObserveEvent, last: ObserveEvent | undefined): boolean {
  if (last === undefined) return true;
  return read.via === last.via ? read.at >= last.at : read.via === 'audit';
}

const KEPT_READS = 32;

function keep<Read>(reads: Read[], read: Read): void {
  if (reads.length < KEPT_READS) reads.push(read);
  else reads[KEPT_READS - 1] = read;
}

/** Whether the attempt used its own customer's credentials. */
export function isOwn(attempt: Attempt): boolean {
  return attempt.invoke.actor === undefined || attempt.invoke.actor === attempt.invoke.customer;
}

/** Whether it was answered with a redemption. */
export function isOk({ complete }: Attempt): boolean {
  return complete?.outcome === 'ok';
}

/** Whether it was answered with what decides it. */
export function isDefinite({ complete }: Attempt): boolean {
  return complete?.outcome === 'ok' || complete?.outcome === 'fail';
}

/** A refusal of this request says nothing: no row of a contract speaks of one that is sent so. */
export function mayBeRefused({ invoke, complete }: Attempt): boolean {
  return invoke.mayRefuse === true && complete?.outcome !== 'ok' && (complete?.status ?? 0) < 500;
}

/** When the attempt was over for the client; for ever open where no answer was written. ms since the epoch. */
export function completedAt(attempt: Attempt): number {
  return attempt.complete?.at ?? Infinity;
}

/** Closed intervals: a tie in time is concurrent. */
export function overlap(one: Attempt, two: Attempt): boolean {
  return one.invoke.at <= completedAt(two) && two.invoke.at <= completedAt(one);
}

function noteMissed(customer: Customer, read: ListRead, listLagMs: number): void {
  if (customer.attempts.length === 0 || customer.missed.length >= 100) return;
  const listed = new Set<string>();
  for (const item of read.value) listed.add(item.redemption);
  for (const [redemption, attempt] of customer.confirmed)
    if (!listed.has(redemption) && completedAt(attempt) + listLagMs < read.at)
      customer.missed.push({ redemption, attempt, read });
  // Told by the endpoint, and lost on the way.
  for (const attempt of customer.attempts) {
    if (attempt.complete?.outcome === 'ok' || !isOwn(attempt)) continue;
    for (const { redemption, answer = 0, endedAt = Infinity } of attempt.arrivals) {
      if (redemption === undefined || answer < 200 || answer >= 300) continue;
      if (!listed.has(redemption) && !customer.confirmed.has(redemption) && endedAt + listLagMs < read.at)
        customer.missed.push({ redemption, attempt, read });
    }
  }
}
