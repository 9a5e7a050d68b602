/**
 * From history to verdict: events in, one verdict out. Linear in the events; memory grows with the customers that
 * are open, not with those that were audited and judged. Pure: no clock, no input or output.
 */

import type {
  ArrivalEvent,
  AuditedEvent,
  CompleteEvent,
  EndEvent,
  FaultEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
  RunEvent,
} from '../history/events.ts';
import type { Verdict } from '../model/verdict.ts';
import { Customers } from './customers.ts';
import type { Customer } from './customer.ts';
import { EarlyEvents } from './early.ts';
import { isCrashAfterDebit } from './faults.ts';
import { KeyHolders } from './key-holders.ts';
import { ProcessDeaths } from './process-death.ts';
import { Processes } from './processes.ts';
import { RetiredNames } from './retired.ts';
import { verdictOf } from './summing-up.ts';
import { SweepLog } from './sweep.ts';

/** How long after its `audited` event a customer is kept open, in the history's own time: late lines still count. ms */
export const LINGER_MS = 100;

export interface CheckerOptions {
  /** Instead of `LINGER_MS`. */
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
  readonly #early = new EarlyEvents();
  readonly #retired = new RetiredNames();
  readonly #retiredAttempts = new RetiredNames();
  readonly #sweep = new SweepLog();
  readonly #customers = new Customers((subject) => this.#sweep.kindAt(subject));
  readonly #findings = this.#customers.findings;
  readonly #deaths = new ProcessDeaths();
  readonly #keyHolders = new KeyHolders();
  readonly #closing: Customer[] = [];
  readonly #lingerMs: number;
  #runs = 0;
  readonly #processes = new Processes();
  readonly #ends: EndEvent[] = [];
  readonly #read: Record<string, number> = {};
  #seq = 0;
  #now = -Infinity;

  constructor({ lingerMs = LINGER_MS }: CheckerOptions = {}) {
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
      case 'clock': {
        const owner = event.customer === undefined ? undefined : this.#customer(event.customer);
        this.#customers.clockMoved(event, this.#seq, owner);
        break;
      }
      case 'credit': {
        const customer = this.#customer(event.customer);
        if (customer) this.#customers.credited(customer, event, this.#seq);
        break;
      }
      case 'audited':
        this.#onAudited(event);
        break;
      case 'end':
        this.#ends.push(event);
        break;
      case 'retire':
        break;
    }
  }

  /** It is so late by now, though nothing was told: whoever was closed before then is judged. */
  elapse(at: number): void {
    if (at > this.#now) this.#advance(at);
  }

  progress(): Progress {
    const { run, openIntents, open } = this.#customers;
    return {
      events: this.#seq,
      violations: this.#findings.violationCount + (run?.service === undefined ? 0 : this.#deaths.count),
      openIntents,
      openCustomers: open.size,
    };
  }

  /** Judges what is still open and says how it all went. */
  finish({ torn = [] }: FinishOptions = {}): Verdict {
    const { run, open, namespaces, pointers, incidents, latency, spread } = this.#customers;
    for (const file of torn) this.#findings.doubt('torn', file);
    for (const customer of this.#closing.splice(0)) this.#judge(customer);
    for (const customer of open.values()) {
      if (customer.attempts.length > 0) this.#findings.doubt('not-audited', customer.id);
      this.#judge(customer);
    }
    this.#early.judge(this.#findings);
    namespaces.tell(this.#findings);
    pointers.doubt(this.#findings);
    if (run?.service !== undefined)
      for (const violation of this.#deaths.violations()) this.#findings.violate(violation);
    this.#customers.group();
    return verdictOf({
      run,
      runs: this.#runs,
      processes: this.#processes,
      ends: this.#ends,
      lastAt: this.#now,
      findings: this.#findings,
      incidents: incidents.all(),
      sweep: this.#sweep.summary(this.#findings.violations),
      read: this.#read,
      latency,
      spread,
    });
  }

  #onRun(run: RunEvent): void {
    this.#runs += 1;
    this.#processes.push(run);
    if (this.#seq !== this.#runs) this.#findings.doubt('no-run');
    this.#sweep.run(run);
    const first = this.#customers.run;
    this.#customers.began(run, this.#processes.uncertaintyMs);
    if (first !== undefined && first.runId !== run.runId)
      this.#findings.doubt('runs', `${first.runId} and ${run.runId}`);
  }

  #onInvoke(event: InvokeEvent): void {
    const customer = this.#customer(event.customer);
    if (customer === undefined) return;
    if (this.#customers.attempts.has(event.attempt)) {
      this.#findings.doubt('double-invoke', event.attempt);
      return;
    }
    const attempt = this.#customers.invoked(customer, event, this.#seq);
    if (attempt === undefined) return;
    const holder = this.#keyHolders.hold(attempt);
    if (holder !== undefined) {
      this.#findings.cover('other-customer');
      attempt.isKeyForeign = this.#customers.hasFinished(holder, { key: attempt.key, at: event.at });
    }
    for (const early of this.#early.take(event.attempt)) {
      if (early.type === 'arrival') this.#customers.arrived(attempt, early);
      else this.#customers.completed(attempt, early, this.#seq);
    }
  }

  #onComplete(event: CompleteEvent): void {
    const open = this.#customers.attempts.get(event.attempt);
    if (open) this.#customers.completed(open, event, this.#seq);
    else this.#early.keep(event.attempt, event, this.#findings);
  }

  #onArrival(event: ArrivalEvent): void {
    this.#customers.countArrival(event);
    if (event.attempt === undefined) return;
    const open = this.#customers.attempts.get(event.attempt);
    if (open) this.#customers.arrived(open, event);
    else if (this.#retiredAttempts.has(event.attempt)) {
      this.#findings.count('lateArrivals');
      // Its customer has been judged: the client had its answer long ago.
      if (event.copy > 0) this.#findings.cover('late-duplicate');
    } else this.#early.keep(event.attempt, event, this.#findings);
  }

  #onObserve(event: ObserveEvent): void {
    this.#customers.reading(event);
    const customer = this.#customer(event.customer);
    if (customer) this.#customers.observed(customer, event);
  }

  #onFault(event: FaultEvent): void {
    this.#customers.fault(event);
    this.#sweep.fault(event);
    this.#deaths.push(event);
    if (event.phase === 'end') return;
    this.#findings.count('faults');
    if (isCrashAfterDebit(event)) this.#findings.cover('crash-between-debit-and-reply');
  }

  #onAudited(event: AuditedEvent): void {
    // It was read once more, and nothing had changed.
    if (event.again !== undefined && !this.#customers.open.has(event.customer)) {
      this.#findings.count('readAgain');
      return;
    }
    const customer = this.#customer(event.customer);
    if (customer && this.#customers.audited(customer, event)) this.#closing.push(customer);
  }

  /** The customer of an event, opened when it is new. Nothing can be judged before the run is known. */
  #customer(id: string): Customer | undefined {
    if (this.#customers.run === undefined) return undefined;
    return this.#customers.open.get(id) ?? this.#customers.opened(id, this.#retired.has(id));
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
    const hasLateArrivals = (this.#findings.counts.get('lateArrivals') ?? 0) > 0;
    this.#customers.judge(customer, { hasLateArrivals, isRemembered: true });
    this.#retired.add(customer.id);
    for (const attempt of customer.attempts) {
      this.#retiredAttempts.add(attempt.id);
      this.#keyHolders.letGo(attempt);
    }
  }
}
