/**
 * The customers of a run that are open, and what is found when their books are closed. Whoever knows the order of the
 * whole run says when one is opened and when it is judged: the checker, or, of a part of the customers, another thread.
 */

import type {
  ArrivalEvent,
  AuditedEvent,
  ClockEvent,
  CompleteEvent,
  CreditEvent,
  FaultEvent,
  InvokeEvent,
  ObserveEvent,
  RunEvent,
  WholeRun,
} from '../history/events.ts';
import { wholeContract } from '../model/contract.ts';
import type { SweepKind } from '../model/stand.ts';
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
import { FaultLog } from './faults.ts';
import { Findings } from './findings.ts';
import { Incidents } from './incidents.ts';
import { isFinishedBy } from './key-holders.ts';
import { compareLateRead } from './late-reads.ts';
import { Histogram } from './latency.ts';
import { coverMoments } from './moments.ts';
import { Namespaces } from './namespaces.ts';
import { isNameless, PointerLog } from './pointers.ts';
import { RULE_FAMILIES } from './rules/families.ts';
import { isReadAgain } from './read-again.ts';
import { Statements, statementOf, type Unfinished } from './statements.ts';
import { unfinishedOf } from './unfinished.ts';
import { tally } from './tally.ts';

/** What is known of the whole run when a customer is judged. */
export interface JudgedAt {
  /** A copy has come for somebody whose books were closed. */
  readonly hasLateArrivals: boolean;
  /** Of one that was dropped before, what was left of it is still there, as far as the whole run goes. */
  readonly isRemembered: boolean;
}

export class Customers {
  readonly findings = new Findings();
  readonly open = new Map<string, Customer>();
  readonly attempts = new Map<string, Attempt>();
  readonly incidents: Incidents;
  readonly pointers = new PointerLog();
  readonly namespaces = new Namespaces();
  readonly latency = new Histogram();
  readonly spread = new Histogram();
  readonly faults = new FaultLog();
  readonly storeClock = new StoreClock();
  readonly #statements = new Statements();
  #run: WholeRun | undefined;
  #commonClock: TimedClock | undefined;
  tellsRewards = false;
  openIntents = 0;

  /** `standOf`: what was done at the stand that a name of an intent or a customer belongs to. */
  constructor(standOf?: (subject: string) => SweepKind | undefined) {
    this.incidents = new Incidents(standOf);
  }

  /** The run of the first file: nothing can be judged before it is known. */
  get run(): WholeRun | undefined {
    return this.#run;
  }

  /** `uncertaintyMs`: of the clocks of all processes so far. */
  began(run: RunEvent, uncertaintyMs: number): void {
    this.faults.uncertaintyMs = this.storeClock.uncertaintyMs = uncertaintyMs;
    this.findings.misreads(run.unshown);
    if (this.#run !== undefined) return;
    this.#run = { ...run, contract: wholeContract(run.contract) };
    this.pointers.run(run, this.#run.contract);
  }

  opened(id: string, isReopened: boolean): Customer {
    const customer = newCustomer(id, isReopened);
    if (this.#commonClock) customer.clocks.push(this.#commonClock);
    this.open.set(id, customer);
    return customer;
  }

  /** Its own attempt, which is no other's; undefined while the run is not known. */
  invoked(customer: Customer, event: InvokeEvent, seq: number): Attempt | undefined {
    if (this.#run === undefined) return undefined;
    const attempt = addAttempt(customer, event, this.#run.contract, seq);
    if (attempt.intent.attempts.length === 1) {
      this.openIntents += 1;
      this.findings.count('intents');
    }
    this.findings.count('attempts');
    this.pointers.sent(event);
    this.attempts.set(event.attempt, attempt);
    return attempt;
  }

  /** Whether the holder of a key had certainly finished it, as far as is known now, when it was sent for another customer. */
  hasFinished(holder: string, { key, at }: { readonly key: string; readonly at: number }): boolean {
    const run = this.#run;
    return (
      run !== undefined &&
      isFinishedBy(this.open.get(holder), { key, invoke: { at } }, run.contract, this.storeClock)
    );
  }

  completed(attempt: Attempt, event: CompleteEvent, seq: number): void {
    const customer = this.open.get(attempt.invoke.customer);
    if (customer === undefined) return;
    if (attempt.complete !== undefined) {
      this.findings.doubt('double-complete', event.attempt);
      return;
    }
    if (event.at < attempt.invoke.at) this.findings.doubt('time-backwards', event.attempt);
    this.pointers.answered(event);
    addComplete(customer, attempt, event, seq);
    if (event.status !== undefined && event.status > 0) this.latency.record(event.at - attempt.invoke.at);
  }

  /** One request at a hop, whoever's it was. */
  countArrival({ copy }: ArrivalEvent): void {
    this.findings.count('arrivals');
    if (copy > 0) this.findings.count('duplicates');
  }

  arrived(attempt: Attempt, event: ArrivalEvent): void {
    addArrival(attempt, event);
  }

  /** Before its customer is opened for it. */
  reading(event: ObserveEvent): void {
    if (event.until < event.at) this.findings.doubt('time-backwards', `a read of ${event.customer}`);
    if (event.what === 'rewards') this.tellsRewards = true;
    this.pointers.listed(event);
  }

  observed(customer: Customer, event: ObserveEvent): void {
    if (event.via === 'audit') customer.audited[event.what] = event;
    if (!isNameless(event)) addObservation(customer, event, this.#listLagMs());
  }

  credited(customer: Customer, event: CreditEvent, seq: number): void {
    if (event.made === true) customer.madeWith = event.points;
    else if (event.asked === true) customer.maybeCredits.push(event);
    else {
      const asked = customer.maybeCredits.findIndex(({ points }) => points === event.points);
      if (asked >= 0) customer.maybeCredits.splice(asked, 1);
      customer.credits.push({ at: event.at, points: event.points, seq });
    }
  }

  fault(event: FaultEvent): void {
    this.faults.push(event);
  }

  /** A clock that all customers have in common was moved for everybody, whoever's it was called. */
  clockMoved(event: ClockEvent, seq: number, owner: Customer | undefined): void {
    if (event.customer === undefined) {
      this.storeClock.push(event);
      return;
    }
    const clock = { event, seq };
    owner?.clocks.push(clock);
    if (this.#run?.contract.clockScope !== 'common') return;
    this.#commonClock = clock;
    for (const customer of this.open.values()) if (customer !== owner) customer.clocks.push(clock);
  }

  /** Whether its books may be closed now: the first time that this is said of it. */
  audited(customer: Customer, event: AuditedEvent): boolean {
    if (customer.auditedAt !== undefined) return false;
    customer.auditedAt = event.at;
    customer.isGone = event.gone === true;
    if (event.again !== undefined && !isReadAgain(customer, event.again))
      this.findings.doubt('incomplete', `what was read of ${customer.id} last is not what was read before`);
    return true;
  }

  /** Whether what is left of a customer is still at hand. */
  remembers(id: string): boolean {
    return this.#run !== undefined && this.#statements.get(this.#run.seed, id) !== undefined;
  }

  /** Closes its books and lets it go. */
  judge(customer: Customer, { hasLateArrivals, isRemembered }: JudgedAt): void {
    let unfinished: Unfinished = { count: 0, points: 0 };
    const context = this.#context();
    if (customer.maybeCredits.length > 0) this.findings.doubt('credit-unsure', customer.id);
    if (customer.reopened && customer.attempts.length === 0) {
      const closed =
        isRemembered && this.#run ? this.#statements.get(this.#run.seed, customer.id) : undefined;
      compareLateRead(customer, this.#run, closed, this.findings, hasLateArrivals);
    }
    // A second audit alone says nothing new; what came after the first one cannot be judged without what came before.
    if (customer.reopened && customer.attempts.length > 0) this.findings.doubt('late-events', customer.id);
    if (context && !customer.reopened) {
      const theCase = caseOf(customer, context);
      for (const judge of RULE_FAMILIES) judge(theCase, this.findings);
      coverMoments(theCase, this.findings, this.spread);
      tally(theCase, this.findings);
      unfinished = unfinishedOf(theCase);
      this.group(theCase);
    }
    this.group();
    this.#drop(customer, unfinished);
  }

  /** What was found just now, by likely cause. */
  group(theCase?: CustomerCase): void {
    const fresh = this.findings.takeFresh();
    if (fresh.length === 0) return;
    const kept = new Map(this.findings.violations.map((violation, index) => [violation, index]));
    this.incidents.add(fresh, theCase, (violation) => kept.get(violation) ?? -1, this.findings.place);
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
      faults: this.faults,
      storeClock: this.storeClock,
      readLagMs: this.#listLagMs(),
      tellsRewards: this.tellsRewards,
      namespaces: this.namespaces,
    };
  }

  #drop(customer: Customer, unfinished: Unfinished): void {
    if (!customer.reopened && customer.auditedAt !== undefined && !customer.isGone && this.#run)
      this.#statements.put(this.#run.seed, customer.id, {
        ...statementOf(customer),
        isOpen: !allDecided(customer.intents.values(), this.#run.contract),
        unfinished,
      });
    this.open.delete(customer.id);
    this.openIntents -= customer.intents.size;
    for (const attempt of customer.attempts) this.attempts.delete(attempt.id);
  }
}
