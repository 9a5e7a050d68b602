/** Verdicts with their histories, drawn by hand: a valid run, one with a double debit by a crash, one that is unknown. */

import { PROFILES, wholeContract } from '../../harness/model/contract.ts';
import { uniform, uuidFrom } from '../../harness/model/decide.ts';
import type {
  ArrivalEvent,
  CompleteEvent,
  FaultEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
  RunEvent,
} from '../../harness/history/events.ts';
import { ALL_CAPABILITIES } from '../../harness/history/events.ts';
import type { LedgerDebit } from '../../harness/model/protocol.ts';
import type { Verdict } from '../../harness/model/verdict.ts';

/** 2026-01-31 12:00:00 UTC. */
export const T0 = Date.UTC(2026, 0, 31, 12);

export interface Sample {
  readonly verdict: Verdict;
  readonly history: readonly HistoryEvent[];
}

export function runEvent(over: Partial<RunEvent> = {}): RunEvent {
  return {
    type: 'run',
    schema: 1,
    runId: 'a1b2c3d4',
    seed: '7',
    scenario: 'retry-storm',
    engine: 'embedded',
    proxy: 'embedded',
    store: 'memory (2 replicas in one process)',
    contract: PROFILES.seed,
    target: 'http://127.0.0.1:3000',
    capabilities: { ...ALL_CAPABILITIES, processes: false, store: false },
    startedAt: T0,
    faults: { profile: 'light', kinds: ['edge', 'server'] },
    client: 'seed',
    ...over,
  };
}

export function invoke(attempt: string, atMs: number, over: Partial<InvokeEvent> = {}): InvokeEvent {
  const intent = attempt.slice(0, attempt.lastIndexOf('.'));
  return {
    type: 'invoke',
    at: T0 + atMs,
    attempt,
    intent,
    key: uuidFrom('key', intent),
    customer: `cust_${intent}`,
    reward: 'reward_67890',
    points: 500,
    redemptionType: 'discount',
    clientRedemptionId: `cri_${intent}`,
    payloadHash: 'c0ffee00',
    via: 'script',
    ...over,
  };
}

export function complete(attempt: string, atMs: number, over: Partial<CompleteEvent> = {}): CompleteEvent {
  return { type: 'complete', at: T0 + atMs, attempt, outcome: 'ok', status: 200, by: 'server', ...over };
}

/** A completion without an answer. */
export function unanswered(attempt: string, atMs: number, error: string): CompleteEvent {
  return { type: 'complete', at: T0 + atMs, attempt, outcome: 'info', by: 'server', error };
}

export function arrival(
  attempt: string,
  atMs: number,
  endMs: number,
  over: Partial<ArrivalEvent> = {},
): ArrivalEvent {
  const intent = attempt.slice(0, attempt.lastIndexOf('.'));
  return {
    type: 'arrival',
    at: T0 + atMs,
    hop: 'hop',
    attempt,
    key: uuidFrom('key', intent),
    copy: 0,
    upstream: 'replica-1',
    endedAt: T0 + endMs,
    ...over,
  };
}

export function fault(
  id: string,
  phase: 'start' | 'end',
  atMs: number,
  over: Partial<FaultEvent> = {},
): FaultEvent {
  return {
    type: 'fault',
    at: T0 + atMs,
    phase,
    id,
    name: 'latency',
    kind: 'edge',
    target: 'replica-1',
    ...over,
  };
}

export function balance(
  customer: string,
  atMs: number,
  value: number,
  via: 'script' | 'audit' = 'audit',
): ObserveEvent {
  return { type: 'observe', at: T0 + atMs, until: T0 + atMs + 2, customer, via, what: 'balance', value };
}

export function ledger(customer: string, atMs: number, value: readonly LedgerDebit[]): ObserveEvent {
  return {
    type: 'observe',
    at: T0 + atMs,
    until: T0 + atMs + 2,
    customer,
    via: 'audit',
    what: 'ledger',
    value,
  };
}

export function debit(redemption: string, intent: string, atMs: number, points = 500): LedgerDebit {
  return {
    redemption_id: redemption,
    points,
    at_ms: T0 + atMs,
    idempotency_key: uuidFrom('key', intent),
    client_redemption_id: `cri_${intent}`,
  };
}

/** A crash between debit and reply, and a server that debits again for the retry. The second attempt's answer is lost too. */
export function crashStory(intent: string, fromMs: number): HistoryEvent[] {
  const at = (ms: number) => fromMs + ms;
  const customer = `cust_${intent}`;
  const crash = {
    name: 'crash',
    kind: 'server',
    target: 'replica-1',
    detail: { replica: 1, point: 'after-debit', customer, key: uuidFrom('key', intent) },
  } as const;
  return [
    balance(customer, at(-6), 2000, 'script'),
    invoke(`${intent}.1`, at(0)),
    fault(`crash-${intent}`, 'start', at(9.4), crash),
    arrival(`${intent}.1`, at(1.2), at(9.9)),
    unanswered(`${intent}.1`, at(10.6), 'ECONNRESET: socket hang up'),
    invoke(`${intent}.2`, at(31)),
    fault(`crash-${intent}`, 'end', at(159), crash),
    arrival(`${intent}.2`, at(32.1), at(40.3), {
      upstream: 'replica-2',
      answer: 200,
      redemption: 'red_7f31b2',
      faults: ['http_lose_answer'],
    }),
    unanswered(`${intent}.2`, at(1031), 'time-out after 1000 ms'),
    invoke(`${intent}.3`, at(1071)),
    arrival(`${intent}.3`, at(1072), at(1075.5), {
      upstream: 'replica-2',
      answer: 200,
      redemption: 'red_7f31b2',
      replayed: true,
    }),
    arrival(`${intent}.3`, at(1072.3), at(1078), {
      copy: 1,
      upstream: 'replica-2',
      answer: 200,
      redemption: 'red_7f31b2',
      replayed: true,
      faults: ['http_duplicate'],
    }),
    complete(`${intent}.3`, at(1076.4), {
      redemption: 'red_7f31b2',
      customer,
      balance: 1000,
      replayed: true,
      bodyHash: 'ab12',
    }),
    balance(customer, at(1300), 1000),
    ledger(customer, at(1305), [debit('red_0c55e1', intent, at(8.8)), debit('red_7f31b2', intent, at(36.2))]),
  ];
}

/** A double click: two attempts of one intent together, under one key, both executed. */
export function doubleClickStory(intent: string, fromMs: number): HistoryEvent[] {
  const at = (ms: number) => fromMs + ms;
  const customer = `cust_${intent}`;
  return [
    balance(customer, at(-6), 1500, 'script'),
    invoke(`${intent}.1`, at(0)),
    invoke(`${intent}.2`, at(0)),
    arrival(`${intent}.1`, at(0.9), at(8.2), { answer: 200, redemption: 'red_aa01' }),
    arrival(`${intent}.2`, at(0.9), at(8.9), { upstream: 'replica-2', answer: 200, redemption: 'red_aa02' }),
    complete(`${intent}.1`, at(8.8), { redemption: 'red_aa01', customer, balance: 1000 }),
    complete(`${intent}.2`, at(9.5), { redemption: 'red_aa02', customer, balance: 500 }),
    balance(customer, at(20), 500),
    ledger(customer, at(22), [debit('red_aa01', intent, at(5.1)), debit('red_aa02', intent, at(5.8))]),
  ];
}

/** An honest intent of `tries` attempts, the last of which is answered. */
export function goodStory(intent: string, fromMs: number, tries = 1): HistoryEvent[] {
  const customer = `cust_${intent}`;
  const redemption = `red_${intent}`;
  const events: HistoryEvent[] = [balance(customer, fromMs - 3, 1000, 'script')];
  let at = fromMs;
  const spent = 4 + 30 * uniform('spent', intent) ** 3;
  for (let number = 1; number <= tries; number++) {
    const attempt = `${intent}.${number}`;
    const isLast = number === tries;
    const replayed = number > 1;
    events.push(
      invoke(attempt, at),
      arrival(attempt, at + 1, at + spent, {
        answer: 200,
        redemption,
        replayed,
        ...(isLast ? {} : { faults: ['http_lose_answer'] }),
      }),
      isLast
        ? complete(attempt, at + spent + 1, { redemption, customer, balance: 500, replayed })
        : unanswered(attempt, at + 250, 'time-out after 250 ms'),
    );
    at += 270;
  }
  events.push(
    balance(customer, at + 40, 500),
    ledger(customer, at + 42, [debit(redemption, intent, fromMs + spent / 2)]),
  );
  return events;
}

/** Load with faults over some seconds; customers' stories overlap. */
export function load(count: number, durationMs: number): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (let index = 0; index < count; index++) {
    const tries = uniform('tries', index) < 0.15 ? 2 : 1;
    events.push(...goodStory(`rs-${index}-1`, 20 + (index * durationMs) / count, tries));
  }
  const windows = [
    ['lose-answer', 'edge', 'hop', 0.05, 0.3],
    ['latency', 'edge', 'replica-1', 0.4, 0.55],
    ['crash', 'server', 'replica-2', 0.6, 0.62],
    ['timeout', 'store-path', 'store-1', 0.7, 0.8],
  ] as const;
  for (const [name, kind, target, from, to] of windows) {
    events.push(fault(name, 'start', from * durationMs, { name, kind, target }));
    events.push(fault(name, 'end', to * durationMs, { name, kind, target }));
  }
  return events;
}

/** In order of time, between `run` and `end`. */
export function historyOf(
  events: readonly HistoryEvent[],
  over: Partial<RunEvent> = {},
  reason = 'finished',
): HistoryEvent[] {
  const sorted = events.toSorted((a, b) => timeOf(a) - timeOf(b));
  const endAt = Math.max(T0, ...sorted.map(timeOf)) + 1;
  return [runEvent(over), ...sorted, { type: 'end', at: endAt, reason, counts: {} }];
}

function timeOf(event: HistoryEvent): number {
  return event.type === 'run'
    ? event.startedAt
    : event.type === 'arrival'
      ? (event.endedAt ?? event.at)
      : event.at;
}

export function verdictOf(over: Partial<Verdict> = {}): Verdict {
  const { runId, seed, scenario, engine, proxy, store, contract, target } = runEvent();
  return {
    schema: 1,
    verdict: 'valid',
    reasons: [],
    violations: [],
    violationCount: 0,
    coverage: [
      { name: 'intent-completed', count: 400, required: true },
      { name: 'retried', count: 61, required: true },
      { name: 'replayed-answer', count: 58, required: true },
      { name: 'answer-lost-after-debit', count: 60, required: true },
      { name: 'crash-between-debit-and-reply', count: 3, required: true },
      { name: 'hidden-resend', count: 0, required: false },
      { name: 'overlap', count: 12, required: false },
    ],
    counts: {
      intents: 400,
      attempts: 461,
      ok: 400,
      fail: 0,
      info: 61,
      arrivals: 473,
      debits: 400,
      retries: 61,
      hiddenResends: 0,
    },
    latency: { p50: 9.6, p90: 27.4, p99: 248, max: 612.5 },
    unjudged: [{ rule: 'expiry', why: 'the scenario never moves the clock' }],
    run: {
      runId,
      seed,
      scenario,
      engine,
      proxy,
      store,
      contract: wholeContract(contract),
      durationMs: 6480,
      faults: 'light',
      client: 'seed',
      target,
    },
    ...over,
  };
}

export function validSample(): Sample {
  return { verdict: verdictOf(), history: historyOf(load(400, 6000)) };
}

export function invalidSample(): Sample {
  const crashed = 'rs-17-2';
  const clicked = 'dc-4-1';
  const verdict = verdictOf({
    verdict: 'invalid',
    violations: [
      {
        rule: 'double-debit',
        summary:
          'one redemption was debited twice: the crash fell between debit and reply, and the retry debited again',
        intent: crashed,
        customer: `cust_${crashed}`,
        key: uuidFrom('key', crashed),
        attempts: [`${crashed}.1`, `${crashed}.2`, `${crashed}.3`],
        expected: 'at most 1 debit',
        found: '2 debits (red_0c55e1, red_7f31b2)',
        at: T0 + 3000,
      },
      {
        rule: 'same-answer',
        summary: 'two 200s of one key name two redemptions',
        intent: clicked,
        customer: `cust_${clicked}`,
        key: uuidFrom('key', clicked),
        attempts: [`${clicked}.1`, `${clicked}.2`],
        expected: 'the redemption red_aa01 in every 200 of this key',
        found: 'red_aa02',
        at: T0 + 4100,
      },
    ],
    violationCount: 2,
    counts: { intents: 402, attempts: 466, ok: 403, fail: 0, info: 63, arrivals: 479, debits: 404 },
    run: { ...verdictOf().run, defect: 'debit-before-record' },
  });
  const events = [...load(400, 6000), ...crashStory(crashed, 3000), ...doubleClickStory(clicked, 4100)];
  return { verdict, history: historyOf(events, { defect: 'debit-before-record' }) };
}

export function unknownSample(): Sample {
  const advice = 'raise --intents, or use --faults heavy';
  const base = verdictOf();
  const verdict = verdictOf({
    verdict: 'unknown',
    reasons: ['the required moment crash-between-debit-and-reply was never met'],
    coverage: base.coverage.map((one) =>
      one.name === 'crash-between-debit-and-reply' ? { ...one, count: 0, advice } : one,
    ),
    unjudged: [...base.unjudged, { rule: 'stale-read', why: 'the target has no list of redemptions' }],
  });
  return { verdict, history: historyOf(load(40, 2000), {}, 'interrupted') };
}
