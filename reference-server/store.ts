/**
 * What a redemption needs from its store, and the guarantee that each call owes.
 *
 * Two clocks: a key's age, the duplicate window and every `at` count on the customer's clock (the store's
 * time, or the test clock that a hook has set); a lease counts on the store's real time, so that a frozen
 * test clock neither keeps a dead owner's claim alive nor lets a living one's lapse. A lease that would last longer
 * than a lease can is over, too: the store's time has jumped back since, and nobody should wait for so long.
 */

import type { LedgerReading } from '../harness/model/protocol.ts';

/** A redemption as it was asked for. */
export interface Payload {
  readonly customer: string;
  readonly reward: string;
  /** Points, 1 to 10^9. */
  readonly points: number;
  readonly type?: string;
  readonly clientRedemptionId?: string;
}

/** The part of a contract that the store judges by. Times in ms, on the customer's clock. */
export interface KeyRules {
  /** Age < ttlMs: live; age >= ttlMs: expired. */
  readonly ttlMs: number;
  /** Age >= tombstoneMs: the key is new again. Equal to ttlMs where an expired key is new at once. */
  readonly tombstoneMs: number;
  /** Whether one redemption under two keys is refused. */
  readonly detectsDuplicates: boolean;
  /** Without a client_redemption_id: same reward, points and type at an age < this is the same redemption. 0: off. */
  readonly duplicateWindowMs: number;
  /** That a first use was a duplicate, or asked for an unknown reward, is kept under its key and given again. */
  readonly keepsDuplicates: boolean;
  readonly keepsUnknownReward: boolean;
}

/** An outcome that was kept under a key instead of an answer. */
export type Kept =
  { readonly kind: 'duplicate'; readonly redemption: string } | { readonly kind: 'unknown-reward' };

export interface ClaimRequest {
  readonly key: string;
  readonly fingerprint: string;
  readonly payload: Payload;
  readonly rules: KeyRules;
  /** Unique for each call of `redeem`: whoever holds it owns the claim, until its lease lapses. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Id of the redemption, should this be the first use of the key. */
  readonly redemption: string;
  /** When false, a first use is refused as `unknown-reward`. */
  readonly isRewardKnown: boolean;
  /** Also debit, in the same atomic step. */
  readonly debits: boolean;
  /** Keep the claim when the points do not suffice (a profile that stores that refusal); otherwise it is gone. */
  readonly keepsRefused: boolean;
}

/** A claim that is held: what the later steps need to prove that they act for it. */
export interface Claim {
  readonly customer: string;
  readonly key: string;
  readonly owner: string;
  readonly leaseMs: number;
  readonly redemption: string;
  readonly payload: Payload;
}

/** A debit that has happened: the balance right after it, and when, on the customer's clock. */
export interface Debited {
  readonly balanceAfter: number;
  readonly at: number;
}

/** An answer as it was given, byte for byte. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

export type ClaimResult =
  | {
      readonly kind: 'claimed';
      /** The id in force: on a resumed claim, the one that the first owner was given. */
      readonly redemption: string;
      /** A lapsed claim was taken over: its work goes on where it stood. */
      readonly isResumed: boolean;
      /** Absent: not debited yet. */
      readonly debited?: Debited;
      /** The reward has been issued already. */
      readonly isRewarded: boolean;
      /** Of a resumed claim whose key is bound to no payload: what its first owner was asked for. */
      readonly payload?: Payload;
    }
  | { readonly kind: 'kept'; readonly outcome: Kept }
  | { readonly kind: 'done'; readonly answer: StoredAnswer }
  | { readonly kind: 'in-flight'; readonly leaseLeftMs: number }
  | { readonly kind: 'other-payload' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'duplicate'; readonly redemption: string }
  /** The original is open. `abandoned`: its owner's lease has lapsed, and this is the request that would resume it. */
  | {
      readonly kind: 'duplicate-open';
      readonly redemption: string;
      readonly leaseLeftMs: number;
      readonly abandoned?: { readonly key: string; readonly payload: Payload; readonly fingerprint: string };
    }
  | { readonly kind: 'insufficient-points'; readonly balance: number }
  | { readonly kind: 'unknown-customer' }
  | { readonly kind: 'unknown-reward' };

export type DebitResult =
  | ({ readonly kind: 'debited' } & Debited)
  | { readonly kind: 'insufficient-points'; readonly balance: number }
  | { readonly kind: 'lost' };

/** One redemption as a customer sees it in the list. */
export interface Redemption {
  readonly redemption: string;
  readonly payload: Payload;
  readonly status: 'pending' | 'completed';
  readonly balanceAfter: number;
  readonly at: number;
}

export interface RedemptionPage {
  /** Newest first. */
  readonly items: readonly Redemption[];
  /** Position of the next page's first item, counted from the oldest (0); absent: last page. */
  readonly next?: number;
}

export interface Clock {
  readonly nowMs: number;
  readonly isFrozen: boolean;
}

/** `set`: to this time, running or frozen; `advance`: by so much from now, then frozen; `run`: let it run on from where it is. */
export type ClockChange =
  | { readonly kind: 'set'; readonly nowMs: number; readonly isFrozen: boolean }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'run' };

export interface Provision {
  readonly customer: string;
  readonly points: number;
  /** A known customer starts again with nothing but these points; without it, a known customer stays as it is. */
  readonly reset: boolean;
  /** Forget the customer after so long without any use. Absent: keep for good. */
  readonly idleTtlMs?: number;
}

export interface StoreStats {
  readonly keys: number;
  readonly customers: number;
  readonly redemptions: number;
}

/**
 * The store. Each call is atomic: it happens as a whole at one moment between call and return, or not at all,
 * and calls for one customer happen in one order that everyone sees. A call may be repeated with the same
 * arguments (an answer from the store was lost): the second time changes nothing and returns the same.
 * Throws `StoreUnavailable` within a bounded time when the store cannot be reached; the call may then have
 * happened or not.
 */
export interface Store {
  /**
   * Of all concurrent calls with one customer and key, exactly one gets `claimed`; until its answer is recorded
   * or its lease lapses all others get `in-flight`, afterwards `done` with that answer. When the lease has
   * lapsed, exactly one later call takes over and gets the same redemption id, with what had been done.
   * Judged in this order: customer, payload, expiry, answer, in flight; for a first use: reward, duplicate, points.
   * Age counts from the first acceptance; nothing renews it.
   */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /**
   * Takes the points and writes ledger and list, all together, once for each claim whoever owns it by then.
   * `lost` without any effect when another owner holds the claim or the lease has lapsed. When the points do
   * not suffice the claim is gone (or kept, see `ClaimRequest.keepsRefused`) and nothing else has changed.
   * A success renews the lease.
   */
  debit(claim: Claim, keepsRefused: boolean): Promise<DebitResult>;
  /** Enters the reward into the ledger of issued rewards: at most one for each redemption, however often it is called. */
  issueReward(customer: string, redemption: string, reward: string): Promise<void>;
  /** Records the answer under the key and, for a 2xx, marks the redemption as completed. `lost` as for `debit`. */
  complete(claim: Claim, answer: StoredAnswer): Promise<{ readonly kind: 'completed' | 'lost' }>;
  /** Ends the lease early, so that a retry need not wait for it. Undoes nothing; nothing happens when the claim is lost. */
  release(claim: Claim): Promise<void>;

  balance(customer: string): Promise<number | undefined>;
  /** A page from position `from` downward (absent: the newest). Undefined: unknown customer. */
  redemptions(customer: string, limit: number, from?: number): Promise<RedemptionPage | undefined>;
  /** The redemption of a key that is still remembered, in a list of none or one. */
  redemptionOfKey(customer: string, key: string): Promise<RedemptionPage | undefined>;
  /** One redemption as the list shows it. */
  redemption(customer: string, id: string): Promise<Redemption | undefined>;
  /**
   * Whose key it is among all customers: the first one's that asked, for `keepMs` from then on by the machine's time.
   * Of all concurrent calls exactly one customer is the first.
   */
  keyHolder(key: string, customer: string, keepMs: number): Promise<string>;
  /** True for exactly one call with this customer and key. */
  isFirstAsk(customer: string, key: string): Promise<boolean>;
  /** Resolves when the store can be reached. */
  ping(): Promise<void>;

  provision(provision: Provision): Promise<number>;
  credit(customer: string, points: number): Promise<number | undefined>;
  clock(customer: string): Promise<Clock | undefined>;
  setClock(customer: string, change: ClockChange): Promise<Clock | undefined>;
  /**
   * From now on the store's time is its machine's and so much, ms, for keys and leases of everybody whose clock is
   * not frozen; 0 puts it right again. Only how long an unused customer is kept goes by the machine's time for good.
   * Throws `ClockFixed` where the store cannot.
   */
  jump(offsetMs: number): Promise<void>;
  /** Moves the clock that all customers have in common; a customer's own comes on top. Throws `ClockFixed` as `jump` does. */
  setCommonClock(change: ClockChange): Promise<Clock>;
  ledger(customer: string): Promise<LedgerReading | undefined>;
  stats(): Promise<StoreStats>;
  close(): Promise<void>;

  /** Steps that guarantee nothing: only wrong editions use them. */
  readonly raw: RawStore;
}

/** What a key's record holds, for wrong editions. */
export interface RawRecord {
  readonly redemption: string;
  readonly isDone: boolean;
}

/** The steps that a careless implementation would be made of: each atomic on its own, none looks at a claim. */
export interface RawStore {
  /** What `claim` would say, without claiming; `free`: it would be claimed. */
  peek(request: ClaimRequest): Promise<ClaimResult | { readonly kind: 'free' }>;
  /** Writes the claim over whatever is there. */
  insert(request: ClaimRequest): Promise<ClaimResult>;
  /** Takes points where there are enough and writes ledger and list, for whoever asks. */
  move(claim: Claim): Promise<DebitResult>;
  setBalance(customer: string, balance: number): Promise<void>;
  /** Writes ledger and list without touching the balance. */
  enter(claim: Claim, balanceAfter: number): Promise<Debited>;
  record(customer: string, key: string): Promise<RawRecord | undefined>;
  /** Writes the answer into the key's record, made anew where there is none. */
  writeAnswer(request: ClaimRequest, redemption: string, answer: StoredAnswer): Promise<void>;
  /** Removes the key's record and what it had entered in the indexes of redemptions. */
  forget(customer: string, key: string, payload: Payload): Promise<void>;
  /** The key counts as accepted just now. */
  renew(customer: string, key: string): Promise<void>;
  /** Of all calls with one name the first one's value wins; everyone gets that value. Spans customers. */
  putIfAbsent(name: string, value: string): Promise<string>;
}

/** The store could not be reached, or not in time: the call may have happened or not. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super(`store unavailable: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StoreUnavailable';
  }
}

/** A store whose time cannot be moved as one: the nodes of a cluster have no common one. */
export class ClockFixed extends Error {
  constructor() {
    super('the clock of a cluster cannot be moved');
    this.name = 'ClockFixed';
  }
}

/** Name of the fallback for redemptions without a client_redemption_id: reward, points and type. */
export function windowName(payload: Payload): string {
  return JSON.stringify([payload.reward, payload.points, payload.type ?? null]);
}

/** The redemption that a reward was issued for: a wrong edition issues more, each under the redemption's id, a blank and something. */
export function ofReward(name: string): string {
  return name.split(' ', 1)[0] ?? name;
}

const INTERNAL_KEY_PREFIX = ' ';

/** The key under which a request without one is run: no client can send it (a blank is not visible ASCII), and it is shown nowhere. */
export function internalKey(id: string): string {
  return INTERNAL_KEY_PREFIX + id;
}

export function isInternalKey(key: string): boolean {
  return key.startsWith(INTERNAL_KEY_PREFIX);
}
