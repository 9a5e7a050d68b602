/** A dossier while it is being written: what it takes in is bounded. */

import type {
  ArrivalEvent,
  ClockEvent,
  CompleteEvent,
  CreditEvent,
  FaultEvent,
  InvokeEvent,
  ObserveEvent,
} from '../history/events.ts';
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
  /** Readings of the customers' clocks, and of the store's, from the last before the intents on. */
  readonly clocks: readonly ClockEvent[];
  /** First and last reading of each kind, long lists cut to what belongs to the intents. */
  readonly observes: readonly ObserveEvent[];
  /** Faults that started, ended or were on while the intents were at work. */
  readonly faults: readonly FaultEvent[];
  /** Events that belong here and were left out to keep the memory bounded. */
  readonly leftOutCount: number;
}

/** Other attempts of the same customer. */
const MAX_OTHERS = 24;
const LIMITS = { invokes: 60, completes: 60, arrivals: 120, credits: 12, clocks: 60, faults: 60 } as const;
/** A fault this long after an intent's last event has nothing to do with it any more. */
const NEAR_MS = 2000;

export interface Draft {
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
  readonly clocks: ClockEvent[];
  readonly observes: Map<string, ObserveEvent>;
  readonly faults: FaultEvent[];
  lastAt: number | undefined;
  leftOutCount: number;
}

export function emptyDraft(id: string, isWholeCustomer: boolean): Draft {
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
    clocks: [],
    observes: new Map(),
    faults: [],
    lastAt: undefined,
    leftOutCount: 0,
  };
}

export function finished(draft: Draft): Dossier {
  const { id, moment, invokes, completes, arrivals, credits, clocks, faults, leftOutCount } = draft;
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
    clocks,
    observes: [...draft.observes.values()].toSorted((a, b) => a.at - b.at),
    faults,
    leftOutCount,
  };
  return moment === undefined ? dossier : { ...dossier, moment };
}

type ListName = keyof typeof LIMITS;

export function pushUpTo<Name extends ListName>(draft: Draft, name: Name, event: Draft[Name][number]): void {
  const list: Draft[Name][number][] = draft[name];
  if (list.length < LIMITS[name]) list.push(event);
  else draft.leftOutCount += 1;
}

export function pushArrival(draft: Draft, event: ArrivalEvent): void {
  pushUpTo(draft, 'arrivals', event);
  draft.lastAt = Math.max(draft.lastAt ?? event.at, event.endedAt ?? event.at);
}

/** Before the dossier's own intents begin only the latest others are kept, from then on the first. Whether it was kept. */
export function pushOther(draft: Draft, event: InvokeEvent): boolean {
  if (draft.others.size >= MAX_OTHERS) {
    draft.leftOutCount += 1;
    if (draft.lastAt !== undefined) return false;
    const [oldest] = draft.others.keys();
    if (oldest !== undefined) draft.others.delete(oldest);
  }
  draft.others.set(event.attempt, { invoke: event });
  return true;
}

/** Before the dossier's own intents begin the oldest make room. */
export function pushClock(draft: Draft, event: ClockEvent): void {
  if (draft.lastAt === undefined && draft.clocks.length >= LIMITS.clocks) draft.clocks.shift();
  pushUpTo(draft, 'clocks', event);
}

export function noteObserve(draft: Draft, event: ObserveEvent): void {
  const trimmed = trimmedObserve(event, draft.keys, draft.invokes, draft.completes);
  const first = `first ${event.what}`;
  if (draft.observes.has(first) || draft.lastAt !== undefined)
    draft.observes.set(`last ${event.what}`, trimmed);
  else draft.observes.set(first, trimmed);
}

export function isNear(draft: Draft, event: FaultEvent): boolean {
  return draft.lastAt !== undefined && event.at - draft.lastAt <= NEAR_MS;
}

export function isCrashOf(draft: Draft, event: FaultEvent): boolean {
  const point = event.detail?.['point'];
  if (point !== 'after-debit' && point !== 'after-fulfil' && point !== 'before-reply') return false;
  const key = event.detail?.['key'];
  return typeof key === 'string' && draft.keys.has(key);
}
