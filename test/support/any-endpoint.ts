/** A small redemption endpoint in memory that speaks as it is told to; it shares no line with the reference server. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface EndpointShape {
  /** Two requests of one key can both find it unknown. */
  readonly isWrong?: boolean;
  /** `now`: 200; `accepted`: 202 and a job to ask for; `created`: 201 with a Location. */
  readonly answers?: 'now' | 'accepted' | 'created';
  /** How the 202 says where to ask: by Location, or by the job's name in the body. */
  readonly tellsJob?: 'location' | 'body';
  /** The job's end: a word in the body, or 202 until it is there and then the redemption itself. */
  readonly jobSays?: 'word' | 'status';
  /** How long a job takes, ms. */
  readonly jobMs?: number;
  /** Jobs that never end. */
  readonly neverEnds?: boolean;
  /** How points are written. Default: as they are. */
  readonly write?: (points: number) => unknown;
  readonly read?: (written: unknown) => number;
  /** How the list is given. Default: whole. */
  readonly paging?: 'page' | 'offset' | 'link';
  readonly pageSize?: number;
  /** Points that a customer whom nobody made has. */
  readonly points?: number;
  /** Account of a customer: list and balance stand there. */
  readonly accountOf?: (customer: string) => string;
  /** What a reward costs, whatever is asked. */
  readonly prices?: Readonly<Record<string, number>>;
}

interface Redemption {
  readonly id: string;
  readonly reward: string;
  readonly points: number;
  readonly left: number;
  readonly at: number;
  readonly name: string | undefined;
}

interface Job {
  readonly id: string;
  readonly payload: string;
  state: 'working' | 'done' | 'declined';
  redemption?: Redemption;
}

interface Account {
  points: number;
  readonly redemptions: Redemption[];
  readonly jobs: Map<string, Job>;
}

export interface AnyEndpoint {
  readonly url: string;
  /** Requests so far, `METHOD path`. */
  readonly seen: readonly string[];
  readonly accounts: ReadonlyMap<string, Account>;
  readonly close: () => Promise<void>;
}

/** Starts it on a free port of this machine. */
export async function startAnyEndpoint(shape: EndpointShape = {}): Promise<AnyEndpoint> {
  const endpoint = new Endpoint(shape);
  const server = createServer((request, response) => {
    endpoint.handle(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ error: String(error) }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: endpoint.seen,
    accounts: endpoint.accounts,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

class Endpoint {
  readonly seen: string[] = [];
  readonly accounts = new Map<string, Account>();
  readonly #jobs = new Map<string, Job>();
  readonly #shape: EndpointShape;
  #count = 0;

  constructor(shape: EndpointShape) {
    this.#shape = shape;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://local');
    this.seen.push(`${request.method} ${url.pathname}${url.search}`);
    const [, room = '', name = '', what = ''] = url.pathname.split('/').map(decodeURIComponent);
    const body = request.method === 'GET' ? {} : await bodyOf(request);
    if (room === 'made' && request.method === 'PUT') {
      this.accounts.set(this.#accountName(name), {
        points: Number(body['points']),
        redemptions: [],
        jobs: new Map(),
      });
      return send(response, 204);
    }
    if (room === 'redeem') return await this.#redeem(request, response, body);
    if (room === 'jobs') return this.#job(response, name);
    if (room === 'redemptions') return this.#redemption(response, name);
    const account = this.#account(what === '' ? '' : name);
    if (what === 'balance') return send(response, 200, { balance: { amount: this.#write(account.points) } });
    if (what === 'redemptions') return this.#list(response, account, url);
    send(response, 404, { code: 'no_such_path' });
  }

  async #redeem(
    request: IncomingMessage,
    response: ServerResponse,
    body: Record<string, unknown>,
  ): Promise<void> {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || key === '') return send(response, 400, { code: 'key_missing' });
    const account = this.#account(this.#accountName(String(body['customer'])));
    const payload = JSON.stringify([body['customer'], body['reward'], body['points'], body['name']]);
    const known = account.jobs.get(key);
    if (known !== undefined && known.payload !== payload) return send(response, 422, { code: 'key_reused' });
    if (known !== undefined) return await this.#told(response, known, true);
    if (this.#shape.isWrong === true) await sleep(5);
    const job: Job = { id: `job_${++this.#count}`, payload, state: 'working' };
    account.jobs.set(key, job);
    this.#jobs.set(job.id, job);
    const work = this.#work(account, key, job, body);
    if (this.#shape.answers !== 'accepted') await work;
    await this.#told(response, job, false);
  }

  async #work(account: Account, key: string, job: Job, body: Record<string, unknown>): Promise<void> {
    const { jobMs = 0, neverEnds, prices, read = Number } = this.#shape;
    if (jobMs > 0) await sleep(jobMs);
    if (neverEnds === true) return;
    const points = prices?.[String(body['reward'])] ?? read(body['points']);
    if (account.points < points) {
      job.state = 'declined';
      // Nothing was done, and nothing is kept: the same key may ask again.
      account.jobs.delete(key);
      return;
    }
    account.points -= points;
    job.redemption = {
      id: `r_${this.#count}_${account.redemptions.length + 1}`,
      reward: String(body['reward']),
      points,
      left: account.points,
      at: Date.now(),
      name: typeof body['name'] === 'string' ? body['name'] : undefined,
    };
    account.redemptions.unshift(job.redemption);
    job.state = 'done';
  }

  async #told(response: ServerResponse, job: Job, isAgain: boolean): Promise<void> {
    const { answers = 'now', tellsJob = 'location' } = this.#shape;
    if (answers === 'accepted') {
      if (tellsJob === 'location') response.setHeader('Location', `/jobs/${job.id}`);
      return send(response, 202, tellsJob === 'body' ? { job: { name: job.id } } : { accepted: true });
    }
    while (job.state === 'working') await sleep(2);
    if (job.redemption === undefined) return send(response, 402, { code: 'too_few_points' });
    if (answers === 'created') {
      response.setHeader('Location', `/redemptions/${job.redemption.id}`);
      return send(response, isAgain ? 200 : 201, { accepted: true });
    }
    send(response, 200, this.#shown(job.redemption));
  }

  #job(response: ServerResponse, name: string): void {
    const job = this.#jobs.get(name);
    if (job === undefined) return send(response, 404, { code: 'no_such_job' });
    const { redemption } = job;
    if (this.#shape.jobSays !== 'status') {
      const result = redemption && this.#shown(redemption);
      return send(response, 200, {
        state: job.state,
        ...(result && { result }),
        ...(job.state === 'declined' && { code: 'too_few_points' }),
      });
    }
    if (job.state === 'working') return send(response, 202, {});
    if (redemption === undefined) return send(response, 402, { code: 'too_few_points' });
    send(response, 200, { result: this.#shown(redemption) });
  }

  #redemption(response: ServerResponse, name: string): void {
    for (const { redemptions } of this.accounts.values()) {
      const found = redemptions.find(({ id }) => id === name);
      if (found) return send(response, 200, this.#shown(found));
    }
    send(response, 404, { code: 'no_such_redemption' });
  }

  #list(response: ServerResponse, { redemptions }: Account, url: URL): void {
    const { paging, pageSize = 2 } = this.#shape;
    const rows = redemptions.map((one) => this.#shown(one));
    if (paging === undefined) return send(response, 200, { items: rows });
    const page = Number(url.searchParams.get('page') ?? '1');
    const from = paging === 'offset' ? Number(url.searchParams.get('offset') ?? '0') : (page - 1) * pageSize;
    if (paging === 'link' && from + pageSize < rows.length)
      response.setHeader('Link', `<${url.pathname}?page=${page + 1}>; rel="next", </first>; rel="first"`);
    send(response, 200, { items: rows.slice(from, from + pageSize), total: rows.length });
  }

  #shown({ id, reward, points, left, name }: Redemption) {
    return {
      id,
      reward,
      price: this.#write(points),
      left: this.#write(left),
      ...(name !== undefined && { name }),
    };
  }

  #write(points: number): unknown {
    return this.#shape.write ? this.#shape.write(points) : points;
  }

  #accountName(customer: string): string {
    return this.#shape.accountOf?.(customer) ?? customer;
  }

  #account(name: string): Account {
    let account = this.accounts.get(name);
    if (account === undefined) {
      account = { points: this.#shape.points ?? 0, redemptions: [], jobs: new Map() };
      this.accounts.set(name, account);
    }
    return account;
  }
}

/** What every config of it begins with; members replace each other. */
export function anyConfig(
  url: string,
  members: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    baseUrl: url,
    redeem: {
      path: '/redeem',
      body: {
        customer: '{customer_id}',
        reward: '{reward_id}',
        points: '{points_amount}',
        name: '{client_redemption_id}',
      },
    },
    answer: { redemption: '/id', balance: '/left', code: '/code' },
    balance: { path: '/customers/{customer_id}/balance', value: '/balance/amount' },
    redemptions: {
      path: '/customers/{customer_id}/redemptions',
      items: '/items',
      redemption: '/id',
      reward: '/reward',
      points: '/price',
      clientRedemptionId: '/name',
    },
    rewards: [
      { id: 'tea', points: 250 },
      { id: 'cake', points: 400 },
    ],
    contract: {
      profile: 'ietf',
      missingKey: { status: 400, code: 'key_missing' },
      malformedKey: 'unspecified',
      inFlight: 'wait',
      otherPayload: { status: 422, code: 'key_reused' },
      insufficientPoints: { status: 402, code: 'too_few_points' },
      storesInsufficientPoints: false,
      ttlMs: 'unspecified',
      duplicateIntent: 'unspecified',
    },
    limits: { lateMs: 0 },
    ...members,
  };
}

/** Writes the config into a folder, with a hook that makes customers unless it lists some. Gives back its path. */
export function writeConfig(folder: string, config: Readonly<Record<string, unknown>>): string {
  const file = join(folder, 'onceproof.config.mjs');
  const hooks =
    config['customers'] === undefined
      ? `, hooks: { provision: async ({ customer, points }) => {
           const made = await fetch(${JSON.stringify(`${String(config['baseUrl'])}/made/`)} + encodeURIComponent(customer),
             { method: 'PUT', body: JSON.stringify({ points }) });
           if (!made.ok) throw new Error('status ' + made.status);
         } }`
      : '';
  writeFileSync(file, `export default { ...${JSON.stringify(config)}${hooks} };\n`);
  return file;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Record<string, unknown>;
}

function send(response: ServerResponse, status: number, body?: unknown): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
