/**
 * Settle and read back. Every undecided intent is sent again with its own key until it is decided or the bound
 * is over; then balance, list, ledger and rewards are read, and the customer is closed with an `audited` event.
 *
 * Runs beside the engine, one customer at a time as their iterations end, so that a long run keeps bounded memory.
 */

import type { Contract } from '../model/contract.ts';
import { readKey } from '../model/contract.ts';
import { messageOf } from '../base/errors.ts';
import type {
  AuditedEvent,
  CompleteEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
} from '../history/events.ts';
import { digestOf } from '../history/reading-digest.ts';
import { outcomeOf } from '../model/outcome.ts';
import { meaningOf } from '../model/refusals.ts';
import { LateReads, type ClosedCustomer } from './late-reads.ts';
import { CustomerGone, type ReadBack } from './read-back.ts';
import type { RedeemPayload } from '../model/target.ts';

export interface AuditOptions {
  readonly contract: Contract;
  readonly endpoint: Pick<ReadBack, 'redeem' | 'read'>;
  /** Where settle attempts and read-backs are written. */
  readonly emit: (event: InvokeEvent | CompleteEvent | ObserveEvent | AuditedEvent) => void;
  /** How long an intent is retried after all faults have ended, ms. */
  readonly settleMs: number;
  /** Whether customers are made for the run: only then may one be closed while the engine still runs. */
  readonly live: boolean;
  /** Planned duplicates of a key that have not been delivered yet. */
  readonly pendingFor: (key: string) => number;
  /** Two reads so far apart must be equal before a customer is closed. ms; absent or 0: one read closes it. */
  readonly quietMs?: number;
  /** How long reads that still differ are repeated, ms. */
  readonly readLagMs?: number;
  /** How long after the engine's end closed customers are read once more, ms; absent or 0: never. */
  readonly lateMs?: number;
  /** Draws the customers that are read once more. */
  readonly seed?: string;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface AuditSummary {
  readonly customers: number;
  readonly settleAttempts: number;
  /** Intents still undecided when the bound was over. */
  readonly undecided: number;
  /** Closed customers that were read once more at the end. */
  readonly readAgain: number;
  /** Customers that could not be read back, with the last error. */
  readonly unread: readonly { readonly customer: string; readonly why: string }[];
}

/** Customers that are closed at once: few beside the engine, more when it has ended. */
const LIVE_CONCURRENCY = 8;
const FINAL_CONCURRENCY = 32;
/** Tries of an intent or a read-back whose turn comes when the bound is already over. */
const LATE_TRIES = 4;
/** So many in vain say enough: the others get one try each. */
const MANY = 100;

/** An endpoint may forget a customer that nobody has used for a while: only what is gone sooner was lost. ms */
const FORGOTTEN_AFTER_MS = 60_000;
/** So many readings in a row must say that the customer is gone; they ask one replica after the other. */
const SURE_READINGS = 2;

const pauseMs = (tries: number): number => Math.min(25 * 2 ** (tries - 1), 500);

/** Follows a history as it is written, and closes its customers. */
export class Auditor {
  readonly #options: AuditOptions;
  readonly #customers = new Map<string, OpenCustomer>();
  readonly #intentOf = new Map<string, OpenIntent>();
  readonly #queue: OpenCustomer[] = [];
  readonly #workers = new Set<Promise<void>>();
  readonly #unread: { customer: string; why: string }[] = [];
  #healedAt: number | undefined;
  #concurrency = LIVE_CONCURRENCY;
  #closed = 0;
  #settleAttempts = 0;
  #undecided = 0;
  readonly #resting = new Set<Promise<void>>();
  readonly #late: LateReads;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#late = new LateReads(options.seed ?? '');
  }

  /** Takes note of an event that was written by somebody else (script, raw sender). */
  push(event: HistoryEvent): void {
    switch (event.type) {
      case 'invoke':
        this.#invoked(event);
        break;
      case 'complete':
        this.#completed(event);
        break;
      case 'observe':
      case 'credit':
        this.#customer(event.customer);
        break;
      case 'retire':
        this.#retired(event.customer);
        break;
      case 'arrival':
        this.#late.arrived(event);
        break;
      default:
        break;
    }
  }

  /** How many customers are open now. */
  get open(): number {
    return this.#customers.size;
  }

  /** All faults have ended: what is left is settled and read back, then the auditor is done. */
  async finish(): Promise<AuditSummary> {
    const { lateMs = 0, now, sleep } = this.#options;
    this.#healedAt = now();
    this.#concurrency = FINAL_CONCURRENCY;
    for (const customer of this.#customers.values()) {
      if (!customer.queued) this.#enqueue(customer);
    }
    // Customers whose iterations ended earlier wait in the queue: they get the additional workers, too.
    while (this.#workers.size < Math.min(this.#concurrency, this.#queue.length)) this.#startWorker();
    while (this.#workers.size + this.#resting.size > 0)
      await Promise.race([...this.#workers, ...this.#resting]);
    const readAgain = lateMs > 0 ? this.#late.drawn() : [];
    if (readAgain.length > 0) {
      await sleep(Math.max(0, this.#healedAt + lateMs - now()));
      await this.#readOnceMore(readAgain);
    }
    return {
      readAgain: readAgain.length,
      customers: this.#closed,
      settleAttempts: this.#settleAttempts,
      undecided: this.#undecided,
      unread: this.#unread,
    };
  }

  #customer(name: string): OpenCustomer {
    let customer = this.#customers.get(name);
    if (!customer) {
      customer = { name, usedAt: 0, intents: new Map(), queued: false };
      this.#customers.set(name, customer);
    }
    customer.usedAt = this.#options.now();
    return customer;
  }

  #invoked(event: InvokeEvent): void {
    const customer = this.#customer(event.customer);
    const intent = customer.intents.get(event.intent) ?? {
      customer,
      id: event.intent,
      attempts: 0,
      decided: false,
      ambiguousCount: 0,
    };
    intent.attempts = Math.max(intent.attempts, attemptNumber(event.attempt));
    intent.last = event;
    customer.intents.set(event.intent, intent);
    this.#intentOf.set(event.attempt, intent);
  }

  #completed(event: CompleteEvent): void {
    const intent = this.#intentOf.get(event.attempt);
    if (!intent) return;
    this.#intentOf.delete(event.attempt);
    this.#note(intent, event);
  }

  /** A refusal that no row of the contract explains decides once it has come a second time. */
  #note(intent: OpenIntent, event: CompleteEvent): void {
    const meaning = meaningOf(this.#options.contract, event);
    if (meaning === 'ambiguous') intent.ambiguousCount += 1;
    if (meaning === 'done' || meaning === 'refused' || intent.ambiguousCount > 1) intent.decided = true;
  }

  #retired(name: string): void {
    const customer = this.#customers.get(name);
    if (customer && this.#options.live && !customer.queued) this.#enqueue(customer);
  }

  #enqueue(customer: OpenCustomer): void {
    customer.queued = true;
    this.#queue.push(customer);
    if (this.#workers.size < this.#concurrency) this.#startWorker();
  }

  #startWorker(): void {
    const worker = this.#work().finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
  }

  async #work(): Promise<void> {
    for (let customer = this.#queue.shift(); customer; customer = this.#queue.shift())
      await this.#close(customer);
  }

  async #close(customer: OpenCustomer): Promise<void> {
    if (customer.reading === undefined) {
      await this.#awaitCopies(customer);
      for (const intent of customer.intents.values()) await this.#settle(intent);
    }
    const read = await this.#readBack(customer);
    if (read.kind === 'failed') {
      this.#unread.push({ customer: customer.name, why: read.why });
      this.#drop(customer);
      return;
    }
    const { quietMs = 0 } = this.#options;
    const digest = digestOf(read.events);
    const isAgain = digest === customer.reading?.digest;
    if (!isAgain) for (const event of read.events) this.#options.emit(event);
    if (!isAgain && quietMs > 0 && read.kind === 'read' && this.#mayWaitFor(customer)) {
      customer.reading = { digest, since: customer.reading?.since ?? this.#options.now() };
      this.#rest(customer, quietMs);
      return;
    }
    const isGone = read.kind === 'gone';
    const event = { type: 'audited', at: this.#options.now(), customer: customer.name } as const;
    this.#options.emit({ ...event, ...(isGone && { gone: true }), ...(isAgain && { again: digest }) });
    if (!isGone) this.#late.closed(customer.name, customer.intents.keys(), digest);
    this.#drop(customer);
  }

  #drop(customer: OpenCustomer): void {
    this.#closed += 1;
    this.#customers.delete(customer.name);
    for (const intent of customer.intents.values())
      if (intent.last) this.#intentOf.delete(intent.last.attempt);
  }

  /** The first reading is always repeated; those that differ are, until the lag that is allowed is over. */
  #mayWaitFor({ reading }: OpenCustomer): boolean {
    const { readLagMs = 0, now } = this.#options;
    return reading === undefined || now() - reading.since < readLagMs;
  }

  /** Others have their turn while it is waited for. */
  #rest(customer: OpenCustomer, ms: number): void {
    const rest = this.#options.sleep(ms).finally(() => {
      this.#resting.delete(rest);
      this.#enqueue(customer);
    });
    this.#resting.add(rest);
  }

  /** What came after the books were closed; what cannot be read now says nothing. */
  async #readOnceMore(closed: readonly ClosedCustomer[]): Promise<void> {
    const { endpoint, emit, now } = this.#options;
    const waiting = [...closed];
    const work = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const events = await endpoint.read(next.name, now).catch(() => undefined);
        if (events === undefined) continue;
        const digest = digestOf(events);
        const isEqual = digest === next.digest;
        if (!isEqual) for (const event of events) emit(event);
        emit({ type: 'audited', at: now(), customer: next.name, ...(isEqual && { again: digest }) });
      }
    };
    await Promise.all(Array.from({ length: FINAL_CONCURRENCY }, work));
  }

  /** A duplicate that is still on its way could act after the read-back. Bounded: a lost copy must not hang the run. */
  async #awaitCopies(customer: OpenCustomer): Promise<void> {
    const keys = [...customer.intents.values()]
      .map((intent) => this.#keyOf(intent))
      .filter((key) => key !== undefined);
    while (keys.some((key) => this.#options.pendingFor(key) > 0) && !this.#isBoundOver())
      await this.#options.sleep(20);
  }

  async #settle(intent: OpenIntent): Promise<void> {
    const key = this.#keyOf(intent);
    if (intent.decided || !intent.last) return;
    // Without a key of its own a repetition would be a new redemption; with other credentials it would be another question.
    if (key === undefined || intent.last.actor !== undefined) return;
    for (let tries = 0; !intent.decided && this.#mayTryAgain(tries); tries++) {
      if (tries > 0) await this.#options.sleep(pauseMs(tries));
      await this.#settleOnce(intent, intent.last);
    }
    if (!intent.decided) this.#undecided += 1;
  }

  async #settleOnce(intent: OpenIntent, last: InvokeEvent): Promise<void> {
    const { emit, endpoint, now } = this.#options;
    intent.attempts += 1;
    intent.customer.usedAt = now();
    this.#settleAttempts += 1;
    const attempt = `${intent.id}.${intent.attempts}`;
    emit({ ...last, at: now(), attempt, via: 'settle' });
    const answer = await endpoint.redeem(payloadOf(last), String(last.key));
    const complete = completion(attempt, now(), answer);
    emit(complete);
    this.#note(intent, complete);
  }

  /** `read`: everything that the target offers; `gone`: the target knows no such customer any more. */
  async #readBack(customer: OpenCustomer): Promise<ReadResult> {
    const { endpoint, sleep, now } = this.#options;
    let goneCount = 0;
    for (let tries = 1; ; tries++) {
      try {
        return { kind: 'read', events: await endpoint.read(customer.name, now) };
      } catch (error) {
        goneCount = error instanceof CustomerGone ? goneCount + 1 : 0;
        if (error instanceof CustomerGone && goneCount >= SURE_READINGS && this.#wasUsedLately(customer))
          return { kind: 'gone', events: error.events };
        if (!this.#mayTryAgain(tries)) return { kind: 'failed', why: messageOf(error) };
        await sleep(pauseMs(tries));
      }
    }
  }

  /**
   * Until all faults have ended waiting is always right; from then on the bound runs, one for all customers. Whoever
   * comes to its turn late still gets a few tries, unless so many were in vain that the answer is known.
   */
  #mayTryAgain(tries: number): boolean {
    if (!this.#isBoundOver()) return true;
    return tries < (this.#undecided + this.#unread.length < MANY ? LATE_TRIES : 1);
  }

  #wasUsedLately({ usedAt }: OpenCustomer): boolean {
    return this.#options.now() - usedAt < FORGOTTEN_AFTER_MS;
  }

  #isBoundOver(): boolean {
    const { now, settleMs } = this.#options;
    return this.#healedAt !== undefined && now() - this.#healedAt >= settleMs;
  }

  #keyOf(intent: OpenIntent): string | undefined {
    const syntax = readKey(this.#options.contract, intent.last?.key);
    return syntax.kind === 'key' ? syntax.key : undefined;
  }
}

type ReadResult =
  | { readonly kind: 'read' | 'gone'; readonly events: readonly ObserveEvent[] }
  | { readonly kind: 'failed'; readonly why: string };

interface OpenCustomer {
  readonly name: string;
  /** When something was last written of it, ms. */
  usedAt: number;
  readonly intents: Map<string, OpenIntent>;
  queued: boolean;
  /** What was last read of it when it was being closed, and when that began. */
  reading?: { readonly digest: string; readonly since: number };
}

interface OpenIntent {
  readonly customer: OpenCustomer;
  readonly id: string;
  /** The highest attempt number so far. */
  attempts: number;
  decided: boolean;
  /** Refusals that no row of the contract explains. */
  ambiguousCount: number;
  last?: InvokeEvent;
}

function payloadOf(event: InvokeEvent): RedeemPayload {
  return {
    customer: event.customer,
    reward: event.reward,
    points: event.points,
    ...(event.redemptionType !== undefined && { type: event.redemptionType }),
    ...(event.clientRedemptionId !== undefined && { clientRedemptionId: event.clientRedemptionId }),
  };
}

type Answer = Awaited<ReturnType<ReadBack['redeem']>>;

function completion(attempt: string, at: number, answer: Answer): CompleteEvent {
  const { error, ...members } = answer;
  return {
    type: 'complete',
    at,
    attempt,
    outcome: outcomeOf(answer.status, answer.by),
    ...members,
    ...(error !== undefined && { error }),
  };
}

function attemptNumber(attempt: string): number {
  return Number(attempt.slice(attempt.lastIndexOf('.') + 1));
}
