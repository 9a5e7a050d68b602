/** A right endpoint in memory whose answers a row of the table spoils: whole sockets are at its hands. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SECRET } from './secret.ts';

export interface Asked {
  readonly what: 'redeem' | 'balance' | 'list';
  /** From 1, of its kind, those of the preflight not counted. */
  readonly number: number;
  readonly customer: string;
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** What the right endpoint says. */
  readonly status: number;
  readonly body: string;
}

/** Takes the answer into its own hands and gives true; false: the right answer is sent. */
export type Spoil = (asked: Asked) => boolean;

export interface HostileEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

const POINTS = 1_000_000;
/** So many requests of each kind a preflight sends: the endpoint is right until then, or there would be no run. */
const PREFLIGHT = 2;

interface Account {
  balance: number;
  readonly byKey: Map<string, { readonly wish: string; readonly answer: object }>;
  readonly list: object[];
}

/** Starts it on a free port of 127.0.0.1. Any customer and any token will do. */
export async function startHostileEndpoint(spoil: Spoil): Promise<HostileEndpoint> {
  const accounts = new Map<string, Account>();
  const counts = { redeem: 0, balance: 0, list: 0 };
  const open = new Set<Socket>();
  const account = (name: string): Account => {
    const known = accounts.get(name) ?? { balance: POINTS, byKey: new Map(), list: [] };
    accounts.set(name, known);
    return known;
  };
  const redeem = (key: string, wishText: string): { status: number; answer: object; isReplay: boolean } => {
    const wish = JSON.parse(wishText) as { customer_id: string; reward_id: string; points_amount: number };
    const { byKey, list, ...rest } = account(wish.customer_id);
    const stored = byKey.get(key);
    if (stored !== undefined) {
      const isSame = stored.wish === wishText;
      const refused = { code: 'idempotency_key_reused' };
      return { status: isSame ? 200 : 422, answer: isSame ? stored.answer : refused, isReplay: isSame };
    }
    const redemption = {
      ...wish,
      redemption_id: `r-${wish.customer_id}-${list.length}`,
      status: 'completed',
    };
    account(wish.customer_id).balance = rest.balance - wish.points_amount;
    list.unshift(redemption);
    byKey.set(key, { wish: wishText, answer: redemption });
    return { status: 200, answer: redemption, isReplay: false };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const sent = await text(request);
    const what = request.method === 'POST' ? 'redeem' : path.endsWith('/balance') ? 'balance' : 'list';
    const key = request.headers['idempotency-key'];
    const named = decodeURIComponent(/\/(?:customers|redemptions)\/([^/]+)/.exec(path)?.[1] ?? '');
    const done = what === 'redeem' ? redeem(String(key), sent) : undefined;
    const customer = done ? (JSON.parse(sent) as { customer_id: string }).customer_id : named;
    const { balance, list } = account(customer);
    const body = JSON.stringify(
      done?.answer ?? (what === 'balance' ? { balance } : { redemptions: list, next_cursor: null }),
    );
    const status = done?.status ?? 200;
    const { socket } = request;
    const number = ++counts[what] - PREFLIGHT;
    if (number > 0 && spoil({ what, number, customer, socket, response, status, body })) return;
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(done?.isReplay === true && { 'idempotent-replayed': 'true' }),
    });
    response.end(body);
  };
  const server = createServer((request, response) => {
    request.on('error', () => {});
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** The config for it: two customers of a list, and little patience. */
export function configFor(url: string): object {
  return {
    baseUrl: url,
    auth: { token: SECRET },
    redeem: {
      path: '/api/v1/redemptions',
      body: {
        customer_id: '{customer_id}',
        reward_id: '{reward_id}',
        points_amount: '{points_amount}',
        redemption_type: '{redemption_type}',
        client_redemption_id: '{client_redemption_id}',
      },
    },
    answer: { redemption: '/redemption_id', customer: '/customer_id', code: '/code' },
    balance: { path: '/customers/{customer_id}/balance', value: '/balance' },
    redemptions: {
      path: '/redemptions/{customer_id}',
      items: '/redemptions',
      redemption: '/redemption_id',
      clientRedemptionId: '/client_redemption_id',
      reward: '/reward_id',
      points: '/points_amount',
    },
    rewards: [
      { id: 'reward_67890', points: 500 },
      { id: 'reward_coffee', points: 120 },
    ],
    customers: ['c-1', 'c-2'],
    // On one machine, and with nothing behind it that works later, what comes late comes soon.
    // An answer that is whole comes in time on a busy machine, too.
    limits: { timeoutMs: 1500, settleMs: 2000, lateMs: 300 },
  };
}
