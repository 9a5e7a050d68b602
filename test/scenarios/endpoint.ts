/** A small redemption endpoint in memory that can be wrong in one way at a time: what the scripts' own counters must see. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { PROFILES, readKey } from '../../harness/model/contract.ts';

export type Flaw =
  | 'none'
  | 'redeems twice'
  | 'debits more than it lists'
  | 'lists nothing'
  | 'debits nothing'
  | 'replays under another id'
  | 'compares no payloads'
  | 'executes what it refuses'
  | 'takes equal wishes for one'
  | 'needs no key'
  | 'shows the first payload'
  | 'checks no balance'
  | 'never expires'
  | 'forgets a key after a while'
  | 'expires at once';

/** Longer than a client takes to come again by itself, shorter than the longest wait for a finished key. */
const KEPT_A_WHILE_MS = 250;

export interface EndpointOptions {
  readonly flaw?: Flaw;
  /** Points that every customer starts with. */
  readonly points?: number;
  readonly ttlMs?: number;
  /** So long after somebody has first seen it in the list a redemption is shown there without its points. */
  readonly pendingMs?: number;
  /** How long the list takes to answer. */
  readonly listMs?: number;
}

export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

interface Wish {
  readonly client_redemption_id?: string;
  readonly customer_id: string;
  readonly reward_id: string;
  readonly points_amount: number;
  readonly redemption_type?: string;
}

interface Redemption extends Wish {
  readonly redemption_id: string;
}

interface Stored {
  readonly payload: string;
  readonly answer: Redemption;
  readonly at: number;
}

interface Account {
  balance: number;
  readonly keys: Map<string, Stored>;
  readonly list: Redemption[];
  /** When each wish was last fulfilled, by its meaning: the fallback of the seed. */
  readonly wishes: Map<string, number>;
}

/** Starts the endpoint on a free port of 127.0.0.1. Any customer and any token will do. */
export async function startEndpoint(options: EndpointOptions = {}): Promise<Endpoint> {
  const book = new Book(options);
  const server = createServer((request, response) => void serve(book, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(book: Book, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const customer = /\/(?:customers|redemptions)\/([^/]+)/.exec(path)?.[1] ?? '';
  if (path.endsWith('/balance')) return send(response, 200, { balance: book.account(customer).balance });
  if (request.method === 'GET') {
    const redemptions = book.listed(customer);
    await sleep(book.listMs);
    return send(response, 200, { redemptions });
  }
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { status, body, replayed } = book.redeem(
    request.headers['idempotency-key'],
    JSON.parse(text) as Redemption,
  );
  send(response, status, body, replayed);
}

function send(response: ServerResponse, status: number, body: unknown, replayed = false): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(replayed ? { 'Idempotent-Replayed': 'true' } : {}),
  });
  response.end(JSON.stringify(body));
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly replayed?: boolean;
}

class Book {
  readonly #accounts = new Map<string, Account>();
  readonly #flaw: Flaw;
  readonly #points: number;
  readonly #ttlMs: number;
  readonly #pendingMs: number;
  readonly #seenAt = new Map<string, number>();
  readonly listMs: number;
  #nextId = 1;

  constructor({
    flaw = 'none',
    points = 1_000_000,
    ttlMs = 86_400_000,
    pendingMs = 0,
    listMs = 0,
  }: EndpointOptions) {
    this.#pendingMs = pendingMs;
    this.listMs = listMs;
    this.#flaw = flaw;
    this.#points = points;
    this.#ttlMs = ttlMs;
  }

  account(customer: string): Account {
    let account = this.#accounts.get(customer);
    if (account === undefined) {
      account = { balance: this.#points, keys: new Map(), list: [], wishes: new Map() };
      this.#accounts.set(customer, account);
    }
    return account;
  }

  listed(customer: string): Redemption[] {
    return this.account(customer)
      .list.toReversed()
      .map((item) => {
        const seenAt = this.#seenAt.get(item.redemption_id) ?? Date.now();
        this.#seenAt.set(item.redemption_id, seenAt);
        return Date.now() - seenAt < this.#pendingMs ? { ...item, points_amount: 0 } : item;
      });
  }

  redeem(sent: string | string[] | undefined, wish: Wish): Answer {
    const syntax = readKey(PROFILES.seed, sent);
    const account = this.account(wish.customer_id);
    if (syntax.kind !== 'key') {
      if (this.#flaw === 'needs no key') return this.#execute(account, wish);
      const isMissing = syntax.kind === 'missing';
      return isMissing ? refusal(409, 'duplicate_request') : refusal(400, 'invalid_idempotency_key');
    }
    const stored = this.#stored(account, syntax.key);
    if (stored !== undefined) return this.#again(account, stored, wish);
    if (this.#isDuplicate(account, wish)) return refusal(409, 'duplicate_redemption');
    if (account.balance < wish.points_amount && this.#flaw !== 'checks no balance') {
      return refusal(422, 'insufficient_points');
    }
    const answer = this.#execute(account, wish);
    account.keys.set(syntax.key, { payload: fingerprint(wish), answer: answer.body, at: Date.now() });
    return answer;
  }

  #stored(account: Account, key: string): Stored | undefined {
    const stored = account.keys.get(key);
    const isForgotten =
      this.#flaw === 'forgets a key after a while' &&
      stored !== undefined &&
      Date.now() - stored.at > KEPT_A_WHILE_MS;
    return isForgotten ? undefined : stored;
  }

  #again(account: Account, stored: Stored, wish: Wish): Answer {
    if (stored.payload !== fingerprint(wish) && this.#flaw !== 'compares no payloads') {
      if (this.#flaw === 'executes what it refuses') this.#execute(account, wish);
      const shown = this.#flaw === 'shows the first payload' ? { first: stored.answer } : {};
      return refusal(422, 'idempotency_key_reused', shown);
    }
    const hasExpired = Date.now() - stored.at >= this.#ttlMs && this.#flaw !== 'never expires';
    if (hasExpired || this.#flaw === 'expires at once') return refusal(409, 'idempotency_key_expired');
    if (this.#flaw !== 'replays under another id')
      return { status: 200, body: stored.answer, replayed: true };
    return { status: 200, body: { ...stored.answer, redemption_id: this.#id() }, replayed: true };
  }

  #isDuplicate(account: Account, wish: Wish): boolean {
    if (this.#flaw === 'takes equal wishes for one') {
      return account.list.some(({ reward_id }) => reward_id === wish.reward_id);
    }
    const own = wish.client_redemption_id;
    if (own !== undefined)
      return account.list.some(({ client_redemption_id }) => client_redemption_id === own);
    return Date.now() - (account.wishes.get(meaning(wish)) ?? 0) < PROFILES.seed.duplicateWindowMs;
  }

  #execute(account: Account, wish: Wish): { status: number; body: Redemption } {
    account.wishes.set(meaning(wish), Date.now());
    const times = this.#flaw === 'redeems twice' ? 2 : 1;
    let body: Redemption | undefined;
    for (let time = 0; time < times; time++) {
      body = { ...wish, redemption_id: this.#id() };
      if (this.#flaw !== 'lists nothing') account.list.push(body);
      if (this.#flaw !== 'debits nothing') account.balance -= wish.points_amount;
      if (this.#flaw === 'debits more than it lists') account.balance -= 1;
    }
    return { status: 200, body: body ?? { ...wish, redemption_id: '' } };
  }

  #id(): string {
    return `red_${this.#nextId++}`;
  }
}

function fingerprint(wish: Wish): string {
  return JSON.stringify(Object.entries(wish).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function meaning({ reward_id, points_amount, redemption_type }: Wish): string {
  return JSON.stringify([reward_id, points_amount, redemption_type]);
}

function refusal(status: number, code: string, more: object = {}): Answer {
  return { status, body: { status, code, ...more } };
}
