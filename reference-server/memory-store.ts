/**
 * The store in this process's memory: the embedded default, and the one that properties drive.
 * Every call does its work between two awaits, so it is atomic by construction.
 */

import type { LedgerReading } from '../harness/model/protocol.ts';
import {
  commonMs,
  enter,
  forgetClaim,
  isLost,
  judge,
  keep,
  momentOf,
  move,
  newAccount,
  prune,
  writeClaim,
  type Account,
  type CommonClock,
  type Holder,
  type KeyRecord,
  type Moment,
} from './memory-account.ts';
import type {
  Claim,
  ClaimRequest,
  ClaimResult,
  Clock,
  ClockChange,
  Debited,
  DebitResult,
  Provision,
  RawRecord,
  RawStore,
  Redemption,
  RedemptionPage,
  Store,
  StoredAnswer,
  StoreStats,
} from './store.ts';
import { ofReward } from './store.ts';

/** How many accounts one provisioning looks at to find idle ones: keeps the work of each call bounded. */
const SWEEP_COUNT = 16;

export class MemoryStore implements Store {
  readonly raw: RawStore;
  readonly #accounts = new Map<string, Account>();
  /** Customers that are forgotten when idle, in the order of their last use. */
  readonly #mortal = new Set<string>();
  readonly #shared = new Map<string, string>();
  readonly #machineMs: () => number;
  /** By key; in the order in which they were taken. */
  readonly #holders = new Map<string, Holder>();
  #common: CommonClock = { offsetMs: 0 };
  #jumpMs = 0;

  /** `machineMs`: the time of the store's machine, ms since the epoch. */
  constructor(machineMs: () => number = Date.now) {
    this.#machineMs = machineMs;
    this.raw = this.#rawStore();
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    const account = this.#used(request.payload.customer);
    if (!account) return { kind: 'unknown-customer' };
    const moment = this.#moment(account);
    prune(account, moment);
    const judged = judge(account, request, moment);
    if (judged.kind === 'resume') return this.#resume(account, judged.record, request);
    const { keepsDuplicates, keepsUnknownReward } = request.rules;
    if (judged.kind === 'duplicate' && keepsDuplicates) keep(account, request, judged, moment);
    if (judged.kind === 'unknown-reward' && keepsUnknownReward) keep(account, request, judged, moment);
    if (judged.kind !== 'free') return judged;
    return this.#started(account, writeClaim(account, request, moment), request, false);
  }

  async debit(claim: Claim, keepsRefused: boolean): Promise<DebitResult> {
    const account = this.#used(claim.customer);
    const record = account?.records.get(claim.key);
    if (!account || !record || isLost(account, claim, this.#realMs())) return { kind: 'lost' };
    if (record.debited) return { kind: 'debited', ...record.debited };
    const moment = this.#moment(account);
    const result = move(account, claim, moment);
    if (result.kind === 'insufficient-points') forgetClaim(account, claim.key, keepsRefused);
    if (result.kind !== 'debited') return result;
    record.debited = { balanceAfter: result.balanceAfter, at: result.at };
    record.leaseUntil = moment.realMs + claim.leaseMs;
    record.leaseMs = claim.leaseMs;
    return result;
  }

  async issueReward(customer: string, redemption: string, reward: string): Promise<void> {
    const account = this.#used(customer);
    if (!account || account.rewards.has(redemption)) return;
    account.rewards.set(redemption, { reward, at: this.#moment(account).nowMs });
  }

  async complete(claim: Claim, answer: StoredAnswer): Promise<{ readonly kind: 'completed' | 'lost' }> {
    const account = this.#used(claim.customer);
    const record = account?.records.get(claim.key);
    if (!account || !record || isLost(account, claim, this.#realMs())) return { kind: 'lost' };
    record.answer ??= answer;
    this.#markCompleted(account, claim.redemption, answer);
    return { kind: 'completed' };
  }

  async release(claim: Claim): Promise<void> {
    const account = this.#used(claim.customer);
    const record = account?.records.get(claim.key);
    if (account && record && !isLost(account, claim, this.#realMs())) record.leaseUntil = 0;
  }

  async balance(customer: string): Promise<number | undefined> {
    return this.#used(customer)?.balance;
  }

  async redemptions(customer: string, limit: number, from?: number): Promise<RedemptionPage | undefined> {
    const account = this.#used(customer);
    if (!account) return undefined;
    const newest = Math.min(from ?? Infinity, account.order.length - 1);
    const oldest = Math.max(0, newest - limit + 1);
    const items = account.order
      .slice(oldest, newest + 1)
      .toReversed()
      .flatMap((redemption) => account.redemptions.get(redemption) ?? []);
    return oldest > 0 ? { items, next: oldest - 1 } : { items };
  }

  async redemptionOfKey(customer: string, key: string): Promise<RedemptionPage | undefined> {
    const account = this.#used(customer);
    if (!account) return undefined;
    const found = account.redemptions.get(account.records.get(key)?.redemption ?? '');
    return { items: found ? [found] : [] };
  }

  async redemption(customer: string, id: string): Promise<Redemption | undefined> {
    return this.#used(customer)?.redemptions.get(id);
  }

  async keyHolder(key: string, customer: string, keepMs: number): Promise<string> {
    const machineMs = this.#machineMs();
    let left = SWEEP_COUNT;
    for (const [name, { customer: holder, until }] of this.#holders) {
      if (left-- === 0) break;
      if (until <= machineMs || !this.#accounts.has(holder)) this.#holders.delete(name);
    }
    const known = this.#holders.get(key);
    if (known && known.until > machineMs) return known.customer;
    this.#holders.set(key, { customer, until: machineMs + keepMs });
    return customer;
  }

  async isFirstAsk(customer: string, key: string): Promise<boolean> {
    const asked = this.#used(customer)?.asked;
    if (!asked || asked.has(key)) return false;
    asked.add(key);
    return true;
  }

  async ping(): Promise<void> {}

  async provision({ customer, points, reset, idleTtlMs }: Provision): Promise<number> {
    this.#sweep();
    const known = this.#used(customer);
    if (known && !reset) return known.balance;
    const account = newAccount(points, this.#realMs(), idleTtlMs);
    account.usedAt = this.#machineMs();
    this.#accounts.set(customer, account);
    this.#mortal.delete(customer);
    if (idleTtlMs !== undefined) this.#mortal.add(customer);
    return points;
  }

  async credit(customer: string, points: number): Promise<number | undefined> {
    const account = this.#used(customer);
    if (!account) return undefined;
    account.balance += points;
    account.credits.push({ points, at_ms: this.#moment(account).nowMs });
    return account.balance;
  }

  async clock(customer: string): Promise<Clock | undefined> {
    const account = this.#used(customer);
    return account && this.#clockOf(account);
  }

  async setClock(customer: string, change: ClockChange): Promise<Clock | undefined> {
    const account = this.#used(customer);
    if (!account) return undefined;
    const common = commonMs(this.#common, this.#realMs());
    const { nowMs } = this.#moment(account);
    if (change.kind === 'advance') account.clock = { frozenAt: nowMs + change.byMs };
    else if (change.kind === 'run') account.clock = { offsetMs: nowMs - common };
    else if (change.isFrozen) account.clock = { frozenAt: change.nowMs };
    else account.clock = { offsetMs: change.nowMs - common };
    return this.#clockOf(account);
  }

  async jump(offsetMs: number): Promise<void> {
    this.#jumpMs = offsetMs;
  }

  async setCommonClock(change: ClockChange): Promise<Clock> {
    const realMs = this.#realMs();
    const nowMs = commonMs(this.#common, realMs);
    if (change.kind === 'advance') this.#common = { frozenAt: nowMs + change.byMs };
    else if (change.kind === 'run') this.#common = { offsetMs: nowMs - realMs };
    else if (change.isFrozen) this.#common = { frozenAt: change.nowMs };
    else this.#common = { offsetMs: change.nowMs - realMs };
    return { nowMs: commonMs(this.#common, realMs), isFrozen: 'frozenAt' in this.#common };
  }

  async ledger(customer: string): Promise<LedgerReading | undefined> {
    const account = this.#used(customer);
    if (!account) return undefined;
    const rewards = [...account.rewards].map(([redemption, { reward, at }]) => ({
      redemption_id: ofReward(redemption),
      reward_id: reward,
      at_ms: at,
    }));
    return { debits: [...account.debits], credits: [...account.credits], rewards };
  }

  async stats(): Promise<StoreStats> {
    let keys = 0;
    let redemptions = 0;
    for (const account of this.#accounts.values()) {
      keys += account.records.size;
      redemptions += account.order.length;
    }
    return { keys, customers: this.#accounts.size, redemptions };
  }

  async close(): Promise<void> {}

  #used(customer: string): Account | undefined {
    const account = this.#accounts.get(customer);
    if (!account) return undefined;
    const machineMs = this.#machineMs();
    if (account.idleTtlMs !== undefined) {
      // Put back at the end: the set's order is the order of last use.
      this.#mortal.delete(customer);
      if (machineMs - account.usedAt >= account.idleTtlMs) {
        this.#accounts.delete(customer);
        return undefined;
      }
      this.#mortal.add(customer);
    }
    account.usedAt = machineMs;
    return account;
  }

  #moment(account: Account): Moment {
    return momentOf(account, this.#realMs(), this.#common);
  }

  #realMs(): number {
    return this.#machineMs() + this.#jumpMs;
  }

  #sweep(): void {
    const machineMs = this.#machineMs();
    let left = SWEEP_COUNT;
    for (const customer of this.#mortal) {
      const account = this.#accounts.get(customer);
      const isIdle = account?.idleTtlMs !== undefined && machineMs - account.usedAt >= account.idleTtlMs;
      if (left-- === 0 || (account && !isIdle)) return;
      this.#mortal.delete(customer);
      this.#accounts.delete(customer);
    }
  }

  #clockOf(account: Account): Clock {
    return { nowMs: this.#moment(account).nowMs, isFrozen: 'frozenAt' in account.clock };
  }

  #resume(account: Account, record: KeyRecord, request: ClaimRequest): ClaimResult {
    record.owner = request.owner;
    record.leaseUntil = this.#realMs() + request.leaseMs;
    record.leaseMs = request.leaseMs;
    return this.#started(account, record, request, true);
  }

  #started(account: Account, record: KeyRecord, request: ClaimRequest, isResumed: boolean): ClaimResult {
    const { redemption, payload } = record;
    if (request.debits && !record.debited) {
      const moved = move(account, claimOf({ ...request, payload }, redemption), this.#moment(account));
      if (moved.kind === 'insufficient-points') {
        forgetClaim(account, request.key, request.keepsRefused);
        return moved;
      }
      if (moved.kind === 'debited') record.debited = { balanceAfter: moved.balanceAfter, at: moved.at };
    }
    const isRewarded = account.rewards.has(redemption);
    const claimed = {
      kind: 'claimed',
      redemption,
      isResumed,
      isRewarded,
      ...(isResumed && request.fingerprint === '' && { payload }),
    } as const;
    return record.debited ? { ...claimed, debited: record.debited } : claimed;
  }

  #markCompleted(account: Account, redemption: string, { status }: StoredAnswer): void {
    const listed = account.redemptions.get(redemption);
    if (listed && status < 300) account.redemptions.set(redemption, { ...listed, status: 'completed' });
  }

  #rawStore(): RawStore {
    const moment = (account: Account) => this.#moment(account);
    return {
      peek: async (request) => {
        const account = this.#used(request.payload.customer);
        if (!account) return { kind: 'unknown-customer' };
        const judged = judge(account, request, moment(account));
        return judged.kind === 'resume' ? { kind: 'in-flight', leaseLeftMs: 0 } : judged;
      },
      insert: async (request) => {
        const account = this.#used(request.payload.customer);
        if (!account) return { kind: 'unknown-customer' };
        const record = writeClaim(account, request, moment(account));
        return { kind: 'claimed', redemption: record.redemption, isResumed: false, isRewarded: false };
      },
      move: async (claim) => {
        const account = this.#used(claim.customer);
        return account ? move(account, claim, moment(account)) : { kind: 'lost' };
      },
      setBalance: async (customer, balance) => {
        const account = this.#used(customer);
        if (account) account.balance = balance;
      },
      enter: async (claim, balanceAfter): Promise<Debited> => {
        const account = this.#used(claim.customer);
        return account ? enter(account, claim, balanceAfter, moment(account)) : { balanceAfter, at: 0 };
      },
      record: async (customer, key): Promise<RawRecord | undefined> => {
        const record = this.#used(customer)?.records.get(key);
        return record && { redemption: record.redemption, isDone: record.answer !== undefined };
      },
      writeAnswer: async (request, redemption, answer) => {
        const account = this.#used(request.payload.customer);
        if (!account) return;
        const record =
          account.records.get(request.key) ??
          writeClaim(account, { ...request, redemption }, moment(account));
        record.redemption = redemption;
        record.answer = answer;
        this.#markCompleted(account, redemption, answer);
      },
      forget: async (customer, key) => {
        const account = this.#used(customer);
        if (account) forgetClaim(account, key, false);
      },
      renew: async (customer, key) => {
        const account = this.#used(customer);
        const record = account?.records.get(key);
        if (account && record) account.records.set(key, { ...record, acceptedAt: moment(account).nowMs });
      },
      putIfAbsent: async (name, value) => {
        const winner = this.#shared.get(name) ?? value;
        this.#shared.set(name, winner);
        return winner;
      },
    };
  }
}

function claimOf(request: ClaimRequest, redemption: string): Claim {
  const { key, owner, leaseMs, payload } = request;
  return { customer: payload.customer, key, owner, leaseMs, redemption, payload };
}
