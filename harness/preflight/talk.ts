/** The client of the audit, one question at a time, with what went over the wire. */

import type { Exchange } from '../audit/bounded-client.ts';
import type { ReadBack, ReadBackOptions } from '../audit/read-back.ts';
import type { Capabilities, ObserveEvent } from '../history/events.ts';
import type { LedgerDebit, ListedRedemption } from '../model/protocol.ts';
import type { Target } from '../model/target.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';

export interface TalkOptions {
  readonly target: Target;
  readonly capabilities: Capabilities;
  /** The client of the run, with other options. */
  readonly open: (more: Partial<ReadBackOptions>) => ReadBack;
  /** How long one request may take. ms */
  readonly timeoutMs: number;
  /** How long reads may lag behind what was done. ms */
  readonly lagMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What came of a question. `value` is absent where the client could take none. */
export interface Said<T> {
  readonly value?: T;
  readonly exchanges: readonly Exchange[];
}

export type Answer = Awaited<ReturnType<ReadBack['redeem']>>;

/** Tries of a question that the endpoint itself fails to answer. */
const TRIES = 3;
const PAUSE_MS = 150;
/** So long an answer is waited for before the same key is sent again. ms */
const LOST_AFTER_MS = 1200;
/** A path that no endpoint has. */
const NOWHERE = '/onceproof/no/such/path';

export class Talk {
  readonly #options: TalkOptions;
  readonly #readers = new Map<string, ReadBack>();
  #exchanges: Exchange[] = [];

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  async balance(customer: string): Promise<Said<number>> {
    const { events, exchanges } = await this.#read('balance', customer);
    const event = events.find(({ what }) => what === 'balance');
    return event?.what === 'balance' ? { value: event.value, exchanges } : { exchanges };
  }

  async list(customer: string): Promise<Said<readonly ListedRedemption[]>> {
    const { events, exchanges } = await this.#read('redemptions', customer);
    const event = events.find(({ what }) => what === 'redemptions');
    return event?.what === 'redemptions' ? { value: event.value, exchanges } : { exchanges };
  }

  async ledger(customer: string): Promise<Said<readonly LedgerDebit[]>> {
    const { events, exchanges } = await this.#read('ledger', customer);
    const event = events.find(({ what }) => what === 'ledger');
    return event?.what === 'ledger' ? { value: event.value, exchanges } : { exchanges };
  }

  /** One attempt; the same key again where the endpoint itself fails, or its answer is lost. */
  async redeem(payload: RedeemPayload, key: string): Promise<Said<Answer>> {
    const { capabilities, sleep, signal } = this.#options;
    for (let tries = 1; ; tries++) {
      const reader = this.#reader('redeem', capabilities);
      this.#exchanges = [];
      const value = await this.#unlessLost(() => reader.redeem(payload, key));
      const { status = 0 } = value;
      const isTried = tries >= TRIES || signal.aborted || isTimeout(value);
      if ((status !== 0 && status < 500) || isTried) return { value, exchanges: this.#exchanges };
      await sleep(PAUSE_MS);
    }
  }

  /** An answer that is long in coming may be slow, or lost: it is asked for again, and still waited for. */
  async #unlessLost(ask: () => Promise<Answer>): Promise<Answer> {
    const first = ask();
    const early = await Promise.race([first, this.#options.sleep(LOST_AFTER_MS)]);
    if (early !== undefined) return early;
    const second = ask();
    const answer = await Promise.race([first, second]);
    // What is said of the second one while the first is worked on is no answer to the intent.
    const isFinal = answer.status !== undefined && answer.status < 300;
    return isFinal ? answer : ((await Promise.all([first, second])).find(hasAnswer) ?? answer);
  }

  /** The same new key twice at the same time. */
  async redeemTwice(payload: RedeemPayload, key: string): Promise<readonly Answer[]> {
    const reader = this.#reader('redeem', this.#options.capabilities);
    this.#exchanges = [];
    return await Promise.all([reader.redeem(payload, key), reader.redeem(payload, key)]);
  }

  /** What went over the wire since the last question began. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** Whether an endpoint says the same of an address as of one that is surely not there. */
  async isNoRoute(asked: Exchange, customer: string): Promise<boolean> {
    const { capabilities, target } = this.#options;
    const only = { ...capabilities, balance: true, redemptions: false, ledger: false };
    const nowhere = { ...target, balance: { path: NOWHERE, value: '' } };
    this.#exchanges = [];
    const reader = this.#reader('nowhere', only, nowhere);
    await reader.read(customer, this.#options.now).catch(() => undefined);
    const other = this.#exchanges.at(-1);
    if (other === undefined || other.answer?.status !== asked.answer?.status) return false;
    return nameless(other) === nameless(asked);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
  }

  /** One reading alone; where the endpoint fails, or does not know the customer yet, it is asked again. */
  async #read(
    what: 'balance' | 'redemptions' | 'ledger',
    customer: string,
  ): Promise<{ readonly events: readonly ObserveEvent[]; readonly exchanges: readonly Exchange[] }> {
    const { capabilities, now, sleep, lagMs, signal } = this.#options;
    const only = { ...capabilities, balance: false, redemptions: false, ledger: false, [what]: true };
    const since = now();
    for (let tries = 1; ; tries++) {
      const reader = this.#reader(what, only);
      this.#exchanges = [];
      // What went over the wire says more than the error.
      const events = await reader.read(customer, now).catch(() => []);
      const exchanges = this.#exchanges;
      const status = exchanges.at(-1)?.answer?.status ?? 0;
      const isPassing =
        status >= 500 || isCut(exchanges.at(-1)) ? tries < TRIES : status === 404 && now() - since < lagMs;
      if (events.length > 0 || !isPassing || signal.aborted || what === 'ledger')
        return { events, exchanges };
      await sleep(PAUSE_MS);
    }
  }

  #reader(name: string, capabilities: Capabilities, target = this.#options.target): ReadBack {
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const { open, timeoutMs } = this.#options;
    const onExchange = (exchange: Exchange): void => void this.#exchanges.push(exchange);
    const reader = open({ target, capabilities, timeoutMs, onExchange });
    this.#readers.set(name, reader);
    return reader;
  }
}

function isTimeout({ error = '' }: Answer): boolean {
  return /timeout|aborted/i.test(error);
}

/** The connection broke: one that is opened anew may not. */
function isCut(exchange: Exchange | undefined): boolean {
  return exchange?.error !== undefined && !/timeout|aborted|ECONNREFUSED|ENOTFOUND/i.test(exchange.error);
}

function hasAnswer({ status }: Answer): boolean {
  return status !== undefined;
}

/** What was said, without the address that it was said of. */
function nameless({ method, url, answer }: Exchange): string {
  const { pathname, search } = new URL(url);
  const path = decodeURI(pathname);
  return [url, pathname + search, pathname, path, method]
    .reduce((text, part) => text.replaceAll(part, ''), answer?.text ?? '')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?|\b[0-9a-f-]{16,}\b/gi, '');
}
