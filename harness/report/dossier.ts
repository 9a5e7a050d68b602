/**
 * A dossier: everything that a report tells about one violation, or about one sample of a coverage moment.
 * The recorder reads a history once, in order, and holds a bounded part of it.
 */

import type {
  ArrivalEvent,
  CompleteEvent,
  CreditEvent,
  FaultEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
} from '../history/events.ts';
import type { Violation } from '../model/verdict.ts';
import { trimmedObserve } from './dossier-observe.ts';

export interface Dossier {
  /** The same for violations about the same intents: they share one dossier. */
  readonly id: string;
  /** Coverage moment that this shows; absent for a violation's dossier. */
  readonly moment?: string;
  readonly intents: readonly string[];
  readonly customers: readonly string[];
  /** Of the dossier's own intents. */
  readonly invokes: readonly InvokeEvent[];
  readonly completes: readonly CompleteEvent[];
  readonly arrivals: readonly ArrivalEvent[];
  /** The customers' other attempts, as far as they are near. */
  readonly others: readonly (InvokeEvent | CompleteEvent)[];
  readonly credits: readonly CreditEvent[];
  /** First and last reading of each kind, long lists cut to what belongs to the intents. */
  readonly observes: readonly ObserveEvent[];
  /** Faults that started, ended or were on while the intents were at work. */
  readonly faults: readonly FaultEvent[];
  /** Events that belong here and were left out to keep the memory bounded. */
  readonly leftOutCount: number;
}

export const MAX_SAMPLES = 5;
const MAX_DOSSIERS = 100;
/** Other attempts of the same customer. */
const MAX_OTHERS = 24;
/** Of all dossiers, waiting for their completions. */
const MAX_OTHER_ATTEMPTS = 5000;
const MAX_RECENT = 400;
const MAX_OPEN_FAULTS = 200;
const LIMITS = { invokes: 60, completes: 60, arrivals: 120, credits: 12, faults: 60 } as const;
/** A fault this long after an intent's last event has nothing to do with it any more. */
const NEAR_MS = 2000;

interface Draft {
  readonly id: string;
  moment: string | undefined;
  /** A violation that names a customer only: every intent of that customer belongs to it. */
  readonly isWholeCustomer: boolean;
  readonly intents: Set<string>;
  readonly customers: Set<string>;
  readonly keys: Set<string>;
  readonly invokes: InvokeEvent[];
  readonly completes: CompleteEvent[];
  readonly arrivals: ArrivalEvent[];
  /** By attempt, oldest first. */
  readonly others: Map<string, { readonly invoke: InvokeEvent; complete?: CompleteEvent }>;
  readonly credits: CreditEvent[];
  readonly observes: Map<string, ObserveEvent>;
  readonly faults: FaultEvent[];
  lastAt: number | undefined;
  leftOutCount: number;
}

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

  constructor(violations: readonly Violation[]) {
    for (const violation of violations.slice(0, MAX_DOSSIERS)) this.#want(violation);
  }

  add(event: HistoryEvent): void {
    if (event.type === 'invoke') this.#invoke(event);
    else if (event.type === 'complete') this.#complete(event);
    else if (event.type === 'arrival') this.#arrival(event);
    else if (event.type === 'observe') this.#observe(event);
    else if (event.type === 'credit') this.#credit(event);
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

function emptyDraft(id: string, isWholeCustomer: boolean): Draft {
  return {
    id,
    moment: undefined,
    isWholeCustomer,
    intents: new Set(),
    customers: new Set(),
    keys: new Set(),
    invokes: [],
    completes: [],
    arrivals: [],
    others: new Map(),
    credits: [],
    observes: new Map(),
    faults: [],
    lastAt: undefined,
    leftOutCount: 0,
  };
}

function finished(draft: Draft): Dossier {
  const { id, moment, invokes, completes, arrivals, credits, faults, leftOutCount } = draft;
  const dossier = {
    id,
    intents: [...draft.intents],
    customers: [...draft.customers],
    invokes,
    completes,
    arrivals,
    others: [...draft.others.values()].flatMap(({ invoke, complete }) =>
      complete ? [invoke, complete] : [invoke],
    ),
    credits,
    observes: [...draft.observes.values()].toSorted((a, b) => a.at - b.at),
    faults,
    leftOutCount,
  };
  return moment === undefined ? dossier : { ...dossier, moment };
}

type ListName = keyof typeof LIMITS;

function pushUpTo<Name extends ListName>(draft: Draft, name: Name, event: Draft[Name][number]): void {
  const list: Draft[Name][number][] = draft[name];
  if (list.length < LIMITS[name]) list.push(event);
  else draft.leftOutCount += 1;
}

function pushArrival(draft: Draft, event: ArrivalEvent): void {
  pushUpTo(draft, 'arrivals', event);
  draft.lastAt = Math.max(draft.lastAt ?? event.at, event.endedAt ?? event.at);
}

/** Before the dossier's own intents begin only the latest others are kept, from then on the first. Whether it was kept. */
function pushOther(draft: Draft, event: InvokeEvent): boolean {
  if (draft.others.size >= MAX_OTHERS) {
    draft.leftOutCount += 1;
    if (draft.lastAt !== undefined) return false;
    const [oldest] = draft.others.keys();
    if (oldest !== undefined) draft.others.delete(oldest);
  }
  draft.others.set(event.attempt, { invoke: event });
  return true;
}

function noteObserve(draft: Draft, event: ObserveEvent): void {
  const trimmed = trimmedObserve(event, draft.keys, draft.invokes, draft.completes);
  const first = `first ${event.what}`;
  if (draft.observes.has(first) || draft.lastAt !== undefined)
    draft.observes.set(`last ${event.what}`, trimmed);
  else draft.observes.set(first, trimmed);
}

function isNear(draft: Draft, event: FaultEvent): boolean {
  return draft.lastAt !== undefined && event.at - draft.lastAt <= NEAR_MS;
}

function isCrashOf(draft: Draft, event: FaultEvent): boolean {
  const point = event.detail?.['point'];
  if (point !== 'after-debit' && point !== 'after-fulfil' && point !== 'before-reply') return false;
  const key = event.detail?.['key'];
  return typeof key === 'string' && draft.keys.has(key);
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
