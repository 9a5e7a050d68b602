/**
 * One customer in the memory store, and the judgement of a claim over it. Synchronous throughout: whatever
 * runs between two awaits is one atomic step.
 */

import type { LedgerDebit } from '../harness/model/protocol.ts';
import {
  isInternalKey,
  windowName,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type DebitResult,
  type Debited,
  type Kept,
  type Payload,
  type Redemption,
  type StoredAnswer,
} from './store.ts';

export interface KeyRecord {
  redemption: string;
  fingerprint: string;
  /** On the customer's clock, ms. */
  readonly acceptedAt: number;
  readonly tombstoneMs: number;
  owner: string;
  /** On the real clock, ms. */
  leaseUntil: number;
  /** How long the lease was when it was given, ms. */
  leaseMs: number;
  readonly payload: Payload;
  debited?: Debited;
  answer?: StoredAnswer;
  kept?: Kept;
}

interface Known {
  readonly redemption: string;
  readonly key: string;
  readonly at: number;
}

export interface Account {
  balance: number;
  /** Added to the real time, or the time at which the clock stands. */
  clock: { readonly offsetMs: number } | { readonly frozenAt: number };
  readonly records: Map<string, KeyRecord>;
  readonly byClientId: Map<string, Known>;
  readonly byWindow: Map<string, Known & { readonly windowMs: number }>;
  readonly redemptions: Map<string, Redemption>;
  /** Redemption ids, oldest first. */
  readonly order: string[];
  readonly debits: LedgerDebit[];
  readonly credits: { readonly points: number; readonly at_ms: number }[];
  readonly rewards: Map<string, { readonly reward: string; readonly at: number }>;
  /** Keys that were asked once to try again, oldest first. */
  readonly asked: Set<string>;
  readonly idleTtlMs?: number;
  usedAt: number;
}

/** The clock that all customers have in common: added to the real time, or the time at which it stands. */
export type CommonClock = { readonly offsetMs: number } | { readonly frozenAt: number };

/** A key among all customers: whose it is, and until when on the machine's clock, ms. */
export interface Holder {
  readonly customer: string;
  readonly until: number;
}

export interface Moment {
  /** The store's real time, ms: for leases. */
  readonly realMs: number;
  /** The customer's clock, ms: for everything else. */
  readonly nowMs: number;
}

export type Judgement =
  | Exclude<ClaimResult, { readonly kind: 'claimed' }>
  | { readonly kind: 'free' }
  | { readonly kind: 'resume'; readonly record: KeyRecord };

export function newAccount(points: number, realMs: number, idleTtlMs?: number): Account {
  const account: Account = {
    balance: points,
    clock: { offsetMs: 0 },
    records: new Map(),
    byClientId: new Map(),
    byWindow: new Map(),
    redemptions: new Map(),
    order: [],
    debits: [],
    credits: [{ points, at_ms: realMs }],
    rewards: new Map(),
    asked: new Set(),
    usedAt: realMs,
  };
  return idleTtlMs === undefined ? account : { ...account, idleTtlMs };
}

export function momentOf({ clock }: Account, realMs: number, common: CommonClock): Moment {
  if ('frozenAt' in clock) return { realMs, nowMs: clock.frozenAt };
  return { realMs, nowMs: commonMs(common, realMs) + clock.offsetMs };
}

export function commonMs(common: CommonClock, realMs: number): number {
  return 'frozenAt' in common ? common.frozenAt : realMs + common.offsetMs;
}

/** Writes the outcome of a first use that made nothing, in the place of a claim. */
export function keep(account: Account, request: ClaimRequest, kept: Kept, moment: Moment): void {
  const rules = { ...request.rules, detectsDuplicates: false };
  const record = writeClaim(account, { ...request, rules }, moment);
  record.leaseUntil = 0;
  record.kept = kept;
  if (kept.kind === 'duplicate') record.redemption = kept.redemption;
}

/** What a claim meets, nothing changed yet. The order is the contract's. */
export function judge(account: Account, request: ClaimRequest, moment: Moment): Judgement {
  const record = account.records.get(request.key);
  if (record && !isNewAgain(record, request, moment)) return judgeRecord(record, request, moment);
  if (!request.isRewardKnown) return { kind: 'unknown-reward' };
  const original = originalOf(account, request, moment);
  if (original) return judgeDuplicate(account, original, moment);
  if (request.debits && !request.keepsRefused && account.balance < request.payload.points)
    return { kind: 'insufficient-points', balance: account.balance };
  return { kind: 'free' };
}

/** Writes a first claim over whatever is there. */
export function writeClaim(account: Account, request: ClaimRequest, moment: Moment): KeyRecord {
  const record: KeyRecord = {
    redemption: request.redemption,
    fingerprint: request.fingerprint,
    acceptedAt: moment.nowMs,
    tombstoneMs: request.rules.tombstoneMs,
    owner: request.owner,
    leaseUntil: moment.realMs + request.leaseMs,
    leaseMs: request.leaseMs,
    payload: request.payload,
  };
  // Deleted first, so that the map's order stays the order of acceptance: pruning relies on it.
  account.records.delete(request.key);
  account.records.set(request.key, record);
  if (request.rules.detectsDuplicates) remember(account, request, moment);
  return record;
}

/** Takes the points and writes ledger and list, or changes nothing. */
export function move(account: Account, claim: Claim, moment: Moment): DebitResult {
  if (account.balance < claim.payload.points)
    return { kind: 'insufficient-points', balance: account.balance };
  account.balance -= claim.payload.points;
  return { kind: 'debited', ...enter(account, claim, account.balance, moment) };
}

/** Writes ledger and list. */
export function enter(account: Account, claim: Claim, balanceAfter: number, moment: Moment): Debited {
  const { redemption, payload } = claim;
  const at = moment.nowMs;
  account.redemptions.set(redemption, { redemption, payload, status: 'pending', balanceAfter, at });
  account.order.push(redemption);
  account.debits.push(ledgerDebit(claim, at));
  return { balanceAfter, at };
}

/** Removes a claim and what it had entered in the indexes. */
export function forgetClaim(account: Account, key: string, keepsRecord: boolean): void {
  const record = account.records.get(key);
  if (!record) return;
  const { payload, redemption } = record;
  if (payload.clientRedemptionId !== undefined)
    forgetKnown(account.byClientId, payload.clientRedemptionId, redemption);
  forgetKnown(account.byWindow, windowName(payload), redemption);
  if (!keepsRecord) account.records.delete(key);
}

/** Drops a few records and window entries whose time is over, oldest first: enough to keep pace with one claim. */
export function prune(account: Account, moment: Moment): void {
  for (const [key, record] of firstOf(account.records)) {
    const isHeld = !record.answer && leaseLeft(record, moment) > 0;
    if (isHeld || moment.nowMs - record.acceptedAt < record.tombstoneMs) break;
    account.records.delete(key);
  }
  for (const [name, known] of firstOf(account.byWindow)) {
    if (moment.nowMs - known.at < known.windowMs) break;
    account.byWindow.delete(name);
  }
}

export function isLost(account: Account, claim: Claim, realMs: number): boolean {
  const record = account.records.get(claim.key);
  return (
    !record ||
    record.owner !== claim.owner ||
    record.redemption !== claim.redemption ||
    (!record.answer && record.leaseUntil <= realMs)
  );
}

/** Past its tombstone; but a claim that is still held is never taken for new. */
function isNewAgain(record: KeyRecord, request: ClaimRequest, moment: Moment): boolean {
  if (moment.nowMs - record.acceptedAt < request.rules.tombstoneMs) return false;
  if (record.owner === request.owner) return false;
  return record.answer !== undefined || leaseLeft(record, moment) === 0;
}

/** 0: it has lapsed, or was given before a jump back: more than its whole length cannot be left. */
function leaseLeft({ leaseUntil, leaseMs }: KeyRecord, { realMs }: Moment): number {
  const left = leaseUntil - realMs;
  return left > 0 && left <= leaseMs ? left : 0;
}

function judgeRecord(record: KeyRecord, request: ClaimRequest, moment: Moment): Judgement {
  if (record.fingerprint !== request.fingerprint) return { kind: 'other-payload' };
  const { ttlMs, tombstoneMs } = request.rules;
  const age = moment.nowMs - record.acceptedAt;
  const leaseLeftMs = leaseLeft(record, moment);
  // Where an expired key is new at once, only a claim that is still held gets here: it is in flight, not expired.
  if (age >= ttlMs && ttlMs < tombstoneMs && record.owner !== request.owner) return { kind: 'expired' };
  if (record.answer) return { kind: 'done', answer: record.answer };
  if (record.kept) return { kind: 'kept', outcome: record.kept };
  if (leaseLeftMs > 0 && record.owner !== request.owner) return { kind: 'in-flight', leaseLeftMs };
  return { kind: 'resume', record };
}

function originalOf(account: Account, request: ClaimRequest, moment: Moment): Known | undefined {
  const { payload, rules } = request;
  if (!rules.detectsDuplicates) return undefined;
  if (payload.clientRedemptionId !== undefined) return account.byClientId.get(payload.clientRedemptionId);
  const known = account.byWindow.get(windowName(payload));
  return known && moment.nowMs - known.at < rules.duplicateWindowMs ? known : undefined;
}

function judgeDuplicate(account: Account, original: Known, moment: Moment): Judgement {
  const { redemption, key } = original;
  const record = account.records.get(key);
  if (!record || record.redemption !== redemption || record.answer) return { kind: 'duplicate', redemption };
  const leaseLeftMs = leaseLeft(record, moment);
  if (leaseLeftMs > 0) return { kind: 'duplicate-open', redemption, leaseLeftMs };
  const { payload, fingerprint } = record;
  return { kind: 'duplicate-open', redemption, leaseLeftMs, abandoned: { key, payload, fingerprint } };
}

function remember(account: Account, request: ClaimRequest, { nowMs }: Moment): void {
  const { payload, redemption, key, rules } = request;
  const known = { redemption, key, at: nowMs };
  if (payload.clientRedemptionId !== undefined) account.byClientId.set(payload.clientRedemptionId, known);
  if (rules.duplicateWindowMs === 0) return;
  const name = windowName(payload);
  account.byWindow.delete(name);
  account.byWindow.set(name, { ...known, windowMs: rules.duplicateWindowMs });
}

function forgetKnown(known: Map<string, Known>, name: string, redemption: string): void {
  if (known.get(name)?.redemption === redemption) known.delete(name);
}

function ledgerDebit({ redemption, payload, key }: Claim, at: number): LedgerDebit {
  return {
    redemption_id: redemption,
    points: payload.points,
    at_ms: at,
    ...(isInternalKey(key) ? {} : { idempotency_key: key }),
    ...(payload.clientRedemptionId === undefined ? {} : { client_redemption_id: payload.clientRedemptionId }),
  };
}

/** The first eight entries: deleting while iterating is safe on a Map. */
function* firstOf<Value>(map: Map<string, Value>): Generator<[string, Value]> {
  let left = 8;
  for (const entry of map) {
    if (left-- === 0) return;
    yield entry;
  }
}
