/** Changes one event of a history, as a wrong endpoint, a lost line or a broken tool would. */

import type { ArrivalEvent, CompleteEvent, HistoryEvent, InvokeEvent } from '../../harness/history/events.ts';
import { payloadHash } from '../../harness/model/redeem-request.ts';

type ListRead = Extract<HistoryEvent, { type: 'observe'; what: 'redemptions' }>;

export interface Mutation {
  readonly name: string;
  /** What stands in the event's place; undefined: it does not apply to it. */
  readonly by: (event: HistoryEvent) => readonly HistoryEvent[] | undefined;
}

/** What sort of event it is: mutations of one sort are judged alike. */
export function sortOf(events: readonly HistoryEvent[], index: number): string {
  const event = events[index];
  if (event === undefined) return 'none';
  if (event.type === 'observe') {
    const sort = `observe ${event.what} ${event.via}`;
    return event.what === 'redemptions' && event.via === 'script' && isEarly(events, event)
      ? `${sort} beside its answer`
      : sort;
  }
  if (event.type === 'complete' && event.outcome === 'fail' && mayBeRefused(events, event))
    return 'complete fail that may be';
  if (event.type === 'complete') return `complete ${event.outcome}${event.by === 'proxy' ? ' proxy' : ''}`;
  if (event.type === 'invoke') {
    if (isRefusedOnce(events, event)) return 'invoke refused at once';
    return event.key === undefined ? 'invoke without a key' : 'invoke';
  }
  if (event.type === 'credit' && event.asked === true) return 'credit asked';
  if (event.type === 'credit') return event.made === true ? 'credit made' : 'credit';
  if (event.type === 'arrival') {
    if (event.answer === undefined) return 'arrival unanswered';
    if (isHeard(events, event)) return 'arrival';
    return event.answer < 300 ? 'arrival unheard' : 'arrival unheard refused';
  }
  return event.type;
}

/** A writing or an envelope that an endpoint may refuse in its own words. */
function mayBeRefused(events: readonly HistoryEvent[], { attempt }: CompleteEvent): boolean {
  return events.some(
    (event) => event.type === 'invoke' && event.attempt === attempt && event.mayRefuse === true,
  );
}

/** Its last row had been named by no answer when it was asked for. */
function isEarly(events: readonly HistoryEvent[], { at, value }: ListRead): boolean {
  const last = value.at(-1)?.redemption;
  return !events.some(
    (event) =>
      ((event.type === 'complete' && event.outcome === 'ok' && event.at < at) ||
        (event.type === 'arrival' && (event.answer ?? 0) < 300 && (event.endedAt ?? Infinity) < at)) &&
      event.redemption === last,
  );
}

/** A client got the endpoint's answer to this request. */
function isHeard(events: readonly HistoryEvent[], { attempt }: ArrivalEvent): boolean {
  return events.some(
    (event) =>
      event.type === 'complete' &&
      event.attempt === attempt &&
      event.by === 'server' &&
      event.status !== undefined,
  );
}

/** The intent's only request, and it was refused. */
function isRefusedOnce(events: readonly HistoryEvent[], { intent, attempt }: InvokeEvent): boolean {
  return (
    events.every(
      (other) => other.type !== 'invoke' || other.intent !== intent || other.attempt === attempt,
    ) &&
    events.some((other) => other.type === 'complete' && other.attempt === attempt && other.outcome === 'fail')
  );
}

/** The history with its event at `index` changed, and what its end counts put right. */
export function mutated(
  events: readonly HistoryEvent[],
  index: number,
  mutation: Mutation,
): HistoryEvent[] | undefined {
  const event = events[index];
  const instead = event && mutation.by(event);
  return instead && mended([...events.slice(0, index), ...instead, ...events.slice(index + 1)]);
}

/** Puts right what the end says of the lines before it. */
function mended(events: readonly HistoryEvent[]): HistoryEvent[] {
  const counts: Record<string, number> = {};
  for (const { type } of events) if (type !== 'end') counts[type] = (counts[type] ?? 0) + 1;
  return events.map((event) => {
    if (event.type !== 'end') return event;
    const told = Object.keys(event.counts).filter((name) => name in counts || TYPES.has(name));
    return {
      ...event,
      counts: { ...event.counts, ...Object.fromEntries(told.map((name) => [name, counts[name] ?? 0])) },
    };
  });
}

const TYPES: ReadonlySet<string> = new Set([
  'run',
  'invoke',
  'complete',
  'arrival',
  'fault',
  'clock',
  'credit',
  'observe',
  'retire',
  'audited',
]);

export const MUTATIONS: readonly Mutation[] = [
  ofAnswer('outcome', (event) => ({ ...event, outcome: event.outcome === 'ok' ? 'fail' : 'ok' })),
  ofAnswer('status', (event) => ({ ...event, status: event.outcome === 'ok' ? 422 : 200 })),
  ofAnswer('outcome and status', (event) =>
    event.outcome === 'ok'
      ? { ...event, outcome: 'fail', status: 422, code: 'insufficient_points' }
      : { ...event, outcome: 'ok', status: 200, redemption: 'red_mutated' },
  ),
  ofAnswer('code', (event) => (event.code === undefined ? undefined : { ...event, code: 'mutated_code' })),
  ofAnswer('redemption', (event) =>
    event.redemption === undefined ? undefined : { ...event, redemption: 'red_mutated' },
  ),
  ofAnswer('customer', (event) =>
    event.customer === undefined ? undefined : { ...event, customer: 'cust_mutated' },
  ),
  ofAnswer('balance', (event) =>
    event.balance === undefined ? undefined : { ...event, balance: event.balance + 1 },
  ),
  {
    name: 'answered before sent',
    by: (event) => (event.type === 'complete' ? [{ ...event, at: event.at - 86_400_000 }] : undefined),
  },
  ofRequest('key', (event) => (event.key === undefined ? undefined : { ...event, key: 'key-mutated' })),
  ofRequest('customer', (event) => hashed({ ...event, customer: 'cust_mutated' })),
  ofRequest('points', (event) => hashed({ ...event, points: event.points + 1 })),
  ofRequest('reward', (event) => hashed({ ...event, reward: 'reward_mutated' })),
  ofArrival('key', (event) => (event.key === undefined ? undefined : { ...event, key: 'key-mutated' })),
  ofArrival('status', (event) =>
    event.answer === undefined ? undefined : { ...event, answer: event.answer < 300 ? 422 : 200 },
  ),
  ofArrival('redemption', (event) =>
    event.redemption === undefined ? undefined : { ...event, redemption: 'red_mutated' },
  ),
  {
    name: 'balance',
    by: (event) =>
      event.type === 'observe' && event.what === 'balance'
        ? [{ ...event, value: event.value + 1 }]
        : undefined,
  },
  {
    name: 'customer',
    by: (event) =>
      event.type === 'observe' || event.type === 'credit'
        ? [{ ...event, customer: 'cust_mutated' }]
        : undefined,
  },
  {
    name: 'points',
    by: (event) => (event.type === 'credit' ? [{ ...event, points: event.points + 1 }] : undefined),
  },
  ...ofReads(),
  { name: 'dropped', by: (event) => (event.type === 'run' ? undefined : []) },
  { name: 'doubled', by: (event) => (event.type === 'run' ? undefined : [event, event]) },
];

function ofAnswer(name: string, change: (event: CompleteEvent) => CompleteEvent | undefined): Mutation {
  return { name, by: (event) => wrapped(event.type === 'complete' ? change(event) : undefined) };
}

function ofRequest(name: string, change: (event: InvokeEvent) => InvokeEvent | undefined): Mutation {
  return { name, by: (event) => wrapped(event.type === 'invoke' ? change(event) : undefined) };
}

function ofArrival(name: string, change: (event: ArrivalEvent) => ArrivalEvent | undefined): Mutation {
  return { name, by: (event) => wrapped(event.type === 'arrival' ? change(event) : undefined) };
}

function wrapped(event: HistoryEvent | undefined): readonly HistoryEvent[] | undefined {
  return event && [event];
}

/** A payload with another member has another hash. */
function hashed(event: InvokeEvent): InvokeEvent {
  const { customer, reward, points, redemptionType: type, clientRedemptionId } = event;
  const payload = {
    customer,
    reward,
    points,
    ...(type !== undefined && { type }),
    ...(clientRedemptionId !== undefined && { clientRedemptionId }),
  };
  return { ...event, payloadHash: payloadHash(payload) };
}

/** The last entry of what was read: gone, twice, or another. */
function ofReads(): Mutation[] {
  const changes = [
    ['an entry dropped', () => []],
    ['an entry doubled', (entry: object) => [entry, entry]],
    [
      'redemption of an entry',
      (entry: object) => renamed(entry, ['redemption', 'redemption_id'], 'red_mutated'),
    ],
    ['reward of an entry', (entry: object) => renamed(entry, ['reward'], 'reward_mutated')],
    ['key of an entry', (entry: object) => renamed(entry, ['idempotency_key'], 'key-mutated')],
    [
      'points of an entry',
      (entry: object) =>
        'points' in entry && typeof entry.points === 'number'
          ? [{ ...entry, points: entry.points + 1 }]
          : undefined,
    ],
  ] as const;
  return changes.map(([name, change]) => ({
    name,
    by: (event) => {
      if (event.type !== 'observe' || event.what === 'balance') return undefined;
      const last: object | undefined = event.value.at(-1);
      const instead = last && change(last);
      // What kind of entries these are is the event's own matter: a change keeps the kind.
      return instead && [{ ...event, value: [...event.value.slice(0, -1), ...instead] } as HistoryEvent];
    },
  }));
}

function renamed(entry: object, names: readonly string[], value: string): readonly object[] | undefined {
  const name = names.find((each) => each in entry);
  return name === undefined ? undefined : [{ ...entry, [name]: value }];
}
