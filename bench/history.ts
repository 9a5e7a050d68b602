/** A history of any length, made as it is read: nothing of it is kept. */

import { ALL_CAPABILITIES, type HistoryEvent } from '../harness/history/events.ts';
import { PROFILES } from '../harness/model/contract.ts';
import { uuidFrom } from '../harness/model/decide.ts';
import { payloadHash } from '../harness/model/redeem-request.ts';

/** Customers that are open at the same time. */
const OPEN = 50;

/** As a run writes it: a customer each, two intents, a lost answer, a replay, reads and an audit. */
export function* benchEvents(customers: number): Generator<HistoryEvent> {
  let now = 1_800_000_000_000;
  yield {
    type: 'run',
    schema: 1,
    runId: 'bench',
    seed: '1',
    scenario: 'bench',
    engine: 'embedded',
    proxy: 'embedded',
    store: 'memory',
    contract: PROFILES.seed,
    target: 'http://127.0.0.1:1',
    capabilities: { ...ALL_CAPABILITIES, processes: false, store: false },
    startedAt: now,
    faults: { profile: 'light', kinds: ['edge', 'server'] },
    client: 'seed',
  };
  const open: Generator<HistoryEvent>[] = [];
  let next = 0;
  // Customers take turns, one line each, as they do when many clients run together.
  while (open.length > 0 || next < customers) {
    while (open.length < OPEN && next < customers) open.push(customerLines(next++, () => (now += 0.05)));
    for (let index = open.length - 1; index >= 0; index--) {
      const line = open[index]?.next();
      if (line?.done === true) open.splice(index, 1);
      else if (line) yield line.value;
    }
  }
  yield { type: 'end', at: now, reason: 'finished', counts: {} };
}

function* customerLines(number: number, now: () => number): Generator<HistoryEvent> {
  const customer = `cust_bench_${number}`;
  const read = (what: 'balance', value: number, via: 'script' | 'audit' = 'script'): HistoryEvent => ({
    type: 'observe',
    at: now(),
    until: now(),
    customer,
    via,
    what,
    value,
  });
  const rows = [0, 1].map((intent) => ({
    redemption: uuidFrom('redemption', number, intent),
    clientRedemptionId: uuidFrom('client', number, intent),
    reward: 'reward_67890',
    points: 500,
    status: 'completed',
  }));
  const list = (count: number, via: 'script' | 'audit'): HistoryEvent => ({
    type: 'observe',
    at: now(),
    until: now(),
    customer,
    via,
    what: 'redemptions',
    value: rows.slice(0, count),
  });
  yield read('balance', 2000);
  yield list(0, 'script');
  for (const [index, row] of rows.entries()) yield* intentLines(number, index, row, customer, now);
  yield list(2, 'script');
  yield read('balance', 1000);
  yield { type: 'retire', at: now(), customer };
  yield {
    type: 'observe',
    at: now(),
    until: now(),
    customer,
    via: 'audit',
    what: 'ledger',
    value: rows.map(({ redemption, clientRedemptionId }, index) => ({
      redemption_id: redemption,
      points: 500,
      at_ms: Math.floor(now()),
      idempotency_key: uuidFrom('key', number, index),
      client_redemption_id: clientRedemptionId,
    })),
  };
  yield list(2, 'audit');
  yield read('balance', 1000, 'audit');
  yield { type: 'audited', at: now(), customer };
}

interface Row {
  readonly redemption: string;
  readonly clientRedemptionId: string;
}

/** An answer that is lost after the debit, and the replay that the retry gets. */
function* intentLines(
  number: number,
  index: number,
  { redemption, clientRedemptionId }: Row,
  customer: string,
  now: () => number,
): Generator<HistoryEvent> {
  const intent = `sk-rs-${number}-${index}`;
  const key = uuidFrom('key', number, index);
  const payload = { customer, reward: 'reward_67890', points: 500, clientRedemptionId };
  const invoke = (attempt: string): HistoryEvent => ({
    type: 'invoke',
    at: now(),
    attempt,
    intent,
    key,
    ...payload,
    payloadHash: payloadHash(payload),
    via: 'script',
  });
  const arrival = (attempt: string, replayed: boolean): HistoryEvent => ({
    type: 'arrival',
    at: now(),
    hop: 'hop',
    attempt,
    key,
    copy: 0,
    upstream: '127.0.0.1:17000',
    endedAt: now(),
    answer: 200,
    replayed,
    redemption,
  });
  yield invoke(`${intent}.1`);
  yield arrival(`${intent}.1`, false);
  yield {
    type: 'complete',
    at: now(),
    attempt: `${intent}.1`,
    outcome: 'info',
    by: 'server',
    error: 'ECONNRESET',
  };
  yield invoke(`${intent}.2`);
  yield arrival(`${intent}.2`, true);
  yield {
    type: 'complete',
    at: now(),
    attempt: `${intent}.2`,
    outcome: 'ok',
    status: 200,
    redemption,
    customer,
    balance: 2000 - 500 * (index + 1),
    replayed: true,
    bodyHash: '0123456789abcdef',
    by: 'server',
  };
}
