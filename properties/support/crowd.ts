/**
 * Histories of many customers at once: recorded ones side by side, each under names of its own, some of them with keys of
 * another; then changed in all the ways in which lines can be wrong, late, twice, or in another order.
 */

import fc from 'fast-check';
import type { HistoryEvent, RunEvent } from '../../harness/history/events.ts';
import { mutated, MUTATIONS } from './mutations.ts';

export interface Crowd {
  /** Which recorded history each copy is of. */
  readonly copies: readonly {
    readonly of: number;
    readonly startMs: number;
    readonly sharesKeys: boolean;
  }[];
  readonly changes: readonly { readonly change: number; readonly at: number; readonly by: number }[];
  readonly keyScope: 'customer' | 'global';
  readonly clockScope: 'customer' | 'common';
  readonly hasPointers: boolean;
  readonly isService: boolean;
}

export const crowds: fc.Arbitrary<Crowd> = fc.record({
  copies: fc.array(fc.record({ of: fc.nat(), startMs: fc.nat(400), sharesKeys: fc.boolean() }), {
    minLength: 2,
    maxLength: 12,
  }),
  changes: fc.array(fc.record({ change: fc.nat(), at: fc.nat(), by: fc.nat(400) }), { maxLength: 6 }),
  keyScope: fc.constantFrom('customer', 'global'),
  clockScope: fc.constantFrom('customer', 'common'),
  hasPointers: fc.boolean(),
  isService: fc.boolean(),
});

/** The crowd's events, with a run at the begin and an end. `recorded`: whole histories. */
export function eventsOf(crowd: Crowd, recorded: readonly (readonly HistoryEvent[])[]): HistoryEvent[] {
  const run = runOf(crowd, recorded);
  const lines = crowd.copies.flatMap(({ of, startMs, sharesKeys }, copy) =>
    (recorded[of % recorded.length] ?? []).flatMap((event) =>
      event.type === 'run' || event.type === 'end' ? [] : [renamed(event, copy, startMs, sharesKeys)],
    ),
  );
  let events = lines.toSorted((one, two) => one.at - two.at) as HistoryEvent[];
  for (const { change, at, by } of crowd.changes) {
    const make = CHANGES[change % CHANGES.length];
    if (events.length > 0 && make) events = make(events, at % events.length, by) ?? events;
  }
  const last = events.reduce((latest, event) => ('at' in event ? Math.max(latest, event.at) : latest), 0);
  return [run, ...events, { type: 'end', at: last + 1, reason: 'finished', counts: { invoke: 3 } }];
}

function runOf(crowd: Crowd, recorded: readonly (readonly HistoryEvent[])[]): RunEvent {
  const run = recorded[0]?.[0];
  if (run?.type !== 'run') throw new Error('the first history has no run');
  const { keyScope, clockScope } = crowd;
  return {
    ...run,
    contract: { ...run.contract, keyScope, clockScope, expiredKey: 'new' },
    ...(crowd.hasPointers && {
      pointers: {
        'redemptions.clientRedemptionId': '/client',
        'answer.code': '/code',
        'answer.balance': '/left',
      },
    }),
    ...(crowd.isService && { service: 1 }),
  };
}

type Timed = Exclude<HistoryEvent, RunEvent>;

/** Every name with the copy's number behind it; the names that a script makes begin with it. */
function renamed(event: Timed, copy: number, startMs: number, sharesKeys: boolean): Timed {
  const name = (member: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    if (NAMES.has(member)) return `${value}~${copy}`;
    if (member === 'attempt') return value.replace(/(\.[^.]*)?$/, `~${copy}$1`);
    return KEYS.has(member) && !sharesKeys ? `${value}~${copy}` : value;
  };
  const moved = (member: string, value: unknown): unknown =>
    typeof value === 'number' && TIMES.has(member) ? value + startMs : value;
  return JSON.parse(
    JSON.stringify(event, (member, value: unknown) => moved(member, name(member, value))),
  ) as Timed;
}

const NAMES = new Set([
  'customer',
  'intent',
  'id',
  'redemption',
  'redemption_id',
  'clientRedemptionId',
  'client_redemption_id',
  'actor',
]);
const KEYS = new Set(['key', 'idempotency_key']);
const TIMES = new Set(['at', 'until', 'endedAt']);

type Change = (events: readonly HistoryEvent[], index: number, by: number) => HistoryEvent[] | undefined;

const later = (event: HistoryEvent, by: number): HistoryEvent =>
  'at' in event
    ? { ...event, at: event.at + by, ...('until' in event && { until: event.until + by }) }
    : event;

/** Each makes another history of one, or leaves it. */
const CHANGES: readonly Change[] = [
  ...MUTATIONS.map(
    (mutation): Change =>
      (events, index) =>
        mutated(events, index, mutation),
  ),
  // Another order than that of time.
  (events, index, by) => {
    const event = events[index];
    const rest = events.toSpliced(index, 1);
    return event && rest.toSpliced((index + by) % (rest.length + 1), 0, event);
  },
  // The same once more, later: a copy that comes when its customer has been judged, a second invoke, a reading again.
  (events, index, by) => {
    const event = events[index];
    return event && events.toSpliced(events.length, 0, later(event, 300 + by));
  },
  // All that was read of a customer, read once more at the end.
  (events, index) => {
    const event = events[index];
    const customer = event && 'customer' in event ? event.customer : undefined;
    const last = events.at(-1);
    if (customer === undefined || last === undefined || !('at' in last)) return undefined;
    const read = events.filter(
      (one) =>
        (one.type === 'observe' || one.type === 'audited') && one.customer === customer && !isOfScript(one),
    );
    return [...events, ...read.map((one) => ('at' in one ? later(one, last.at + 250 - one.at) : one))];
  },
  // A key under which nothing was sent, where another would have to stand.
  (events, index) =>
    changed(events, index, (event) =>
      event.type === 'observe' && event.what === 'ledger'
        ? { ...event, value: event.value.map((debit) => ({ ...debit, idempotency_key: 'nobody' })) }
        : undefined,
    ),
  // Rewards that were handed out, and others than were asked for.
  (events, index, by) =>
    changed(events, index, (event) =>
      event.type === 'observe' && event.what === 'redemptions' && event.via === 'audit'
        ? {
            ...event,
            what: 'rewards',
            value: event.value.map(({ redemption }) => ({
              redemption,
              reward: by % 2 === 0 ? 'reward_67890' : 'another',
            })),
          }
        : undefined,
    ),
  // Letters beyond ASCII, and some that JSON escapes.
  (events, index, by) =>
    events.map((event) =>
      JSON.stringify(event).includes('~1')
        ? (JSON.parse(JSON.stringify(event).replaceAll('~1', by % 2 === 0 ? '~é' : '~\\"')) as HistoryEvent)
        : event,
    ),
];

function isOfScript(event: HistoryEvent): boolean {
  return event.type === 'observe' && event.via === 'script';
}

function changed(
  events: readonly HistoryEvent[],
  index: number,
  change: (event: HistoryEvent) => HistoryEvent | undefined,
): HistoryEvent[] | undefined {
  for (let at = index; at < events.length; at++) {
    const event = events[at];
    const other = event && change(event);
    if (other) return events.toSpliced(at, 1, other);
  }
  return undefined;
}
