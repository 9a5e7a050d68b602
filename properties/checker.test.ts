/** Laws of the checker: a valid history, changed in one way, and the verdict that the change must give. */

import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type {
  AuditedEvent,
  CompleteEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
} from '../harness/history/events.ts';
import type { Rule, VerdictWord } from '../harness/model/verdict.ts';
import { drawHistory, judged, rulesOf } from '../test/support/history-builder.ts';
import { prop } from './support/prop.ts';

/** How one customer's intent went: whose answer was lost, how often it was sent, how it ended. */
interface Life {
  readonly lost: number;
  readonly replays: number;
  readonly isRefused: boolean;
  readonly isTogether: boolean;
  readonly hasArrivals: boolean;
}

const life: fc.Arbitrary<Life> = fc.record({
  lost: fc.nat(2),
  replays: fc.nat(2),
  isRefused: fc.boolean(),
  isTogether: fc.boolean(),
  hasArrivals: fc.boolean(),
});

/** Customers with the lives of their intents; the first intent of the first customer is always done. */
const lives: fc.Arbitrary<Life[][]> = fc.array(fc.array(life, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
});

/** A valid history. Customers come one after the other; all that a customer did is read back. */
function draw(customers: readonly (readonly Life[])[]): HistoryEvent[] {
  const history = drawHistory({ capabilities: { arrivals: true } });
  for (const [index, intents] of customers.entries()) {
    const customer = history.customer(`cust-${index}`, { points: 10_000 });
    const done: { intent: ReturnType<typeof customer.intent>; redemption: string }[] = [];
    for (const [number, each] of intents.entries()) {
      const intent = customer.intent(`i-${index}-${number}`, { points: 100 + number });
      if (each.isRefused && index + number > 0) {
        intent.refused(404, 'reward_not_found');
        continue;
      }
      const redemption = `rdm-${index}-${number}`;
      for (let sent = 0; sent < each.lost; sent++) intent.lost();
      const first = intent.send();
      if (each.hasArrivals) first.arrives({ answer: 200, redemption });
      if (each.isTogether) intent.send().refused(409, 'redemption_in_progress');
      first.ok(redemption, { replayed: each.lost > 0 });
      for (let sent = 0; sent < each.replays; sent++) intent.ok(redemption, { replayed: true });
      done.push({ intent, redemption });
    }
    customer.auditWith(done);
  }
  return history.events();
}

type Mutation = (events: HistoryEvent[]) => HistoryEvent[];

/** Replaces the first event that fits. */
function change<Event extends HistoryEvent>(
  events: readonly HistoryEvent[],
  fits: (event: HistoryEvent) => event is Event,
  by: (event: Event) => HistoryEvent[],
): HistoryEvent[] {
  const index = events.findIndex((event) => fits(event));
  const event = events[index];
  if (event === undefined || !fits(event)) throw new Error('nothing to change');
  return [...events.slice(0, index), ...by(event), ...events.slice(index + 1)];
}

type Ledger = Extract<ObserveEvent, { what: 'ledger' }>;
type List = Extract<ObserveEvent, { what: 'redemptions' }>;
type Balance = Extract<ObserveEvent, { what: 'balance' }>;

const isLedger = (event: HistoryEvent): event is Ledger =>
  event.type === 'observe' && event.what === 'ledger' && event.value.length > 0;
const isAuditList = (event: HistoryEvent): event is List =>
  event.type === 'observe' && event.what === 'redemptions' && event.via === 'audit' && event.value.length > 0;
const isAuditBalance = (event: HistoryEvent): event is Balance =>
  event.type === 'observe' && event.what === 'balance' && event.via === 'audit';
const isOk = (event: HistoryEvent): event is CompleteEvent =>
  event.type === 'complete' && event.outcome === 'ok';

interface Law {
  readonly name: string;
  readonly mutate: Mutation;
  readonly verdict: VerdictWord;
  /** One of these must be among the violated rules. */
  readonly rules?: readonly Rule[];
}

const LAWS: readonly Law[] = [
  { name: 'unchanged', mutate: (events) => events, verdict: 'valid' },
  {
    name: 'a debit duplicated',
    mutate: (events) =>
      change(events, isLedger, (read) => [{ ...read, value: [...read.value, ...read.value.slice(0, 1)] }]),
    verdict: 'invalid',
    rules: ['double-debit'],
  },
  {
    name: 'a debit under another redemption added',
    mutate: (events) =>
      change(events, isLedger, (read) => [
        {
          ...read,
          value: [
            ...read.value,
            ...read.value.slice(0, 1).map((debit) => ({ ...debit, redemption_id: 'rdm-new' })),
          ],
        },
      ]),
    verdict: 'invalid',
    rules: ['double-debit'],
  },
  {
    name: 'a debit dropped',
    mutate: (events) => change(events, isLedger, (read) => [{ ...read, value: read.value.slice(1) }]),
    verdict: 'invalid',
    rules: ['lost-debit'],
  },
  {
    name: 'a redemption dropped',
    mutate: (events) => change(events, isAuditList, (read) => [{ ...read, value: read.value.slice(1) }]),
    verdict: 'invalid',
    rules: ['lost-debit'],
  },
  {
    name: 'a point gone',
    mutate: (events) => change(events, isAuditBalance, (read) => [{ ...read, value: read.value - 1 }]),
    verdict: 'invalid',
    rules: ['conservation'],
  },
  {
    name: 'a point too many',
    mutate: (events) => change(events, isAuditBalance, (read) => [{ ...read, value: read.value + 1 }]),
    verdict: 'invalid',
    rules: ['conservation'],
  },
  {
    name: 'a balance below 0',
    mutate: (events) => change(events, isAuditBalance, (read) => [{ ...read, value: -1 }]),
    verdict: 'invalid',
    rules: ['overdraft'],
  },
  {
    name: 'an answer swapped for one that names another redemption',
    mutate: (events) => change(events, isOk, (ok) => [{ ...ok, redemption: 'rdm-other' }]),
    verdict: 'invalid',
    rules: ['lost-debit'],
  },
  {
    name: 'an answer swapped for another customer’s',
    mutate: (events) => change(events, isOk, (ok) => [{ ...ok, customer: 'somebody' }]),
    verdict: 'invalid',
    rules: ['key-scope'],
  },
  {
    name: 'a 200 made a 500',
    mutate: (events) =>
      change(events, isOk, (ok) => [
        { type: 'complete', at: ok.at, attempt: ok.attempt, outcome: 'info', status: 500, by: 'server' },
      ]),
    verdict: 'invalid',
    rules: ['unexpected-status'],
  },
  {
    name: 'a 200 made a refusal that means "no effect"',
    mutate: (events) =>
      events.map((event) =>
        event.type === 'complete'
          ? {
              type: 'complete',
              at: event.at,
              attempt: event.attempt,
              outcome: 'fail',
              status: 422,
              code: 'insufficient_points',
              by: 'server',
            }
          : event,
      ),
    verdict: 'invalid',
    rules: ['refused-but-done'],
  },
  {
    name: 'an audit dropped',
    mutate: (events) =>
      change(
        events,
        (event): event is AuditedEvent => event.type === 'audited',
        () => [],
      ),
    verdict: 'unknown',
  },
  { name: 'the end dropped', mutate: (events) => events.slice(0, -1), verdict: 'unknown' },
  { name: 'the run dropped', mutate: (events) => events.slice(1), verdict: 'unknown' },
  {
    name: 'the ledger of a customer not read',
    mutate: (events) => change(events, isLedger, () => []),
    verdict: 'unknown',
  },
  {
    name: 'an invoke dropped',
    mutate: (events) =>
      change(
        events,
        (event): event is InvokeEvent => event.type === 'invoke' && event.attempt.endsWith('-0.1'),
        () => [],
      ),
    verdict: 'unknown',
  },
  {
    name: 'a completion twice',
    mutate: (events) => change(events, isOk, (ok) => [ok, ok]),
    verdict: 'unknown',
  },
  {
    name: 'an operation that ended before it started',
    mutate: (events) => change(events, isOk, (ok) => [{ ...ok, at: ok.at - 1_000_000 }]),
    verdict: 'unknown',
  },
  {
    name: 'members that nobody knows',
    mutate: (events) => events.map((event) => ({ ...event, tomorrow: true })),
    verdict: 'valid',
  },
  {
    name: 'retire events',
    mutate: (events) =>
      events.flatMap((event): HistoryEvent[] =>
        event.type === 'audited'
          ? [{ type: 'retire', at: event.at, customer: event.customer } as const, event]
          : [event],
      ),
    verdict: 'valid',
  },
  {
    name: 'an arrival of a stranger',
    mutate: (events) => [
      ...events.slice(0, 1),
      { type: 'arrival', at: 1, hop: 'h', attempt: 'nobody.1', copy: 0 },
      ...events.slice(1),
    ],
    verdict: 'valid',
  },
];

describe('a valid history, changed', () => {
  for (const law of LAWS)
    prop(
      `${law.name}: ${law.verdict}`,
      [lives],
      (customers) => {
        const verdict = judged(law.mutate(draw(customers)));
        const shown = JSON.stringify({
          verdict: verdict.verdict,
          rules: rulesOf(verdict),
          reasons: verdict.reasons,
        });
        if (law.verdict === 'unknown') {
          // What is missing may also show as a violation; it must never pass.
          expect(verdict.verdict, shown).not.toBe('valid');
          expect(verdict.reasons.length, shown).toBeGreaterThan(0);
        } else expect(verdict.verdict, shown).toBe(law.verdict);
        if (law.rules)
          expect(
            rulesOf(verdict).some((rule) => law.rules?.includes(rule as Rule)),
            shown,
          ).toBe(true);
      },
      { runs: 40 },
    );
});

describe('order', () => {
  prop(
    'a completion that was never written is info: whatever is left, nothing becomes a violation',
    [lives, fc.nat()],
    (customers, seed) => {
      const events = draw(customers);
      const completes = events.filter(({ type }) => type === 'complete');
      const dropped = completes[seed % completes.length];
      const verdict = judged(events.filter((event) => event !== dropped));
      expect(rulesOf(verdict)).toEqual([]);
    },
  );

  prop(
    'lines of one tick may stand in any order',
    [lives, fc.infiniteStream(fc.nat(1000))],
    (customers, stream) => {
      // Everything that a customer does falls into ticks of 4 ms.
      const events = draw(customers).map((event) => coarse(event, 4));
      const shuffled = shuffleTicks(events, stream);
      expect(judged(shuffled)).toEqual(judged(events));
      expect(judged(shuffled).violations).toEqual([]);
    },
  );

  prop(
    'two customers’ lines may be interleaved in any way',
    [lives, fc.infiniteStream(fc.nat(1000))],
    (customers, stream) => {
      const events = draw(customers);
      const verdict = judged(events);
      expect(judged(interleave(events, stream))).toEqual({ ...verdict, run: expect.anything() as unknown });
    },
  );
});

function coarse(event: HistoryEvent, tickMs: number): HistoryEvent {
  const down = (at: number) => Math.floor(at / tickMs) * tickMs;
  if (event.type === 'run') return event;
  if (event.type === 'observe') return { ...event, at: down(event.at), until: down(event.until) };
  if (event.type === 'arrival')
    return { ...event, at: down(event.at), endedAt: down(event.endedAt ?? event.at) };
  return { ...event, at: down(event.at) };
}

function timeOf(event: HistoryEvent): number {
  if (event.type === 'run') return -Infinity;
  return event.type === 'observe' ? event.until : event.at;
}

/** Events of one tick in a drawn order; the audit of a customer stays behind its reads, the end stays last. */
function shuffleTicks(events: readonly HistoryEvent[], stream: Iterable<number>): HistoryEvent[] {
  const random = stream[Symbol.iterator]();
  const keyed = events.map((event) => ({
    event,
    tick: event.type === 'end' ? Infinity : timeOf(event) + (event.type === 'audited' ? 0.5 : 0),
    order: Number(random.next().value),
  }));
  return keyed.sort((one, two) => one.tick - two.tick || one.order - two.order).map(({ event }) => event);
}

/** All customers at once: each one's lines in their order, whose turn it is drawn. */
function interleave(events: readonly HistoryEvent[], stream: Iterable<number>): HistoryEvent[] {
  const random = stream[Symbol.iterator]();
  const [run] = events;
  const end = events.at(-1);
  const customerOf = new Map<string, string>();
  for (const event of events) if (event.type === 'invoke') customerOf.set(event.attempt, event.customer);
  const queues = new Map<string, HistoryEvent[]>();
  for (const event of events.slice(1, -1)) {
    const name =
      'customer' in event && event.type !== 'complete'
        ? event.customer
        : customerOf.get('attempt' in event ? (event.attempt ?? '') : '');
    queues.set(String(name), [...(queues.get(String(name)) ?? []), event]);
  }
  const mixed: HistoryEvent[] = [];
  let left = [...queues.values()];
  while (left.length > 0) {
    const queue = left[Number(random.next().value) % left.length];
    const event = queue?.shift();
    if (event) mixed.push(event);
    left = left.filter((each) => each.length > 0);
  }
  return [...(run ? [run] : []), ...mixed, ...(end ? [end] : [])];
}
