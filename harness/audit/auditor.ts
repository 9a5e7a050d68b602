/**
 * Settle and read back. Every undecided intent is sent again with its own key until it is decided or the bound
 * is over; then balance, list, ledger and rewards are read, and the customer is closed with an `audited` event.
 *
 * Runs beside the engine, one customer at a time as their iterations end, so that a long run keeps bounded memory.
 */

import type { Contract } from '../model/contract.ts';
import { messageOf } from '../base/errors.ts';
import type {
  AuditedEvent,
  CompleteEvent,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
} from '../history/events.ts';
import { digestOf } from '../history/reading-digest.ts';
import { LateReads, readOnceMore } from './late-reads.ts';
import type { OpenCustomer, OpenIntent } from './open-customer.ts';
import { Patience, pauseMs } from './patience.ts';
import { CustomerGone, type ReadBack } from './read-back.ts';
import { Settling } from './settling.ts';

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
  /** Of the run, for the traces of what settles it. */
  readonly runId?: string;
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
/** An endpoint may forget a customer that nobody has used for a while: only what is gone sooner was lost. ms */
const FORGOTTEN_AFTER_MS = 60_000;
/** So many readings in a row must say that the customer is gone; they ask one replica after the other. */
const SURE_READINGS = 2;

/** Follows a history as it is written, and closes its customers. */
export class Auditor {
  readonly #options: AuditOptions;
  readonly #customers = new Map<string, OpenCustomer>();
  readonly #intentOf = new Map<string, OpenIntent>();
  readonly #queue: OpenCustomer[] = [];
  readonly #workers = new Set<Promise<void>>();
  readonly #unread: { customer: string; why: string }[] = [];
  #concurrency = LIVE_CONCURRENCY;
  #closed = 0;
  readonly #resting = new Set<Promise<void>>();
  readonly #late: LateReads;
  readonly #patience: Patience;
  readonly #settling: Settling;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#patience = new Patience(options);
    this.#settling = new Settling(options, this.#patience);
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
    const healedAt = this.#patience.healed();
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
      await sleep(Math.max(0, healedAt + lateMs - now()));
      await readOnceMore(readAgain, this.#options, FINAL_CONCURRENCY);
    }
    return {
      readAgain: readAgain.length,
      customers: this.#closed,
      settleAttempts: this.#settling.attempts,
      undecided: this.#settling.undecided,
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
    this.#settling.note(intent, event);
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
    if (customer.reading === undefined) await this.#settling.settle(customer);
    const read = await this.#readBack(customer);
    if (read.kind === 'failed') {
      this.#unread.push({ customer: customer.name, why: read.why });
      this.#patience.notedInVain();
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
        if (!this.#patience.mayTryAgain(tries)) return { kind: 'failed', why: messageOf(error) };
        await sleep(pauseMs(tries));
      }
    }
  }

  #wasUsedLately({ usedAt }: OpenCustomer): boolean {
    return this.#options.now() - usedAt < FORGOTTEN_AFTER_MS;
  }
}

type ReadResult =
  | { readonly kind: 'read' | 'gone'; readonly events: readonly ObserveEvent[] }
  | { readonly kind: 'failed'; readonly why: string };

function attemptNumber(attempt: string): number {
  return Number(attempt.slice(attempt.lastIndexOf('.') + 1));
}
