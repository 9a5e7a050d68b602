/** What the server's tests share: a running server on either store, and a client that speaks real HTTP. */

import { request as httpRequest } from 'node:http';
import { contractFrom, type Contract, type ProfileName } from '../../harness/model/contract.ts';
import { fillPath, HOOK_PATHS, PATHS, type LedgerReading } from '../../harness/model/protocol.ts';
import { DEFECTS } from '../../reference-server/defects/index.ts';
import { parseOptions, type ServerOptions } from '../../reference-server/options.ts';
import { startServer, type RunningServer, type ServerEvent } from '../../reference-server/server.ts';

export interface TestServerOptions extends Partial<ServerOptions> {
  readonly profile?: ProfileName;
  readonly rows?: Partial<Contract>;
  readonly defectName?: string;
  /** Without hooks. */
  readonly isBare?: boolean;
}

export interface TestServer extends RunningServer {
  readonly url: string;
  readonly events: ServerEvent[];
  readonly logs: string[];
}

export const TOKEN = 'admin-token';
export const HOOKS_TOKEN = 'hooks-token';

/** A server in this process on free ports. A crash is a simulated one on Redis, too: this process must live on. */
export async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const { profile = 'seed', rows, defectName, isBare = false, ...rest } = options;
  const hooks = isBare ? [] : ['--hooks-port', '0', '--hooks-token', HOOKS_TOKEN];
  const base = parseOptions(['--token', TOKEN, ...hooks]);
  if (typeof base === 'string') throw new Error('no options');
  const defect = DEFECTS.find((entry) => entry.name === defectName);
  if (defectName !== undefined && !defect) throw new Error(`no such defect: ${defectName}`);
  const events: ServerEvent[] = [];
  const logs: string[] = [];
  const contract = contractFrom(profile, rows);
  const server = await startServer(
    { ...base, contract, fulfilMs: 1, ...(defect ? { defect } : {}), ...rest },
    { emit: (event) => events.push(event), log: (line) => logs.push(line), die: () => {}, isMortal: false },
  );
  return { ...server, url: server.replicas[0]?.url ?? '', events, logs };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The problem's code; '' where there is none. */
  readonly code: string;
}

/** One request on a connection of its own; a header with several values is sent several times. */
export function send(
  url: string,
  method: string,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  body?: string,
  signal?: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method, headers: { ...headers } as never, agent: false, ...(signal ? { signal } : {}) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const body = parsed(text);
          const code = typeof body['code'] === 'string' ? body['code'] : '';
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body, code });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

let serial = 0;

/** A name that no other test has. */
export function fresh(name: string): string {
  return `${name}-${process.pid}-${Date.now()}-${++serial}`;
}

export interface RedeemOptions {
  readonly key?: string | readonly string[] | undefined;
  readonly reward?: string;
  readonly points?: number;
  readonly type?: string;
  readonly clientId?: string;
  readonly token?: string;
  readonly at?: string;
  readonly signal?: AbortSignal;
}

/** One redemption of `reward_coffee` for 120 points, unless told otherwise. */
export function redeem(server: TestServer, customer: string, options: RedeemOptions = {}): Promise<Reply> {
  const { reward = 'reward_coffee', points = 120, type, clientId } = options;
  const body = JSON.stringify({
    customer_id: customer,
    reward_id: reward,
    points_amount: points,
    redemption_type: type,
    client_redemption_id: clientId,
  });
  return redeemRaw(server, body, options);
}

export function redeemRaw(server: TestServer, body: string, options: RedeemOptions = {}): Promise<Reply> {
  const { key, token = TOKEN, at = server.url, signal } = options;
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  return send(at + PATHS.redeem, 'POST', headers, body, signal);
}

export interface TestCustomer {
  readonly id: string;
  readonly token: string;
}

/** A new customer with points. */
export async function customerWith(server: TestServer, points: number): Promise<TestCustomer> {
  const id = fresh('cust');
  const { body } = await hook(server, 'POST', HOOK_PATHS.customers, { customer_id: id, points });
  return { id, token: String(body['token']) };
}

export function hook(server: TestServer, method: string, path: string, body?: object): Promise<Reply> {
  const headers = {
    authorization: `Bearer ${HOOKS_TOKEN}`,
    ...(body ? { 'content-type': 'application/json' } : {}),
  };
  return send(`${server.hooksUrl}${path}`, method, headers, body && JSON.stringify(body));
}

export function clock(server: TestServer, customer: string, change: object): Promise<Reply> {
  return hook(server, 'PUT', fillPath(HOOK_PATHS.clock, { customer_id: customer }), change);
}

export function credit(server: TestServer, customer: string, points: number): Promise<Reply> {
  return hook(server, 'POST', fillPath(HOOK_PATHS.credit, { customer_id: customer }), { points });
}

export async function ledger(server: TestServer, customer: string): Promise<LedgerReading> {
  const reply = await hook(server, 'GET', fillPath(HOOK_PATHS.ledger, { customer_id: customer }));
  return JSON.parse(reply.text) as LedgerReading;
}

export function arm(server: TestServer, arm: object): Promise<Reply> {
  return hook(server, 'POST', HOOK_PATHS.crashPoints, arm);
}

/** Balance, listed redemption ids (newest first), and the numbers of debits and rewards in the ledgers. */
export async function effects(server: TestServer, customer: string) {
  const { body } = await get(server, fillPath(PATHS.balance, { customer_id: customer }));
  const list = await get(server, fillPath(PATHS.redemptions, { customer_id: customer }));
  const { debits, rewards = [] } = await ledger(server, customer);
  const items = list.body['redemptions'] as readonly {
    readonly redemption_id: string;
    readonly status: string;
  }[];
  return {
    balance: body['balance'] as number,
    listed: items.map((item) => item.redemption_id),
    statuses: items.map((item) => item.status),
    debitCount: debits.length,
    rewardCount: rewards.length,
  };
}

export function get(server: TestServer, path: string, token: string = TOKEN): Promise<Reply> {
  return send(server.url + path, 'GET', { authorization: `Bearer ${token}` });
}

/** Looks again and again; throws when it does not come true within some ten seconds. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not happen');
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
