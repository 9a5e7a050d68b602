/** A small redemption endpoint of its own, in memory, whose requests may look in many ways; right, or wrong in one way. */

import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createTls, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body's members, from JSON or a form. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ShopOptions {
  /** Refused with 401 where it says no. Default: everybody may. */
  readonly admits?: (asked: Asked) => boolean;
  /** Where the key is. Default: the header Idempotency-Key. */
  readonly keyOf?: (asked: Asked) => unknown;
  /** The client's own name for the intent; two keys with one name are one redemption. Default: none. */
  readonly nameOf?: (asked: Asked) => unknown;
  /** Default POST. 'any': two calls of two methods. */
  readonly method?: string;
  readonly edition?: 'right' | 'check-then-act' | 'forgets-on-failure';
  readonly tls?: ServerOptions;
  /** What is called first, e.g. to fail. */
  readonly before?: (asked: Asked) => Promise<number | undefined>;
  /** Keeps its accounts with another of these. */
  readonly shares?: Shop;
}

export interface Shop {
  readonly url: string;
  readonly accounts: Map<string, Account>;
  /** Redeem requests and reads that came in, admitted or not. */
  readonly asked: Asked[];
  close(): Promise<void>;
}

interface Account {
  points: number;
  readonly redemptions: {
    readonly id: string;
    readonly reward: string;
    readonly points: number;
    readonly key: string;
    readonly at: number;
    readonly name?: string;
  }[];
  readonly reservations?: Map<string, { readonly asked: Asked; readonly key: string; readonly wish: string }>;
  readonly keys: Map<string, { readonly wish: string; readonly done: Promise<Answer> }>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const PRICES: Readonly<Record<string, number>> = { mug: 300, pen: 100 };
let ids = 0;
const failures = new Map<string, Readonly<Record<string, unknown>>>();

/** Starts it on a free port of 127.0.0.1. */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const accounts = options.shares?.accounts ?? new Map<string, Account>();
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    void (async () => {
      const one = await askedOf(request);
      const { status, body } = one.url.pathname.startsWith('/admin/')
        ? admin(accounts, one)
        : await answer(accounts, one, options, asked);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })().catch(() => response.destroy());
  };
  const server: Server = options.tls ? createTls(options.tls, listener) : createPlain(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}`,
    accounts,
    asked,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const written = await text(request);
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '', 'http://shop'),
    headers: request.headers,
    text: written,
    body: bodyOf(written, request.headers['content-type']),
  };
}

function bodyOf(written: string, type = ''): Record<string, unknown> {
  if (type.includes('form')) return Object.fromEntries(new URLSearchParams(written));
  try {
    return JSON.parse(written) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** `/admin/<customer>`: POST { key, how, delayMs } lets the request with that key fail; PUT { points }, PATCH { points } adds some, GET its books. */
function admin(accounts: Map<string, Account>, { method, url, body }: Asked): Answer {
  const customer = decodeURIComponent(url.pathname.split('/')[2] ?? '');
  if (method === 'POST') failures.set(String(body['key']), body);
  if (method === 'PUT')
    accounts.set(customer, {
      points: Number(body['points']),
      redemptions: [],
      keys: new Map(),
      reservations: new Map(),
    });
  const account = accounts.get(customer);
  if (method === 'PATCH' && account) account.points += Number(body['points']);
  const { points, redemptions } = accounts.get(customer) ?? { points: 0, redemptions: [] };
  return { status: 200, body: { points, redemptions } };
}

async function answer(
  accounts: Map<string, Account>,
  asked: Asked,
  options: ShopOptions,
  log: Asked[],
): Promise<Answer> {
  log.push(asked);
  const { method, url } = asked;
  if (options.admits?.(asked) === false) return { status: 401, body: { code: 'WHO_ARE_YOU' } };
  const [, customer = '', what] = url.pathname.split('/').map(decodeURIComponent);
  const account = accounts.get(customer);
  if (account === undefined) return { status: 404, body: { code: 'NO_SUCH_CUSTOMER' } };
  if (method === 'GET') {
    if (what === 'points') return { status: 200, body: { points: account.points } };
    return { status: 200, body: { items: account.redemptions.toReversed() } };
  }
  if (options.method !== 'any' && method !== (options.method ?? 'POST')) return { status: 405, body: {} };
  const failure = await options.before?.(asked);
  if (failure !== undefined) return { status: failure, body: { code: 'FAILED' } };
  if (what !== 'reservations') return redeem(account, asked, options);
  const id = url.pathname.split('/')[3];
  return id === undefined ? reserve(account, asked, options) : confirm(account, id, options);
}

/** The first of two calls: holds nothing, and gives the reservation a name. */
async function reserve(account: Account, asked: Asked, options: ShopOptions): Promise<Answer> {
  const key = asked.headers['idempotency-key'];
  if (key === undefined) return refusal(400, 'NO_KEY');
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) return refusal(400, 'BAD_KEY');
  const points = PRICES[String(asked.body['reward'])] ?? 0;
  const reservations = account.reservations ?? new Map();
  const known = [...reservations].find(([, one]) => one.key === key);
  if (known !== undefined && known[1].wish !== asked.body['reward']) return refusal(422, 'KEY_USED');
  if (known !== undefined) return { status: 201, body: { reservation: { id: known[0] } } };
  if (account.points < points) return refusal(402, 'TOO_FEW_POINTS');
  // The wrong edition looks first and writes later.
  if (options.edition === 'check-then-act') await sleep(2);
  const id = `h-${++ids}`;
  reservations.set(id, { asked, key, wish: String(asked.body['reward']) });
  return { status: 201, body: { reservation: { id } } };
}

function confirm(account: Account, id: string, options: ShopOptions): Promise<Answer> {
  const held = account.reservations?.get(id);
  if (held === undefined) return refusal(404, 'NO_SUCH_RESERVATION');
  const known = account.keys.get(id);
  if (known !== undefined) return known.done;
  const done = work(account, held.asked, held.key, options);
  remember(account, id, '', done);
  return done;
}

function redeem(account: Account, asked: Asked, options: ShopOptions): Promise<Answer> {
  const { keyOf = ({ headers }) => headers['idempotency-key'] } = options;
  const key = keyOf(asked);
  if (key === undefined) return refusal(400, 'NO_KEY');
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) return refusal(400, 'BAD_KEY');
  const failure = failures.get(key);
  failures.delete(key);
  return failure === undefined
    ? perform(account, asked, key, options)
    : fail(account, asked, key, options, failure);
}

/** A handler that fails; the wrong edition then forgets what it has done. */
async function fail(
  account: Account,
  asked: Asked,
  key: string,
  options: ShopOptions,
  { how, delayMs }: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  if (how === 'error') return refusal(500, 'FAILED');
  if (how === 'delay-before') await sleep(Number(delayMs));
  const answered = await perform(account, asked, key, options);
  if (how === 'delay-after') await sleep(Number(delayMs));
  if (how !== 'throw') return answered;
  if (options.edition === 'forgets-on-failure') account.keys.delete(key);
  return refusal(500, 'FAILED');
}

function perform(account: Account, asked: Asked, key: string, options: ShopOptions): Promise<Answer> {
  const known = account.keys.get(key);
  const wish = JSON.stringify([asked.body['reward'], options.nameOf?.(asked)]);
  if (known !== undefined) return known.wish === wish ? known.done : refusal(422, 'KEY_USED');
  const done = work(account, asked, key, options);
  if (options.edition !== 'check-then-act') remember(account, key, wish, done);
  // The wrong edition remembers the key only when the work is done.
  else void done.then(() => remember(account, key, wish, done));
  return done;
}

function remember(account: Account, key: string, wish: string, done: Promise<Answer>): void {
  account.keys.set(key, { wish, done });
  // What was refused is not stored: the key may be tried again.
  void done.then(({ status }) => status >= 400 && account.keys.delete(key));
}

async function work(account: Account, asked: Asked, key: string, options: ShopOptions): Promise<Answer> {
  await sleep(2);
  const reward = String(asked.body['reward']);
  const points = PRICES[reward];
  if (points === undefined) return refusal(404, 'NO_SUCH_REWARD');
  const name = options.nameOf?.(asked);
  if (typeof name === 'string' && account.redemptions.some((one) => one.name === name && one.key !== key))
    return refusal(409, 'ALREADY_REDEEMED');
  if (account.points < points) return refusal(402, 'TOO_FEW_POINTS');
  account.points -= points;
  const id = `r-${++ids}`;
  const redemption = { id, reward, points, key, at: Date.now(), ...(typeof name === 'string' && { name }) };
  account.redemptions.push(redemption);
  return { status: 200, body: { id, points: account.points } };
}

function refusal(status: number, code: string): Promise<Answer> {
  return Promise.resolve({ status, body: { code } });
}
