/**
 * Draws histories for tests. Time moves by one ms with each line unless a test says otherwise, so that a drawn history
 * reads from top to bottom:
 *
 *     const history = drawHistory({ scenario: 'retry-storm' });
 *     const ada = history.customer('cust_ada', { points: 1000 });
 *     const coffee = ada.intent('rs-1-0', { points: 500 });
 *     coffee.lost();                       // sent, never answered
 *     coffee.ok('rdm_1', { replayed: true });
 *     ada.audit({ balance: 500, redemptions: [coffee.row('rdm_1')], ledger: [coffee.debit('rdm_1')] });
 *     judged(history.events()).verdict
 */

import { Checker } from '../../harness/checker/checker.ts';
import { PROFILES, type Contract } from '../../harness/model/contract.ts';
import {
  ALL_CAPABILITIES as EVERYTHING,
  type ArrivalEvent,
  type Capabilities,
  type CompleteEvent,
  type FaultEvent,
  type FaultKind,
  type HistoryEvent,
  type InvokeEvent,
  type RunEvent,
} from '../../harness/history/events.ts';
import { outcomeOf } from '../../harness/model/outcome.ts';
import type { LedgerDebit, ListedRedemption } from '../../harness/model/protocol.ts';
import { payloadHash } from '../../harness/model/redeem-request.ts';
import type { Verdict } from '../../harness/model/verdict.ts';

export const T0 = 1_800_000_000_000;

/** One replica whose history holds what was asked for, answered and read, and nothing of the wire. */
export const ALL_CAPABILITIES: Capabilities = {
  ...EVERYTHING,
  processes: false,
  store: false,
  arrivals: false,
  replicas: 1,
};

export interface RunOptions extends Partial<Omit<RunEvent, 'contract' | 'capabilities'>> {
  readonly contract?: Partial<Contract>;
  readonly capabilities?: Partial<Capabilities>;
}

/** A scenario that requires nothing but one completed intent, unless a test names another. */
export function runEvent({ contract, capabilities, ...members }: RunOptions = {}): RunEvent {
  return {
    type: 'run',
    schema: 1,
    runId: 'r1',
    seed: '1',
    scenario: 'drawn',
    engine: 'embedded',
    proxy: 'none',
    store: 'memory',
    contract: { ...PROFILES.seed, ...contract },
    target: 'http://127.0.0.1:1',
    capabilities: { ...ALL_CAPABILITIES, ...capabilities },
    startedAt: T0,
    faults: { profile: 'none', kinds: [] },
    client: 'seed',
    ...members,
  };
}

export function judged(events: Iterable<HistoryEvent>, torn: readonly string[] = []): Verdict {
  const checker = new Checker();
  for (const event of events) checker.push(event);
  return checker.finish({ torn });
}

/** Rules that were violated, each once, sorted. */
export function rulesOf(verdict: Verdict): string[] {
  return [...new Set(verdict.violations.map(({ rule }) => rule))].sort();
}

export function drawHistory(options: RunOptions = {}): DrawnHistory {
  return new DrawnHistory(options);
}

export class DrawnHistory {
  readonly #events: HistoryEvent[];
  now = T0;
  #fault = 0;

  constructor(options: RunOptions) {
    this.#events = [runEvent(options)];
  }

  /** The next moment. */
  tick(ms = 1): number {
    this.now += ms;
    return this.now;
  }

  add<Event extends HistoryEvent>(event: Event): Event {
    this.#events.push(event);
    return event;
  }

  /** A customer whose opening balance (and empty list) the script has read. */
  customer(id: string, { points = 1000, opening = [] as readonly ListedRedemption[] } = {}): DrawnCustomer {
    const customer = new DrawnCustomer(this, id, points);
    customer.readBalance(points, 'script');
    customer.readList(opening, 'script');
    return customer;
  }

  /** A customer of whom nothing was read before the first attempt. */
  unread(id: string, points = 1000): DrawnCustomer {
    return new DrawnCustomer(this, id, points);
  }

  fault(kind: FaultKind, name = `${kind}-fault`, detail?: Record<string, unknown>): FaultEvent {
    this.#fault += 1;
    const at = this.tick();
    return this.add({
      type: 'fault',
      at,
      phase: 'start',
      id: `f${this.#fault}`,
      name,
      kind,
      target: 'server',
      ...(detail && { detail }),
    });
  }

  heal(fault: FaultEvent): void {
    this.add({ ...fault, at: this.tick(), phase: 'end' });
  }

  /** Everything so far, with an `end`. */
  events(reason = 'finished'): HistoryEvent[] {
    return [...this.#events, { type: 'end', at: this.tick(), reason, counts: {} }];
  }

  /** Everything so far, cut off. */
  cut(): HistoryEvent[] {
    return [...this.#events];
  }
}

export interface IntentOptions {
  readonly key?: string | readonly string[] | null;
  readonly reward?: string;
  readonly points?: number;
  readonly type?: string;
  /** null: the payload names no redemption of the client's own. */
  readonly client?: string | null;
}

export interface AuditReading {
  readonly balance?: number;
  readonly redemptions?: readonly ListedRedemption[];
  readonly ledger?: readonly LedgerDebit[];
  readonly rewards?: readonly string[];
}

export class DrawnCustomer {
  readonly history: DrawnHistory;
  readonly id: string;
  readonly points: number;
  #clockMs: number | undefined;

  constructor(history: DrawnHistory, id: string, points: number) {
    this.history = history;
    this.id = id;
    this.points = points;
  }

  intent(id: string, options: IntentOptions = {}): DrawnIntent {
    return new DrawnIntent(this, id, options);
  }

  readBalance(value: number, via: 'script' | 'audit' = 'script'): void {
    this.history.add({ type: 'observe', ...this.#span(), customer: this.id, via, what: 'balance', value });
  }

  readList(value: readonly ListedRedemption[], via: 'script' | 'audit' = 'script'): void {
    this.history.add({
      type: 'observe',
      ...this.#span(),
      customer: this.id,
      via,
      what: 'redemptions',
      value,
    });
  }

  readLedger(value: readonly LedgerDebit[], via: 'script' | 'audit' = 'audit'): void {
    this.history.add({ type: 'observe', ...this.#span(), customer: this.id, via, what: 'ledger', value });
  }

  readRewards(redemptions: readonly string[]): void {
    const value = redemptions.map((redemption) => ({ redemption, reward: 'reward_67890' }));
    this.history.add({
      type: 'observe',
      ...this.#span(),
      customer: this.id,
      via: 'audit',
      what: 'rewards',
      value,
    });
  }

  /** As the scripts do it: what is asked for is written first. */
  credit(points: number): void {
    const at = this.history.tick();
    this.history.add({ type: 'credit', at, customer: this.id, points, asked: true });
    this.history.add({ type: 'credit', at: this.history.tick(), customer: this.id, points });
  }

  /** Freezes the customer's clock at this value. As the scripts do it the value before is written first. */
  clock(valueMs: number, frozen = true): void {
    const before = this.#clockMs;
    this.#clockMs = valueMs;
    if (before !== undefined && before !== valueMs)
      this.history.add({
        type: 'clock',
        at: this.history.tick(),
        customer: this.id,
        valueMs: before,
        frozen: true,
      });
    this.history.add({ type: 'clock', at: this.history.tick(), customer: this.id, valueMs, frozen });
  }

  retire(): void {
    this.history.add({ type: 'retire', at: this.history.tick(), customer: this.id });
  }

  /** Reads back what is given and closes the customer. */
  /** Read back, and the endpoint does not know it any more. */
  auditGone(): void {
    this.readLedger([]);
    this.readList([], 'audit');
    this.history.add({ type: 'audited', at: this.history.tick(), customer: this.id, gone: true });
  }

  audit({ balance, redemptions, ledger, rewards }: AuditReading): void {
    if (ledger) this.readLedger(ledger);
    if (rewards) this.readRewards(rewards);
    if (redemptions) this.readList(redemptions, 'audit');
    if (balance !== undefined) this.readBalance(balance, 'audit');
    this.history.add({ type: 'audited', at: this.history.tick(), customer: this.id });
  }

  /** Audits with the state that exactly these redemptions leave. */
  auditWith(
    done: readonly { readonly intent: DrawnIntent; readonly redemption: string }[],
    credited = 0,
  ): void {
    const spent = done.reduce((sum, { intent }) => sum + intent.pointsAsked, 0);
    this.audit({
      balance: this.points + credited - spent,
      redemptions: done.map(({ intent, redemption }) => intent.row(redemption)),
      ledger: done.map(({ intent, redemption }) => intent.debit(redemption)),
    });
  }

  #span(): { at: number; until: number } {
    const at = this.history.tick();
    return { at, until: this.history.tick() };
  }
}

export interface SendOptions {
  readonly via?: InvokeEvent['via'];
  readonly key?: string | readonly string[] | null;
  readonly points?: number;
  readonly actor?: string;
  readonly bodyHash?: string;
  readonly way?: string;
  readonly mayRefuse?: true;
}

export class DrawnIntent {
  readonly customer: DrawnCustomer;
  readonly id: string;
  readonly key: string | readonly string[] | null;
  readonly reward: string;
  readonly pointsAsked: number;
  readonly #type: string | undefined;
  readonly client: string | undefined;
  #sent = 0;

  constructor(customer: DrawnCustomer, id: string, options: IntentOptions) {
    this.customer = customer;
    this.id = id;
    this.key = options.key === undefined ? `key-${id}` : options.key;
    this.reward = options.reward ?? 'reward_67890';
    this.pointsAsked = options.points ?? 500;
    this.#type = options.type;
    this.client = options.client === null ? undefined : (options.client ?? `client-${id}`);
  }

  /** Sends an attempt and leaves it open. */
  send({
    via = 'script',
    key = this.key,
    points = this.pointsAsked,
    actor,
    bodyHash,
    way,
    mayRefuse,
  }: SendOptions = {}): DrawnAttempt {
    this.#sent += 1;
    const history = this.customer.history;
    const payload = {
      customer: this.customer.id,
      reward: this.reward,
      points,
      ...(this.#type !== undefined && { type: this.#type }),
      ...(this.client !== undefined && { clientRedemptionId: this.client }),
    };
    const invoke = history.add({
      type: 'invoke',
      at: history.tick(),
      attempt: `${this.id}.${this.#sent}`,
      intent: this.id,
      ...(key !== null && { key }),
      customer: this.customer.id,
      reward: this.reward,
      points,
      ...(this.#type !== undefined && { redemptionType: this.#type }),
      ...(this.client !== undefined && { clientRedemptionId: this.client }),
      payloadHash: payloadHash(payload),
      ...(bodyHash !== undefined && { bodyHash }),
      via,
      ...(actor !== undefined && { actor }),
      ...(way !== undefined && { way }),
      ...(mayRefuse && { mayRefuse }),
    } satisfies InvokeEvent);
    return new DrawnAttempt(this, invoke);
  }

  ok(redemption: string, members: Partial<CompleteEvent> = {}, options: SendOptions = {}): DrawnAttempt {
    return this.send(options).ok(redemption, members);
  }

  refused(
    status: number,
    code: string,
    members: Partial<CompleteEvent> = {},
    options: SendOptions = {},
  ): DrawnAttempt {
    return this.send(options).refused(status, code, members);
  }

  /** Sent, and no answer came. */
  lost(options: SendOptions = {}): DrawnAttempt {
    return this.send(options).lost();
  }

  row(redemption: string): ListedRedemption {
    return {
      redemption,
      ...(this.client !== undefined && { clientRedemptionId: this.client }),
      reward: this.reward,
      points: this.pointsAsked,
      status: 'completed',
    };
  }

  debit(redemption: string, key = this.key): LedgerDebit {
    return {
      redemption_id: redemption,
      points: this.pointsAsked,
      at_ms: T0,
      ...(typeof key === 'string' && { idempotency_key: key }),
      ...(this.client !== undefined && { client_redemption_id: this.client }),
    };
  }
}

export class DrawnAttempt {
  readonly intent: DrawnIntent;
  readonly invoke: InvokeEvent;

  constructor(intent: DrawnIntent, invoke: InvokeEvent) {
    this.intent = intent;
    this.invoke = invoke;
  }

  ok(redemption: string, members: Partial<CompleteEvent> = {}): this {
    return this.answered(200, {
      redemption,
      customer: this.intent.customer.id,
      replayed: false,
      bodyHash: `body-${redemption}`,
      ...members,
    });
  }

  refused(status: number, code: string, members: Partial<CompleteEvent> = {}): this {
    return this.answered(status, { code, ...members });
  }

  lost(error = 'timeout'): this {
    return this.answered(undefined, { error });
  }

  answered(status: number | undefined, members: Partial<CompleteEvent> = {}): this {
    const by = members.by ?? 'server';
    const history = this.intent.customer.history;
    history.add({
      type: 'complete',
      at: history.tick(),
      attempt: this.invoke.attempt,
      outcome: outcomeOf(status, by),
      ...(status !== undefined && { status }),
      by,
      ...members,
    });
    return this;
  }

  /** What the hop saw of this attempt, from now on. */
  arrives(members: Partial<ArrivalEvent> = {}): this {
    const history = this.intent.customer.history;
    const { key } = this.invoke;
    const at = members.at ?? history.tick();
    history.add({
      type: 'arrival',
      at,
      hop: 'hop-1',
      attempt: this.invoke.attempt,
      ...(typeof key === 'string' && { key }),
      copy: 0,
      upstream: 'replica-1',
      endedAt: at + 1,
      ...members,
    });
    return this;
  }
}
