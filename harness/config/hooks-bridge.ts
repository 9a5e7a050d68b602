/**
 * A config's hooks are functions in Node; scripts run elsewhere, in either engine. The bridge stands between: a
 * loopback HTTP server that offers the functions under HOOK_PATHS, as the reference server offers its test hooks.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULTS } from './defaults.ts';
import type { HooksConfig } from './define.ts';
import { BridgeError, HookCalls, type BridgeEvent, type HookCapabilities } from './hook-calls.ts';
import { messageOf } from '../base/errors.ts';
import { HOOK_PATHS } from '../model/protocol.ts';

export type { BridgeEvent, HookCapabilities } from './hook-calls.ts';

export interface HooksBridgeOptions {
  readonly hooks: HooksConfig;
  /** Bearer token that every call has to carry. */
  readonly token: string;
  /** The token of a customer whose `provision` returned none, e.g. the config's `auth.tokenFor`. */
  readonly tokenFor?: (customer: string) => Promise<string>;
  /** Told after each call of a hook; the scripts write their own history events, so these are not that. */
  readonly onEvent?: (event: BridgeEvent) => void;
  /** How long a hook may take. ms. */
  readonly timeoutMs?: number;
}

export interface HooksBridge {
  readonly url: string;
  readonly capabilities: HookCapabilities;
  /** A customer's own token as `provision` gave it, else the common one; '' where there is none. */
  readonly tokenFor: (customer: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;

/** Starts the bridge on a free loopback port. */
export async function startHooksBridge(options: HooksBridgeOptions): Promise<HooksBridge> {
  const calls = new HookCalls({ timeoutMs: DEFAULTS.hookTimeoutMs, ...options });
  const server = createServer((request, response) => {
    void answer(request, response, options.token, calls);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    capabilities: calls.capabilities,
    tokenFor: (customer) => calls.tokenFor(customer),
    close: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  calls: HookCalls,
): Promise<void> {
  try {
    if (!hasToken(request, token))
      throw new BridgeError(401, 'unauthorized', 'the hooks token is missing or wrong');
    const body = await route(request, calls);
    send(response, 200, 'application/json', body);
  } catch (error) {
    const problem =
      error instanceof BridgeError ? error : new BridgeError(500, 'bridge_failed', messageOf(error));
    const { status, code, message } = problem;
    send(response, status, 'application/problem+json', { status, code, title: code, detail: message });
  }
}

async function route(request: IncomingMessage, calls: HookCalls): Promise<unknown> {
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  // The body is read in any case: an unread one would break the connection.
  const body = await bodyOf(request);
  for (const { verb, pattern, run } of ROUTES) {
    const match = verb === method ? pattern.exec(path) : null;
    if (match) return await run(calls, decodeURIComponent(match[1] ?? ''), body);
  }
  throw new BridgeError(404, 'hook_unknown', `there is no hook at ${method} ${path}`);
}

interface Route {
  readonly verb: string;
  readonly pattern: RegExp;
  readonly run: (calls: HookCalls, customer: string, body: Readonly<Record<string, unknown>>) => unknown;
}

const ROUTES: readonly Route[] = [
  { verb: 'GET', pattern: patternOf(HOOK_PATHS.capabilities), run: (calls) => calls.capabilities },
  { verb: 'POST', pattern: patternOf(HOOK_PATHS.customers), run: (calls, _, body) => calls.provision(body) },
  {
    verb: 'POST',
    pattern: patternOf(HOOK_PATHS.credit),
    run: (calls, customer, body) => calls.credit(customer, body),
  },
  { verb: 'GET', pattern: patternOf(HOOK_PATHS.clock), run: (calls, customer) => calls.readClock(customer) },
  {
    verb: 'PUT',
    pattern: patternOf(HOOK_PATHS.clock),
    run: (calls, customer, body) => calls.moveClock(customer, body),
  },
  { verb: 'GET', pattern: patternOf(HOOK_PATHS.ledger), run: (calls, customer) => calls.ledger(customer) },
];

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace('{customer_id}', '([^/]+)')}$`);
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const sent = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [left, right] = [sent, token].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw new BridgeError(413, 'too_large', `more than ${MAX_BODY_BYTES} bytes`);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text) as unknown;
  } catch {
    body = undefined;
  }
  if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  throw new BridgeError(400, 'invalid_request', 'the body is no JSON object');
}

function send(response: ServerResponse, status: number, type: string, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}
