/** The edge: a listener before the right endpoint that passes everything on, but where a liar steps in. */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Contract } from '../../harness/model/contract.ts';
import type { LedgerReading } from '../../harness/model/protocol.ts';
import { createAccess } from '../access.ts';
import type { Item, Lies, Liar, Told } from './liar.ts';
import { askedOf, startRight, type RightEndpoint } from './right.ts';

export interface EdgeOptions {
  readonly contract: Contract;
  /** Absent: honest throughout. */
  readonly liar?: Pick<Liar, 'lies'>;
  /** Default: the two of the reference server. */
  readonly rewards?: readonly string[];
  /** Customers that exist from the beginning. */
  readonly customers?: readonly { readonly customer: string; readonly points: number }[];
  /** How long the making of a reward takes, ms; told the number of the order. Default 5. */
  readonly fulfilMs?: number | ((order: number) => number);
  /** Longest wait for a first attempt where the contract waits, ms. Default 5000. */
  readonly waitMs?: number;
  /** Another look of the same endpoint. Absent: the reference server's own. */
  readonly shape?: Shape;
}

/** How the endpoint looks from outside, where it does not look like the reference server. */
export interface Shape {
  /** A request as the reference server knows it; undefined: there is nothing here that it knows. */
  readonly incoming?: (call: Call) => Call;
  /** What the answer to a call of that kind looks like. */
  readonly outgoing?: (told: Told, kind: 'redeem' | 'list' | 'balance') => Told;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly text: string;
}

/** What it offers beside HTTP, as hooks of a config take it; lied about like everything else. */
export interface EdgeHooks {
  readonly provision: (asked: {
    readonly customer: string;
    readonly points: number;
  }) => Promise<{ readonly token: string }>;
  readonly credit: (asked: {
    readonly customer: string;
    readonly points: number;
  }) => Promise<number | undefined>;
  readonly setClock: (asked: {
    readonly customer: string;
    readonly nowMs: number;
    readonly frozen: boolean;
  }) => Promise<void>;
  readonly ledger: (asked: { readonly customer: string }) => Promise<LedgerReading>;
}

export interface Edge {
  readonly url: string;
  /** May act for every customer. */
  readonly token: string;
  readonly hooks: EdgeHooks;
  readonly right: RightEndpoint;
  /** Breaks every connection at once; who listens stays. */
  readonly hangUp: () => void;
  close(): Promise<void>;
}

const DEFAULT_REWARDS = ['reward_67890', 'reward_coffee'];

/** Starts it on a free port of 127.0.0.1. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const token = randomUUID();
  const access = createAccess([{ token, customers: 'all' }], randomUUID());
  const right = await startRight({
    contract: options.contract,
    rewards: options.rewards ?? DEFAULT_REWARDS,
    access,
    fulfilMs: orderTime(options.fulfilMs ?? 5),
    waitMs: options.waitMs ?? 5000,
  });
  const lies = options.liar?.lies(right) ?? {};
  for (const { customer, points } of options.customers ?? []) {
    await right.store.provision({ customer, points, reset: false });
    await lies.made?.(customer);
  }
  const server = createServer((request, response) => {
    void serve({ right, lies, shape: options.shape ?? {} }, request, response).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    hooks: hooksOf(right, lies, (customer) => access.tokenFor(customer)),
    right,
    hangUp: () => server.closeAllConnections(),
    close: async () => {
      await closed(server);
      await right.close();
    },
  };
}

interface Parts {
  readonly right: RightEndpoint;
  readonly lies: Lies;
  readonly shape: Shape;
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { right, lies, shape } = parts;
  const { incoming = (call) => call, outgoing = (told) => told } = shape;
  if (request.method !== 'GET' && keyCount(request, right.contract) > 1) {
    // Nothing to lie about, and not to be told again without a loss: only brought to where the right endpoint takes it.
    right.app.routing(shape.incoming ? await moved(request, shape.incoming) : request, response);
    return;
  }
  const call = { method: request.method ?? 'GET', path: request.url ?? '/', text: await textOf(request) };
  const { method, path, text } = incoming(call);
  const headers = textsOf(request);
  if (method === 'GET') {
    const told = await readOf(right, lies, path, headers);
    return send(response, outgoing(told, path.endsWith('/balance') ? 'balance' : 'list'));
  }
  const asked = askedOf(path, headers, text, right.contract.keyHeader);
  const honest = () => right.answer(asked);
  send(response, outgoing(await (lies.redeem ? lies.redeem(asked, honest) : honest()), 'redeem'));
}

/** The same request, with its header lines as they came, as the right endpoint knows it. */
async function moved(
  request: IncomingMessage,
  incoming: NonNullable<Shape['incoming']>,
): Promise<IncomingMessage> {
  const { method = '', url = '/', rawHeaders, socket, httpVersion } = request;
  const call = incoming({ method, path: url, text: await textOf(request) });
  const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(call.text)) };
  const body = Readable.from([Buffer.from(call.text)]);
  const whole = { method: call.method, url: call.path, headers, rawHeaders, socket, httpVersion };
  return Object.assign(body, whole) as unknown as IncomingMessage;
}

async function readOf(
  right: RightEndpoint,
  lies: Lies,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Told> {
  const told = await right.read(path, headers);
  const customer = decodeURIComponent(/\/(?:customers|redemptions)\/([^/?]+)/.exec(path)?.[1] ?? '');
  if (told.status !== 200) return told;
  const body = JSON.parse(told.text) as {
    readonly balance?: number;
    readonly redemptions?: readonly Item[];
  };
  if (body.balance !== undefined && lies.balance)
    return { ...told, text: JSON.stringify({ ...body, balance: lies.balance(customer, body.balance) }) };
  if (body.redemptions !== undefined && lies.list)
    return {
      ...told,
      text: JSON.stringify({ ...body, redemptions: lies.list(customer, body.redemptions) }),
    };
  return told;
}

function hooksOf(right: RightEndpoint, lies: Lies, tokenFor: (customer: string) => string): EdgeHooks {
  const { store } = right;
  return {
    provision: async ({ customer, points }) => {
      await store.provision({ customer, points, reset: true });
      await lies.made?.(customer);
      return { token: tokenFor(customer) };
    },
    credit: async ({ customer, points }) => {
      const honest = () => store.credit(customer, points);
      return await (lies.credit ? lies.credit(customer, points, honest) : honest());
    },
    setClock: async ({ customer, nowMs, frozen }) => {
      const change = { kind: 'set', nowMs, isFrozen: frozen } as const;
      if (right.contract.clockScope === 'common') await store.setCommonClock(change);
      else await store.setClock(customer, change);
    },
    ledger: async ({ customer }) => {
      const reading = (await store.ledger(customer)) ?? { debits: [], credits: [], rewards: [] };
      return lies.ledger?.(customer, reading) ?? reading;
    },
  };
}

function keyCount({ rawHeaders }: IncomingMessage, { keyHeader }: Contract): number {
  const name = keyHeader.toLowerCase();
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}

function textsOf({ headers }: IncomingMessage): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'transfer-encoding' && name !== 'content-length' && value !== undefined)
      texts[name] = String(value);
  }
  return texts;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function orderTime(fulfilMs: number | ((order: number) => number)): (order: number) => number {
  return typeof fulfilMs === 'number' ? () => fulfilMs : fulfilMs;
}

/** How long a streamed answer rests between its two halves, ms. */
const STREAM_MS = 5;

function send(response: ServerResponse, told: Told): void {
  const { status, headers, text, isStreamed = false, isPacked = false } = told;
  if (response.destroyed) return;
  if (!isStreamed) {
    const body = isPacked ? gzipSync(text) : Buffer.from(text);
    const { 'content-type': type, ...others } = headers;
    const ofBody = {
      ...(type !== undefined && { 'content-type': type }),
      ...(isPacked && { 'content-encoding': 'gzip' }),
      'content-length': body.length,
    };
    response.writeHead(status, status === 204 ? others : { ...others, ...ofBody });
    response.end(body);
    return;
  }
  const middle = Math.floor(text.length / 2);
  response.writeHead(status, headers);
  response.write(text.slice(0, middle));
  setTimeout(() => response.end(text.slice(middle)), STREAM_MS);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
