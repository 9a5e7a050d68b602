/**
 * From history to verdict: events in, one verdict out. Linear in the events; memory grows with the customers that
 * are open, not with those that were audited and judged. Pure: no clock, no input or output.
 */

import type {
  ArrivalEvent,
  AuditedEvent,
  ClockEvent,
  CompleteEvent,
  EndEvent,
  FaultEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
  RunEvent,
  WholeRun,
} from '../history/events.ts';
import { wholeContract } from '../model/contract.ts';
import type { CrashPoint } from '../model/protocol.ts';
import type { Verdict } from '../model/verdict.ts';
import { caseOf, type CustomerCase, type RunContext } from './case.ts';
import { StoreClock } from './clocks.ts';
import {
  addArrival,
  addAttempt,
  addComplete,
  addObservation,
  completedAt,
  isOwn,
  newCustomer,
  type Attempt,
  type Customer,
  type TimedClock,
} from './customer.ts';
import { allDecided } from './decided.ts';
import { FaultLog } from './faults.ts';
import { Findings } from './findings.ts';
import { Histogram } from './latency.ts';
import { coverMoments } from './moments.ts';
import { ProcessDeaths } from './process-death.ts';
import { RetiredNames } from './retired.ts';
import { RULE_FAMILIES } from './rules/families.ts';
import { Statements, statementOf, type Unfinished } from './statements.ts';
import { couldFinish, unfinishedOf } from './unfinished.ts';
import { verdictOf } from './summing-up.ts';
import { SweepLog } from './sweep.ts';

export interface CheckerOptions {
  /** How long after its `audited` event a customer is kept open, in the history's own time: late lines still count. ms */
  readonly lingerMs?: number;
}

export interface Progress {
  readonly events: number;
  readonly violations: number;
  readonly openIntents: number;
  readonly openCustomers: number;
}

/** What is known beside the events themselves. */
export interface FinishOptions {
  /** Files whose last line was cut off. */
  readonly torn?: readonly string[];
}

/** Arrivals and completions that came before their invoke: two writers of one file may race. */
const KEPT_EARLY = 10_000;

export class Checker {
  readonly #findings = new Findings();
  readonly #customers = new Map<string, Customer>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #early = new Map<string, (CompleteEvent | ArrivalEvent)[]>();
  readonly #retired = new RetiredNames();
  readonly #retiredAttempts = new RetiredNames();
  readonly #statements = new Statements();
  readonly #faults = new FaultLog();
  readonly #storeClock = new StoreClock();
  readonly #sweep = new SweepLog();
  readonly #deaths = new ProcessDeaths();
  readonly #keyHolders = new Map<string, { readonly customer: string; uses: number }>();
  readonly #closing: Customer[] = [];
  readonly #latency = new Histogram();
  readonly #spread = new Histogram();
  readonly #lingerMs: number;
  #run: WholeRun | undefined;
  #commonClock: TimedClock | undefined;
  #runs = 0;
  #ends: EndEvent[] = [];
  readonly #read: Record<string, number> = {};
  #seq = 0;
  #now = -Infinity;
  #tellsRewards = false;
  #openIntents = 0;

  constructor({ lingerMs = 100 }: CheckerOptions = {}) {
    this.#lingerMs = lingerMs;
  }

  /** Takes the next event; their order is that of the file, or of the merged files. */
  push(event: HistoryEvent): void {
    this.#seq += 1;
    this.#read[event.type] = (this.#read[event.type] ?? 0) + 1;
    if (event.type === 'run') {
      this.#onRun(event);
      return;
    }
    if (event.at > this.#now) this.#advance(event.at);
    switch (event.type) {
      case 'invoke':
        this.#onInvoke(event);
        break;
      case 'complete':
        this.#onComplete(event);
        break;
      case 'arrival':
        this.#onArrival(event);
        break;
      case 'observe':
        this.#onObserve(event);
        break;
      case 'fault':
        this.#onFault(event);
        break;
      case 'clock':
        if (event.customer === undefined) this.#storeClock.push(event);
        else this.#onClock(event, event.customer);
        break;
      case 'credit':
        this.#customer(event.customer)?.credits.push(event);
        break;
      case 'retire': {
        const customer = this.#customers.get(event.customer);
        if (customer) customer.retired = true;
        break;
      }
      case 'audited':
        this.#onAudited(event);
        break;
      case 'end':
        this.#ends.push(event);
        break;
    }
  }

  progress(): Progress {
    return {
      events: this.#seq,
      violations: this.#findings.violationCount + (this.#run?.service === undefined ? 0 : this.#deaths.count),
      openIntents: this.#openIntents,
      openCustomers: this.#customers.size,
    };
  }

  /** Judges what is still open and says how it all went. */
  finish({ torn = [] }: FinishOptions = {}): Verdict {
    for (const file of torn) this.#findings.doubt('torn', file);
    for (const customer of this.#closing.splice(0)) this.#judge(customer);
    for (const customer of this.#customers.values()) {
      if (customer.attempts.length > 0) this.#findings.doubt('not-audited', customer.id);
      this.#judge(customer);
    }
    this.#judgeEarly();
    if (this.#run?.service !== undefined)
      for (const violation of this.#deaths.violations()) this.#findings.violate(violation);
    return verdictOf({
      run: this.#run,
      runs: this.#runs,
      ends: this.#ends,
      lastAt: this.#now,
      findings: this.#findings,
      sweep: this.#sweep.summary(this.#findings.violations),
      read: this.#read,
      latency: this.#latency,
      spread: this.#spread,
    });
  }

  #onRun(run: RunEvent): void {
    this.#runs += 1;
    if (this.#seq !== this.#runs) this.#findings.doubt('no-run');
    this.#sweep.run(run);
    this.#findings.misreads(run.unshown);
    if (this.#run === undefined) this.#run = { ...run, contract: wholeContract(run.contract) };
    else if (this.#run.runId !== run.runId)
      this.#findings.doubt('runs', `${this.#run.runId} and ${run.runId}`);
  }

  #onInvoke(event: InvokeEvent): void {
    const customer = this.#customer(event.customer);
    const run = this.#run;
    if (customer === undefined || run === undefined) return;
    if (this.#attempts.has(event.attempt)) {
      this.#findings.doubt('double-invoke', event.attempt);
      return;
    }
    const attempt = addAttempt(customer, event, run.contract, this.#seq);
    if (attempt.intent.attempts.length === 1) {
      this.#openIntents += 1;
      this.#findings.count('intents');
    }
    this.#findings.count('attempts');
    this.#holdKey(attempt);
    this.#attempts.set(event.attempt, attempt);
    const early = this.#early.get(event.attempt);
    if (early === undefined) return;
    this.#early.delete(event.attempt);
    for (const late of early) {
      if (late.type === 'arrival') this.#arrived(attempt, late);
      else this.#completed(customer, attempt, late);
    }
  }

  #onComplete(event: CompleteEvent): void {
    const open = this.#attempts.get(event.attempt);
    const customer = open && this.#customers.get(open.invoke.customer);
    if (customer) this.#completed(customer, open, event);
    else this.#keepEarly(event.attempt, event);
  }

  #completed(customer: Customer, attempt: Attempt, event: CompleteEvent): void {
    if (attempt.complete !== undefined) {
      this.#findings.doubt('double-complete', event.attempt);
      return;
    }
    if (event.at < attempt.invoke.at) this.#findings.doubt('time-backwards', event.attempt);
    addComplete(customer, attempt, event, this.#seq);
    if (event.status !== undefined && event.status > 0) this.#latency.record(event.at - attempt.invoke.at);
  }

  #onArrival(event: ArrivalEvent): void {
    this.#findings.count('arrivals');
    if (event.copy > 0) this.#findings.count('duplicates');
    if (event.attempt === undefined) return;
    const open = this.#attempts.get(event.attempt);
    if (open) this.#arrived(open, event);
    else if (this.#retiredAttempts.has(event.attempt)) {
      this.#findings.count('lateArrivals');
      // Its customer has been judged: the client had its answer long ago.
      if (event.copy > 0) this.#findings.cover('late-duplicate');
    } else this.#keepEarly(event.attempt, event);
  }

  #arrived(attempt: Attempt, event: ArrivalEvent): void {
    addArrival(attempt, event);
  }

  #onObserve(event: ObserveEvent): void {
    if (event.until < event.at) this.#findings.doubt('time-backwards', `a read of ${event.customer}`);
    if (event.what === 'rewards' && event.value.length > 0) this.#tellsRewards = true;
    const customer = this.#customer(event.customer);
    if (customer) addObservation(customer, event, this.#run?.listLagMs);
  }

  #onFault(event: FaultEvent): void {
    this.#faults.push(event);
    this.#sweep.fault(event);
    this.#deaths.push(event);
    if (event.phase === 'end') return;
    this.#findings.count('faults');
    if (isCrashAfterDebit(event)) this.#findings.cover('crash-between-debit-and-reply');
  }

  /** A clock that all customers have in common was moved for everybody, whoever's it was called. */
  #onClock(event: ClockEvent, id: string): void {
    const clock = { event, seq: this.#seq };
    this.#customer(id)?.clocks.push(clock);
    if (this.#run?.contract.clockScope !== 'common') return;
    this.#commonClock = clock;
    for (const customer of this.#customers.values()) if (customer.id !== id) customer.clocks.push(clock);
  }

  #onAudited(event: AuditedEvent): void {
    // It was read once more, and nothing had changed.
    if (event.again !== undefined && !this.#customers.has(event.customer)) {
      this.#findings.count('readAgain');
      return;
    }
    const customer = this.#customer(event.customer);
    if (customer === undefined || customer.auditedAt !== undefined) return;
    customer.auditedAt = event.at;
    customer.isGone = event.gone === true;
    this.#closing.push(customer);
  }

  /** The customer of an event, opened when it is new. Nothing can be judged before the run is known. */
  #customer(id: string): Customer | undefined {
    if (this.#run === undefined) return undefined;
    let customer = this.#customers.get(id);
    if (customer === undefined) {
      customer = newCustomer(id, this.#retired.has(id));
      if (this.#commonClock) customer.clocks.push(this.#commonClock);
      this.#customers.set(id, customer);
    }
    return customer;
  }

  #keepEarly(attempt: string, event: CompleteEvent | ArrivalEvent): void {
    const kept = this.#early.get(attempt);
    if (kept) kept.push(event);
    else if (this.#early.size < KEPT_EARLY) this.#early.set(attempt, [event]);
    else this.#findings.count('droppedEarly');
  }

  /** A completion that never found its invoke breaks an assumption; an arrival without one is a stranger's. */
  #judgeEarly(): void {
    for (const [attempt, events] of this.#early) {
      if (events.some(({ type }) => type === 'complete')) this.#findings.doubt('orphan-complete', attempt);
      else this.#findings.count('strangers', events.length);
    }
  }

  /** One key at two customers is a moment of its own, seen across customers while both are open. */
  #holdKey(attempt: Attempt): void {
    const { keyKind, key, invoke } = attempt;
    if (keyKind !== 'key') return;
    const holder = this.#keyHolders.get(key);
    if (holder === undefined) this.#keyHolders.set(key, { customer: invoke.customer, uses: 1 });
    else if (holder.customer === invoke.customer) holder.uses += 1;
    else {
      this.#findings.cover('other-customer');
      attempt.isKeyForeign = this.#isFinishedBy(holder.customer, attempt);
    }
  }

  /** Whether another customer had certainly finished the key when it was sent, well within its life. */
  #isFinishedBy(id: string, { key, invoke }: Attempt): boolean {
    const customer = this.#customers.get(id);
    const ttlMs = this.#run?.contract.ttlMs;
    if (customer === undefined || customer.clocks.length > 0 || ttlMs === undefined) return false;
    return customer.attempts.some((other) => {
      if (other.key !== key || !isOwn(other) || other.complete?.outcome !== 'ok') return false;
      const isAlive = ttlMs === 'unspecified' || (invoke.at - other.invoke.at) * 1.001 + 2 < ttlMs;
      return (
        completedAt(other) < invoke.at &&
        isAlive &&
        !this.#storeClock.canHaveJumped(other.invoke.at, invoke.at)
      );
    });
  }

  #advance(now: number): void {
    this.#now = now;
    while (this.#closing.length > 0) {
      const [customer] = this.#closing;
      if (customer?.auditedAt === undefined || customer.auditedAt + this.#lingerMs >= now) return;
      this.#closing.shift();
      this.#judge(customer);
    }
  }

  #judge(customer: Customer): void {
    let unfinished: Unfinished = { count: 0, points: 0 };
    const context = this.#context();
    if (customer.reopened && customer.attempts.length === 0) this.#compare(customer);
    // A second audit alone says nothing new; what came after the first one cannot be judged without what came before.
    if (customer.reopened && customer.attempts.length > 0) this.#findings.doubt('late-events', customer.id);
    if (context && !customer.reopened) {
      const theCase = caseOf(customer, context);
      for (const judge of RULE_FAMILIES) judge(theCase, this.#findings);
      coverMoments(theCase, this.#findings, this.#spread);
      tally(theCase, this.#findings);
      unfinished = unfinishedOf(theCase);
    }
    this.#drop(customer, unfinished);
  }

  /** A reading after the books were closed: what it adds, or lacks, came too late to be anybody's. */
  #compare(customer: Customer): void {
    const run = this.#run;
    const { balances, lastList, lastLedger } = customer;
    const hasRead = lastList !== undefined || lastLedger !== undefined || balances.length > 0;
    if (run === undefined || customer.auditedAt === undefined || !hasRead) return;
    const closed = this.#statements.get(run.seed, customer.id);
    if (closed === undefined) return;
    this.#findings.count('readAgain');
    const found = statementOf(customer);
    const isSame =
      found.count === closed.count && found.ids === closed.ids && Object.is(found.balance, closed.balance);
    if (isSame) return;
    // A copy that came since may start a new life of its key, or be a redemption of its own, where the contract lets it.
    const { expiredKey, missingKey } = run.contract;
    const mayCome = expiredKey === 'new' || missingKey === 'accept';
    if (closed.isOpen || (mayCome && (this.#findings.counts.get('lateArrivals') ?? 0) > 0)) {
      this.#findings.doubt('late-reads', customer.id);
      return;
    }
    if (couldFinish(closed, found, lastLedger !== undefined && lastList !== undefined)) {
      this.#findings.count('finishedLate');
      return;
    }
    const isBalanceOnly = found.count === closed.count && found.ids === closed.ids;
    const isMore = found.count > closed.count;
    this.#findings.violate({
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

  #context(): RunContext | undefined {
    if (this.#run === undefined) return undefined;
    return {
      contract: this.#run.contract,
      capabilities: this.#run.capabilities,
      client: this.#run.client,
      engine: this.#run.engine,
      faults: this.#faults,
      storeClock: this.#storeClock,
      tellsRewards: this.#tellsRewards,
    };
  }

  #drop(customer: Customer, unfinished: Unfinished): void {
    if (!customer.reopened && customer.auditedAt !== undefined && !customer.isGone && this.#run)
      this.#statements.put(this.#run.seed, customer.id, {
        ...statementOf(customer),
        isOpen: !allDecided(customer.intents.values(), this.#run.contract),
        unfinished,
      });
    this.#customers.delete(customer.id);
    this.#retired.add(customer.id);
    this.#openIntents -= customer.intents.size;
    for (const attempt of customer.attempts) {
      this.#attempts.delete(attempt.id);
      this.#retiredAttempts.add(attempt.id);
      if (this.#keyHolders.get(attempt.key)?.customer === customer.id) this.#keyHolders.delete(attempt.key);
    }
  }
}

function shownStatement({ count, balance }: { readonly count: number; readonly balance: number }): string {
  return `${count} debits and redemptions${Number.isNaN(balance) ? '' : `, balance ${balance}`}`;
}

const AFTER_DEBIT: readonly unknown[] = [
  'after-debit',
  'after-fulfil',
  'before-reply',
] satisfies CrashPoint[];

/** A server told of a crash at a named point. (That a process was killed says nothing of where it stood.) */
function isCrashAfterDebit({ kind, name, detail }: FaultEvent): boolean {
  return kind === 'server' && name.startsWith('crash') && AFTER_DEBIT.includes(detail?.['point']);
}

function tally({ customer, effects }: CustomerCase, findings: Findings): void {
  findings.count('customers');
  for (const { complete, invoke } of customer.attempts) {
    findings.count(complete?.outcome ?? 'info');
    if (invoke.via === 'settle') findings.count('settleAttempts');
  }
  let debits = 0;
  for (const effect of effects.values()) debits += effect.debits;
  findings.count('debits', debits);
  findings.count('executions', effects.size);
}
