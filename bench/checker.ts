/** The checker's speed against `JSON.parse` over the same lines, and its memory over many finished customers. */

import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checker } from '../harness/checker/checker.ts';
import { PROFILES } from '../harness/model/contract.ts';
import { uuidFrom } from '../harness/model/decide.ts';
import { readHistory } from '../harness/history/reader.ts';
import { HistoryWriter } from '../harness/history/writer.ts';
import { ALL_CAPABILITIES, type HistoryEvent } from '../harness/history/events.ts';
import { payloadHash } from '../harness/model/target.ts';

export interface CheckerFigure {
  readonly name: string;
  readonly value: number;
  readonly required: string;
  readonly ok: boolean;
  readonly detail: string;
}

const CUSTOMERS = 20_000;
/** Customers that are open at the same time. */
const OPEN = 50;
const ROUNDS = 3;

/** Two figures: events/s of the checker (reading, validating, judging) over those of JSON.parse; growth of the heap. */
export async function benchChecker(): Promise<CheckerFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'onceproof-bench-'));
  try {
    const path = join(folder, 'history.ndjson');
    const events = writeHistory(path);
    const speed = await bestOf(ROUNDS, path, events);
    return [speed, await memory(path, events)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bestOf(rounds: number, path: string, events: number): Promise<CheckerFigure> {
  let parseMs = Infinity;
  let checkMs = Infinity;
  let verdict = '';
  for (let round = 0; round < rounds; round++) {
    parseMs = Math.min(parseMs, parseAll(path));
    const startedAt = cpuMs();
    const checker = new Checker();
    for await (const batch of readHistory(path).batches()) for (const event of batch) checker.push(event);
    verdict = checker.finish().verdict;
    checkMs = Math.min(checkMs, cpuMs() - startedAt);
  }
  const value = parseMs / checkMs;
  const rate = (ms: number) => `${Math.round(events / ms)} k events/s`;
  return {
    name: 'checker / JSON.parse',
    value,
    required: '>= 0.3',
    ok: value >= 0.3 && verdict === 'valid',
    detail: `${events} events (${verdict}): checker ${rate(checkMs)}, JSON.parse ${rate(parseMs)}`,
  };
}

function parseAll(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\n');
  const startedAt = cpuMs();
  for (const line of lines) if (line !== '') JSON.parse(line);
  return cpuMs() - startedAt;
}

/** CPU time of this process, ms: other programs on the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Heap after a quarter of the events, and at the end: what finished must have left memory. */
async function memory(path: string, events: number): Promise<CheckerFigure> {
  const checker = new Checker();
  let count = 0;
  let quarterMb = 0;
  for await (const batch of readHistory(path).batches()) {
    for (const event of batch) {
      checker.push(event);
      if (++count === Math.floor(events / 4)) quarterMb = heapMb();
    }
  }
  const { openCustomers } = checker.progress();
  const endMb = heapMb();
  checker.finish();
  const value = endMb / quarterMb;
  return {
    name: "checker's heap, end / quarter",
    value,
    required: '<= 1.3',
    ok: value <= 1.3,
    detail: `${quarterMb.toFixed(1)} MB after a quarter, ${endMb.toFixed(1)} MB at the end, ${openCustomers} customers open${typeof globalThis.gc === 'function' ? '' : ' (without --expose-gc: rough)'}`,
  };
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** A history as a run writes it: a customer each, two intents, a lost answer, a replay, reads and an audit. */
function writeHistory(path: string): number {
  const writer = new HistoryWriter(path);
  let count = 0;
  let now = 1_800_000_000_000;
  const write = (event: HistoryEvent) => {
    writer.write(event);
    count += 1;
  };
  write({
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
  });
  const open: Generator<HistoryEvent>[] = [];
  let next = 0;
  // Customers take turns, one line each, as they do when many clients run together.
  while (open.length > 0 || next < CUSTOMERS) {
    while (open.length < OPEN && next < CUSTOMERS) open.push(customerLines(next++, () => (now += 0.05)));
    for (let index = open.length - 1; index >= 0; index--) {
      const line = open[index]?.next();
      if (line?.done === true) open.splice(index, 1);
      else if (line) write(line.value);
    }
  }
  write({ type: 'end', at: now, reason: 'finished', counts: {} });
  writer.close();
  return count;
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
