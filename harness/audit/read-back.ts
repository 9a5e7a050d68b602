/** What the audit asks of the endpoint: it settles by redeeming again, and reads back. One request at a time, none repeated silently. */

import { traced } from '../model/trace.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from '../model/contract.ts';
import {
  finalAnswer,
  isMarked,
  NO_ANSWER,
  toldMembers,
  toldWait,
  type WholeAnswer,
} from '../model/final-answer.ts';
import { firstPage, withPage } from '../model/paging.ts';
import { GAVE_UP, type Outcome } from '../model/outcome.ts';
import type { Capabilities, CompleteEvent, ObserveEvent } from '../history/events.ts';
import {
  BY_HEADER,
  fillPath,
  HOOK_PATHS,
  type LedgerReading,
  type ListedRedemption,
} from '../model/protocol.ts';
import type { Target } from '../model/target.ts';
import { balanceUrl, type RedeemPayload } from '../model/redeem-request.ts';
import { readAnswer, readBalance } from '../model/read-answer.ts';
import { sendCalls, STEP_HEADER } from '../model/calls.ts';
import { authorised, readRequest } from '../model/wire.ts';
import {
  BoundedClient,
  codeOf,
  unreadable,
  type BoundedAnswer,
  type BoundedClientOptions,
} from './bounded-client.ts';

export interface ReadBackOptions extends Omit<BoundedClientOptions, 'timeoutMsOf'> {
  readonly target: Target;
  readonly contract: Contract;
  readonly capabilities: Capabilities;
  /** Where to send: the replicas themselves, in turn, or the endpoint's own base URL. */
  readonly baseUrls: readonly string[];
  readonly tokenFor: (customer: string) => Promise<string>;
  readonly hooksUrl?: string;
  readonly hooksToken?: string;
  /** Of the hooks, where they are a config's: each is bounded by itself, and may wait for its turn. Absent: `timeoutMs`. */
  readonly hooksTimeoutMs?: number;
}

/** More pages than this of one customer's list are a fault of the endpoint (a cursor that never ends). */
const MAX_PAGES = 1000;
/** More entries of one customer are told, not kept: a line of a history has room for so many. */
const MAX_LISTED = 100_000;
/** All pages of one list together; a single answer may be as large as the config lets it. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;

/** The endpoint says of everything that can be read that there is no such customer: nothing of it is left. */
export class CustomerGone extends Error {
  override readonly name = 'CustomerGone';
  /** The same as readings: an empty ledger, an empty list. */
  readonly events: readonly ObserveEvent[];

  constructor(customer: string, events: readonly ObserveEvent[]) {
    super(`the endpoint does not know ${customer}`);
    this.events = events;
  }
}

export class ReadBack {
  readonly #options: ReadBackOptions;
  readonly #client: BoundedClient;
  #turn = 0;

  constructor(options: ReadBackOptions) {
    this.#options = options;
    this.#client = new BoundedClient({ ...options, timeoutMsOf: (origin) => this.#limitMs(origin) });
  }

  /** One redeem attempt, traced where it is told whose; what went wrong on the way is told in `error`, never thrown. */
  async redeem(
    payload: RedeemPayload,
    key: string,
    { runId, attempt = '' }: { readonly runId?: string; readonly attempt?: string } = {},
  ): Promise<Omit<CompleteEvent, 'type' | 'at' | 'attempt' | 'outcome'> & { readonly outcome?: Outcome }> {
    const { contract, tokenFor } = this.#options;
    try {
      const target = this.#target();
      const token = await tokenFor(payload.customer);
      const { answer, step, lacks, url } = await sendCalls({
        target,
        payload,
        key,
        send: async (plain) => {
          const { method, url: at, headers, body } = authorised(target, plain, token);
          const { [STEP_HEADER]: _, ...sent } = headers;
          return await this.#client.send(method, at, traced(sent, runId, attempt), body);
        },
        read: ({ status, text }) => ({ status, body: text }),
      });
      if (lacks !== undefined)
        return { by: 'server', error: `the answer to call ${step} has nothing at ${lacks}` };
      const by = answer.headers[BY_HEADER.toLowerCase()] === 'proxy' ? 'proxy' : 'server';
      const final = await finalAnswer(wholeOf(answer), {
        target,
        sentTo: url,
        customer: payload.customer,
        by,
        get: async (at) => {
          const request = readRequest(target, at, payload.customer, token);
          const told = this.#client.send('GET', request.url, request.headers);
          return await told.then(wholeOf).catch(() => NO_ANSWER);
        },
        pause: (ms) => sleep(ms, undefined, { signal: this.#client.ended }),
        now: Date.now,
      });
      const marker = contract.replayMarker;
      const hasMarker = marker !== 'none' && marker !== 'unspecified';
      return {
        ...toldMembers(final),
        ...(hasMarker && { replayed: isMarked(final, marker) }),
        ...(step !== undefined && { step }),
        ...toldWait(answer),
        by,
      };
    } catch (error) {
      return { by: 'server', error: this.#client.ended.aborted ? GAVE_UP : codeOf(error) };
    }
  }

  /** Everything that the target lets us read of a customer. Throws when one of it cannot be read now, and `CustomerGone`. */
  async read(customer: string, now: () => number): Promise<ObserveEvent[]> {
    const { capabilities } = this.#options;
    const events: ObserveEvent[] = [];
    const unknown: UnknownCustomer[] = [];
    const observed = async <T>(
      read: () => Promise<T>,
      make: (value: T, at: number, until: number) => ObserveEvent[],
    ) => {
      const at = now();
      try {
        const value = await read();
        events.push(...make(value, at, now()));
      } catch (error) {
        if (!(error instanceof UnknownCustomer)) throw error;
        unknown.push(error);
      }
    };
    const base = (at: number, until: number) =>
      ({ type: 'observe', at, until, customer, via: 'audit' }) as const;
    if (capabilities.ledger) {
      await observed(
        () => this.#ledger(customer),
        ({ debits, rewards }, at, until) => [
          { ...base(at, until), what: 'ledger', value: debits },
          ...(rewards === undefined
            ? []
            : [{ ...base(at, until), what: 'rewards' as const, value: rewards.map(issuedReward) }]),
        ],
      );
    }
    if (capabilities.redemptions) {
      await observed(
        () => this.#redemptions(customer),
        (value, at, until) => [{ ...base(at, until), what: 'redemptions', value }],
      );
    }
    if (capabilities.balance) {
      await observed(
        () => this.#balance(customer),
        (value, at, until) => [{ ...base(at, until), what: 'balance', value }],
      );
    }
    const [first] = unknown;
    if (first === undefined) return events;
    // Said by some readings only: a moment in between, or half of it is lost.
    if (events.length > 0) throw first.asFailure();
    const { ledger, redemptions } = capabilities;
    if (!ledger && !redemptions) throw first.asFailure();
    const nothing = { ...base(now(), now()), value: [] };
    throw new CustomerGone(customer, [
      ...(ledger ? [{ ...nothing, what: 'ledger' as const }] : []),
      ...(redemptions ? [{ ...nothing, what: 'redemptions' as const }] : []),
    ]);
  }

  /** The run's time is over: what is under way, and what is still asked for, fails at once. */
  giveUp(): void {
    this.#client.giveUp();
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #balance(customer: string): Promise<number> {
    const target = this.#target();
    const text = await this.#readOf(target, customer, balanceUrl(target, customer) ?? '');
    const value = readBalance(target, text);
    if (value === undefined) throw unreadable('balance', 'a number', text);
    return value;
  }

  async #redemptions(customer: string): Promise<readonly ListedRedemption[]> {
    const target = this.#target();
    const maxBytes = Math.max(MAX_LIST_BYTES, this.#options.maxAnswerBytes);
    let bytes = 0;
    let soFar = firstPage(target, customer);
    while (soFar !== undefined && soFar.pages < MAX_PAGES) {
      const answer = await this.#askFor(target, customer, soFar.url);
      const read = withPage(target, customer, soFar, wholeOf(answer));
      if (!read) throw unreadable('redemptions', 'an array', answer.text);
      bytes += Buffer.byteLength(answer.text);
      if (read.items.length > MAX_LISTED)
        throw unreadable('redemptions', `at most ${MAX_LISTED} of one customer`, 'more');
      if (bytes > maxBytes) throw unreadable('redemptions', `at most ${maxBytes} bytes`, 'more');
      if (read.isLast) return read.items;
      soFar = read;
    }
    throw unreadable('redemptions', `at most ${MAX_PAGES} pages`, soFar?.url);
  }

  async #ledger(customer: string): Promise<LedgerReading> {
    const { hooksUrl, hooksToken } = this.#options;
    const url = (hooksUrl ?? '') + fillPath(HOOK_PATHS.ledger, { customer_id: customer });
    return JSON.parse(await this.#get(url, bearer(hooksToken ?? ''))) as LedgerReading;
  }

  async #readOf(target: Target, customer: string, of: string): Promise<string> {
    return (await this.#askFor(target, customer, of)).text;
  }

  async #askFor(target: Target, customer: string, of: string) {
    const { url, headers } = readRequest(target, of, customer, await this.#options.tokenFor(customer));
    return await this.#ask(url, headers);
  }

  async #get(url: string, headers: Record<string, string>): Promise<string> {
    return (await this.#ask(url, headers)).text;
  }

  async #ask(url: string, headers: Record<string, string>) {
    const answer = await this.#client.send('GET', url, headers);
    if (answer.status === 200) return answer;
    const path = new URL(url).pathname;
    if (this.#saysUnknown(answer)) throw new UnknownCustomer(path, answer.status);
    throw unreadable(`GET ${path}`, 'status 200', failedHook(answer.text) ?? answer.status);
  }

  /** By a code of its own only: a bare 404 may be about anything. */
  #saysUnknown({ status, text }: { readonly status: number; readonly text: string }): boolean {
    const { contract, target } = this.#options;
    const row = contract.unknownCustomer;
    const { code } = readAnswer(target, text);
    return typeof row === 'object' && code !== undefined && status === row.status && code === row.code;
  }

  /** The next replica's turn, so that one that is down does not stop the audit. */
  #target(): Target {
    const { baseUrls, target } = this.#options;
    const baseUrl = baseUrls[this.#turn++ % baseUrls.length] ?? target.baseUrl;
    return { ...target, baseUrl };
  }

  #limitMs(origin: string): number {
    const { hooksUrl, timeoutMs, hooksTimeoutMs = timeoutMs } = this.#options;
    return hooksUrl !== undefined && origin === new URL(hooksUrl).origin ? hooksTimeoutMs : timeoutMs;
  }
}

function wholeOf(answer: BoundedAnswer): WholeAnswer {
  return { status: answer.status, headers: answer.headers, body: answer.text };
}

class UnknownCustomer extends Error {
  readonly #path: string;
  readonly #status: number;

  constructor(path: string, status: number) {
    super(`no such customer, says GET ${path}`);
    this.#path = path;
    this.#status = status;
  }

  asFailure(): Error {
    return unreadable(`GET ${this.#path}`, 'status 200', this.#status);
  }
}

function issuedReward(issued: { readonly redemption_id: string; readonly reward_id: string }) {
  return { redemption: issued.redemption_id, reward: issued.reward_id };
}

/** What a hook of the config said when it failed, as the bridge tells it. */
function failedHook(text: string): string | undefined {
  if (!text.includes('"hook_failed"')) return undefined;
  return /"detail":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
}

function bearer(token: string): Record<string, string> {
  return token === '' ? {} : { Authorization: `Bearer ${token}` };
}
