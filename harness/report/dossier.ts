/**
 * A dossier: everything that a report tells about one violation, or about one sample of a coverage moment.
 * The recorder reads a history once, in order, and holds a bounded part of it.
 */

import type {
  ArrivalEvent,
  ClockEvent,
  CompleteEvent,
  CreditEvent,
  FaultEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
} from '../history/events.ts';
import { standOfName } from '../model/stand.ts';
import type { Violation } from '../model/verdict.ts';
import {
  emptyDraft,
  finished,
  isCrashOf,
  isNear,
  noteObserve,
  pushArrival,
  pushClock,
  pushOther,
  pushUpTo,
  type Dossier,
  type Draft,
} from './dossier-draft.ts';

export const MAX_SAMPLES = 5;
const MAX_DOSSIERS = 100;
/** Of all dossiers, waiting for their completions. */
const MAX_OTHER_ATTEMPTS = 5000;
const MAX_RECENT = 400;
const MAX_OPEN_FAULTS = 200;
/** Name of the dossier of a violation. */
export function dossierId(violation: Violation): string {
  const intents = intentsOf(violation);
  return intents.length > 0 ? `i:${intents.join(',')}` : `c:${violation.customer ?? ''}`;
}

/** The intent of an attempt `<intent>.<n>`. */
export function intentOf(attempt: string): string {
  const dot = attempt.lastIndexOf('.');
  return dot < 0 ? attempt : attempt.slice(0, dot);
}

export class DossierRecorder {
  readonly #drafts = new Map<string, Draft>();
  readonly #byIntent = new Map<string, Set<Draft>>();
  readonly #byCustomer = new Map<string, Set<Draft>>();
  /** Other attempts that wait for their completion. */
  readonly #otherAttempts = new Map<string, Set<Draft>>();
  /** The latest intents, in case one of them meets a moment; undefined once every sample is found. */
  #recent: Map<string, Draft> | undefined = new Map();
  readonly #recentBalances = new Map<string, ObserveEvent>();
  readonly #moments = new Set<string>();
  readonly #openFaults = new Map<string, FaultEvent>();

  /** Of a sweep, by the stand's id. */
  readonly #byStand = new Map<string, Draft>();

  constructor(violations: readonly Violation[], stands: readonly string[] = []) {
    for (const violation of violations.slice(0, MAX_DOSSIERS)) this.#want(violation);
    for (const stand of stands) {
      const draft = emptyDraft(`s:${stand}`, false);
      this.#drafts.set(draft.id, draft);
      this.#byStand.set(stand, draft);
    }
  }

  add(event: HistoryEvent): void {
    if (event.type === 'invoke') this.#invoke(event);
    else if (event.type === 'complete') this.#complete(event);
    else if (event.type === 'arrival') this.#arrival(event);
    else if (event.type === 'observe') this.#observe(event);
    else if (event.type === 'credit') this.#credit(event);
    else if (event.type === 'clock') this.#clock(event);
    else if (event.type === 'fault') this.#fault(event);
  }

  /** Violations first, in their order, then the samples. Dossiers without any event are left out. */
  result(): readonly Dossier[] {
    return [...this.#drafts.values()]
      .filter((draft) => draft.lastAt !== undefined || draft.observes.size > 0)
      .map(finished);
  }

  #want(violation: Violation): void {
    const id = dossierId(violation);
    const intents = intentsOf(violation);
    const draft = this.#drafts.get(id) ?? emptyDraft(id, intents.length === 0);
    this.#drafts.set(id, draft);
    for (const intent of intents) this.#own(draft, intent);
    if (violation.customer !== undefined) this.#ownCustomer(draft, violation.customer);
    if (violation.key !== undefined) draft.keys.add(violation.key);
  }

  #own(draft: Draft, intent: string): void {
    draft.intents.add(intent);
    addTo(this.#byIntent, intent, draft);
  }

  #ownCustomer(draft: Draft, customer: string): void {
    draft.customers.add(customer);
    addTo(this.#byCustomer, customer, draft);
  }

  #invoke(event: InvokeEvent): void {
    const stood = this.#byStand.get(standOfName(event.intent) ?? '');
    if (stood) this.#own(stood, event.intent);
    for (const draft of this.#byCustomer.get(event.customer) ?? []) {
      if (draft.intents.has(event.intent)) continue;
      if (draft.isWholeCustomer) this.#own(draft, event.intent);
      else if (pushOther(draft, event)) addTo(this.#otherAttempts, event.attempt, draft);
      dropOldest(this.#otherAttempts, MAX_OTHER_ATTEMPTS);
    }
    const owners = this.#byIntent.get(event.intent);
    if (owners) for (const draft of owners) this.#ownInvoke(draft, event);
    else this.#recentInvoke(event);
  }

  #ownInvoke(draft: Draft, event: InvokeEvent): void {
    if (!draft.customers.has(event.customer)) this.#ownCustomer(draft, event.customer);
    if (draft.lastAt === undefined)
      for (const fault of this.#openFaults.values()) pushUpTo(draft, 'faults', fault);
    if (typeof event.key === 'string') draft.keys.add(event.key);
    pushUpTo(draft, 'invokes', event);
    draft.lastAt = event.at;
  }

  #recentInvoke(event: InvokeEvent): void {
    const recent = this.#recent;
    if (!recent) return;
    const draft = recent.get(event.intent) ?? emptyDraft(`s:${event.intent}`, false);
    const isOverlapping = draft.invokes.length > draft.completes.length;
    draft.intents.add(event.intent);
    draft.customers.add(event.customer);
    if (draft.invokes.length === 0)
      for (const fault of this.#openFaults.values()) pushUpTo(draft, 'faults', fault);
    if (typeof event.key === 'string') draft.keys.add(event.key);
    pushUpTo(draft, 'invokes', event);
    draft.lastAt = event.at;
    const opening = this.#recentBalances.get(event.customer);
    if (opening) draft.observes.set('first balance', opening);
    recent.delete(event.intent);
    recent.set(event.intent, draft);
    dropOldest(recent, MAX_RECENT);
    if (isOverlapping) this.#met('overlap', event.intent, draft);
  }

  #complete(event: CompleteEvent): void {
    const intent = intentOf(event.attempt);
    for (const draft of this.#byIntent.get(intent) ?? []) {
      pushUpTo(draft, 'completes', event);
      draft.lastAt = event.at;
    }
    const other = this.#otherAttempts.get(event.attempt);
    this.#otherAttempts.delete(event.attempt);
    for (const draft of other ?? []) {
      const known = draft.others.get(event.attempt);
      if (known) known.complete = event;
    }
    const recent = this.#recent?.get(intent);
    if (!recent) return;
    pushUpTo(recent, 'completes', event);
    recent.lastAt = event.at;
    if (event.replayed === true && recent.invokes.length > 1) this.#met('replayed-answer', intent, recent);
    this.#noticeLostAnswer(intent, recent);
  }

  #arrival(event: ArrivalEvent): void {
    if (event.attempt === undefined) {
      this.#namelessArrival(event);
      return;
    }
    const intent = intentOf(event.attempt);
    for (const draft of this.#byIntent.get(intent) ?? []) pushArrival(draft, event);
    const recent = this.#recent?.get(intent);
    if (!recent) return;
    pushArrival(recent, event);
    if (event.copy > 0) this.#met('duplicate-delivered', intent, recent);
    this.#noticeLostAnswer(intent, recent);
  }

  /** A resend by something that dropped the attempt header is known by its key. */
  #namelessArrival(event: ArrivalEvent): void {
    if (event.key === undefined) return;
    for (const draft of this.#drafts.values()) if (draft.keys.has(event.key)) pushArrival(draft, event);
  }

  #noticeLostAnswer(intent: string, draft: Draft): void {
    const lost = draft.completes.find((complete) => complete.outcome === 'info');
    const isDone = draft.arrivals.some(
      (arrival) => arrival.attempt === lost?.attempt && arrival.answer !== undefined && arrival.answer < 300,
    );
    if (lost && isDone) this.#met('answer-lost-after-debit', intent, draft);
  }

  #observe(event: ObserveEvent): void {
    for (const draft of this.#byCustomer.get(event.customer) ?? []) noteObserve(draft, event);
    if (!this.#recent || event.what !== 'balance') return;
    this.#recentBalances.delete(event.customer);
    this.#recentBalances.set(event.customer, event);
    dropOldest(this.#recentBalances, MAX_RECENT);
  }

  #credit(event: CreditEvent): void {
    for (const draft of this.#byCustomer.get(event.customer) ?? []) pushUpTo(draft, 'credits', event);
  }

  /** One that names no customer is everybody's. */
  #clock(event: ClockEvent): void {
    const { customer } = event;
    const drafts = customer === undefined ? this.#drafts.values() : this.#byCustomer.get(customer);
    for (const draft of drafts ?? []) pushClock(draft, event);
  }

  #fault(event: FaultEvent): void {
    if (event.phase === 'start') {
      this.#openFaults.set(event.id, event);
      dropOldest(this.#openFaults, MAX_OPEN_FAULTS);
    } else this.#openFaults.delete(event.id);
    for (const draft of this.#drafts.values()) if (isNear(draft, event)) pushUpTo(draft, 'faults', event);
    for (const [intent, draft] of this.#recent ?? []) {
      if (!isNear(draft, event)) continue;
      pushUpTo(draft, 'faults', event);
      if (isCrashOf(draft, event)) this.#met('crash-between-debit-and-reply', intent, draft);
    }
  }

  /** The first intent that meets a moment becomes its sample. */
  #met(moment: string, intent: string, draft: Draft): void {
    if (this.#moments.has(moment) || this.#moments.size >= MAX_SAMPLES) return;
    this.#moments.add(moment);
    draft.moment = moment;
    this.#recent?.delete(intent);
    this.#drafts.set(draft.id, draft);
    this.#own(draft, intent);
    for (const customer of draft.customers) this.#ownCustomer(draft, customer);
    if (this.#moments.size < MAX_SAMPLES) return;
    this.#recent = undefined;
    this.#recentBalances.clear();
  }
}

function intentsOf(violation: Violation): string[] {
  const intents = new Set<string>();
  if (violation.intent !== undefined) intents.add(violation.intent);
  for (const attempt of violation.attempts) if (intents.size < 8) intents.add(intentOf(attempt));
  return [...intents];
}

function addTo(map: Map<string, Set<Draft>>, name: string, draft: Draft): void {
  const known = map.get(name);
  if (known) known.add(draft);
  else map.set(name, new Set([draft]));
}

/** Maps keep the order of insertion: the first is the oldest. */
function dropOldest(map: Map<string, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
