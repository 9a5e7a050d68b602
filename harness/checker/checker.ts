/**
 * From history to verdict: events in, one verdict out. Linear in the events; memory grows with the customers that
 * are open, not with those that were audited and judged. Pure: no clock, no input or output.
 */

import type {
  ArrivalEvent,
  AuditedEvent,
  ClockEvent,
  CompleteEvent,
  CreditEvent,
  EndEvent,
  FaultEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
  RunEvent,
  WholeRun,
} from '../history/events.ts';
import { wholeContract } from '../model/contract.ts';
import type { Verdict } from '../model/verdict.ts';
import { caseOf, type CustomerCase, type RunContext } from './case.ts';
import { StoreClock } from './clocks.ts';
import {
  addArrival,
  addAttempt,
  addComplete,
  addObservation,
  newCustomer,
  type Attempt,
  type Customer,
  type TimedClock,
} from './customer.ts';
import { allDecided } from './decided.ts';
import { EarlyEvents } from './early.ts';
import { FaultLog, isCrashAfterDebit } from './faults.ts';
import { Findings } from './findings.ts';
import { Incidents } from './incidents.ts';
import { isFinishedBy, KeyHolders } from './key-holders.ts';
import { compareLateRead } from './late-reads.ts';
import { Histogram } from './latency.ts';
import { coverMoments } from './moments.ts';
import { Namespaces } from './namespaces.ts';
import { ProcessDeaths } from './process-death.ts';
import { Processes } from './processes.ts';
import { isNameless, PointerLog } from './pointers.ts';
import { RetiredNames } from './retired.ts';
import { RULE_FAMILIES } from './rules/families.ts';
import { isReadAgain } from './read-again.ts';
import { Statements, statementOf, type Unfinished } from './statements.ts';
import { unfinishedOf } from './unfinished.ts';
import { verdictOf } from './summing-up.ts';
import { SweepLog } from './sweep.ts';
import { tally } from './tally.ts';

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

export class Checker {
  readonly #findings = new Findings();
  readonly #customers = new Map<string, Customer>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #early = new EarlyEvents();
  readonly #retired = new RetiredNames();
  readonly #retiredAttempts = new RetiredNames();
  readonly #statements = new Statements();
  readonly #faults = new FaultLog();
  readonly #storeClock = new StoreClock();
  readonly #sweep = new SweepLog();
  readonly #incidents = new Incidents((subject) => this.#sweep.kindAt(subject));
  readonly #pointers = new PointerLog();
  readonly #deaths = new ProcessDeaths();
  readonly #namespaces = new Namespaces();
  readonly #keyHolders = new KeyHolders();
  readonly #closing: Customer[] = [];
  readonly #latency = new Histogram();
  readonly #spread = new Histogram();
  readonly #lingerMs: number;
  #run: WholeRun | undefined;
  #commonClock: TimedClock | undefined;
  #runs = 0;
  readonly #processes = new Processes();
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
        this.#onCredit(event);
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

  /** It is so late by now, though nothing was told: whoever was closed before then is judged. */
  elapse(at: number): void {
    if (at > this.#now) this.#advance(at);
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
    this.#early.judge(this.#findings);
    this.#namespaces.tell(this.#findings);
    this.#pointers.doubt(this.#findings);
    if (this.#run?.service !== undefined)
      for (const violation of this.#deaths.violations()) this.#findings.violate(violation);
    this.#group();
    return verdictOf({
      run: this.#run,
      runs: this.#runs,
      processes: this.#processes,
      ends: this.#ends,
      lastAt: this.#now,
      findings: this.#findings,
      incidents: this.#incidents.all(),
      sweep: this.#sweep.summary(this.#findings.violations),
      read: this.#read,
      latency: this.#latency,
      spread: this.#spread,
    });
  }

  #onRun(run: RunEvent): void {
    this.#runs += 1;
    this.#processes.push(run);
    this.#faults.uncertaintyMs = this.#storeClock.uncertaintyMs = this.#processes.uncertaintyMs;
    if (this.#seq !== this.#runs) this.#findings.doubt('no-run');
    this.#sweep.run(run);
    this.#findings.misreads(run.unshown);
    if (this.#run === undefined) {
      this.#run = { ...run, contract: wholeContract(run.contract) };
      this.#pointers.run(run, this.#run.contract);
    } else if (this.#run.runId !== run.runId)
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
    const holder = this.#keyHolders.hold(attempt);
    if (holder !== undefined) {
      this.#findings.cover('other-customer');
      attempt.isKeyForeign = isFinishedBy(
        this.#customers.get(holder),
        attempt,
        run.contract,
        this.#storeClock,
      );
    }
    this.#pointers.sent(event);
    this.#attempts.set(event.attempt, attempt);
    for (const early of this.#early.take(event.attempt)) {
      if (early.type === 'arrival') addArrival(attempt, early);
      else this.#completed(customer, attempt, early);
    }
  }

  #onComplete(event: CompleteEvent): void {
    const open = this.#attempts.get(event.attempt);
    const customer = open && this.#customers.get(open.invoke.customer);
    if (customer) this.#completed(customer, open, event);
    else this.#early.keep(event.attempt, event, this.#findings);
  }

  #completed(customer: Customer, attempt: Attempt, event: CompleteEvent): void {
    if (attempt.complete !== undefined) {
      this.#findings.doubt('double-complete', event.attempt);
      return;
    }
    if (event.at < attempt.invoke.at) this.#findings.doubt('time-backwards', event.attempt);
    this.#pointers.answered(event);
    addComplete(customer, attempt, event, this.#seq);
    if (event.status !== undefined && event.status > 0) this.#latency.record(event.at - attempt.invoke.at);
  }

  #onArrival(event: ArrivalEvent): void {
    this.#findings.count('arrivals');
    if (event.copy > 0) this.#findings.count('duplicates');
    if (event.attempt === undefined) return;
    const open = this.#attempts.get(event.attempt);
    if (open) addArrival(open, event);
    else if (this.#retiredAttempts.has(event.attempt)) {
      this.#findings.count('lateArrivals');
      // Its customer has been judged: the client had its answer long ago.
      if (event.copy > 0) this.#findings.cover('late-duplicate');
    } else this.#early.keep(event.attempt, event, this.#findings);
  }

  #onObserve(event: ObserveEvent): void {
    if (event.until < event.at) this.#findings.doubt('time-backwards', `a read of ${event.customer}`);
    if (event.what === 'rewards') this.#tellsRewards = true;
    this.#pointers.listed(event);
    const customer = this.#customer(event.customer);
    if (customer === undefined) return;
    if (event.via === 'audit') customer.audited[event.what] = event;
    if (!isNameless(event)) addObservation(customer, event, this.#listLagMs());
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

  #onCredit(event: CreditEvent): void {
    const customer = this.#customer(event.customer);
    if (customer === undefined) return;
    if (event.made === true) customer.madeWith = event.points;
    else customer.credits.push(event);
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
    if (event.again !== undefined && !isReadAgain(customer, event.again))
      this.#findings.doubt('incomplete', `what was read of ${customer.id} last is not what was read before`);
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

  #advance(now: number): void {
    this.#now = now;
    while (this.#closing.length > 0) {
      const [customer] = this.#closing;
      if (customer?.auditedAt === undefined || customer.auditedAt + this.#lingerMs >= now) return;
      this.#closing.shift();
      this.#judge(customer);
    }
  }

  /** What was found just now, by likely cause. */
  #group(theCase?: CustomerCase): void {
    const fresh = this.#findings.takeFresh();
    if (fresh.length === 0) return;
    const kept = new Set(this.#findings.violations);
    this.#incidents.add(fresh, theCase, (violation) => kept.has(violation));
  }

  #judge(customer: Customer): void {
    let unfinished: Unfinished = { count: 0, points: 0 };
    const context = this.#context();
    if (customer.reopened && customer.attempts.length === 0)
      compareLateRead(customer, this.#run, this.#statements, this.#findings);
    // A second audit alone says nothing new; what came after the first one cannot be judged without what came before.
    if (customer.reopened && customer.attempts.length > 0) this.#findings.doubt('late-events', customer.id);
    if (context && !customer.reopened) {
      const theCase = caseOf(customer, context);
      for (const judge of RULE_FAMILIES) judge(theCase, this.#findings);
      coverMoments(theCase, this.#findings, this.#spread);
      tally(theCase, this.#findings);
      unfinished = unfinishedOf(theCase);
      this.#group(theCase);
    }
    this.#group();
    this.#drop(customer, unfinished);
  }

  /** Also what a script saw and an audit elsewhere read may be nearer to each other than they are written. */
  #listLagMs(): number {
    return (this.#run?.listLagMs ?? 0) + (this.#run?.joined?.uncertaintyMs ?? 0);
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
      readLagMs: this.#listLagMs(),
      tellsRewards: this.#tellsRewards,
      namespaces: this.#namespaces,
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
      this.#keyHolders.letGo(attempt);
    }
  }
}
