/** What a sequential client can do to a server, each a fast-check command that runs against the model and a real server. */

import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Contract } from '../../harness/model/contract.ts';
import { CRASH_POINTS, fillPath, HOOK_PATHS, type CrashPoint } from '../../harness/model/protocol.ts';
import {
  arm,
  clock,
  effects,
  hook,
  redeemRaw,
  type Reply,
  type TestServer,
} from '../../test/reference-server/harness.ts';
import {
  accept,
  expected,
  newCustomer,
  note,
  UNKNOWN_REWARD,
  type Model,
  type ModelPayload,
  type Who,
} from './contract-model.ts';

export interface Real {
  readonly server: TestServer;
  readonly customers: readonly [string, string];
  /** First part of all keys: customers of other runs may share them. */
  readonly run: string;
}

export type Command = fc.AsyncCommand<Model, Real>;

const DAY_MS = 86_400_000;
/** Steps that meet each edge: the duplicate window, the TTL, the tombstone's end. */
const STEPS_MS = [1, 4_999, 5_000, DAY_MS / 2, DAY_MS - 1, DAY_MS, 6 * DAY_MS, 7 * DAY_MS];

const who = fc.constantFrom<Who>(0, 1);
const key = fc.constantFrom('k1', 'k2', 'k3');
const payload: fc.Arbitrary<ModelPayload> = fc.record(
  {
    reward: fc.constantFrom('reward_67890', 'reward_coffee'),
    points: fc.constantFrom(120, 500),
    clientId: fc.constantFrom('c1', 'c2'),
  },
  { requiredKeys: ['reward', 'points'] },
);

export const commands = commandsWith(payload);

/** Also what only some contracts tell apart: a body in another writing, and a reward that is unknown. */
export const wideCommands = commandsWith(
  fc.oneof(
    payload,
    payload.map((drawn) => ({ ...drawn, isReversed: true })),
    payload.map((drawn) => ({ ...drawn, reward: UNKNOWN_REWARD })),
  ),
);

function commandsWith(asked: fc.Arbitrary<ModelPayload>) {
  return fc.commands(
    [
      fc.tuple(who, key, asked).map((drawn) => new Redeem(...drawn)),
      fc.tuple(who, key, asked).map((drawn) => new Redeem(...drawn)),
      fc.tuple(who, fc.nat({ max: 9 })).map((drawn) => new Retry(...drawn)),
      fc
        .tuple(who, key, asked, fc.constantFrom(...CRASH_POINTS))
        .map((drawn) => new RedeemWithCrash(...drawn)),
      fc.tuple(who, fc.constantFrom(...STEPS_MS)).map((drawn) => new Advance(...drawn)),
      fc.tuple(who, fc.constantFrom(120, 1000)).map((drawn) => new TopUp(...drawn)),
    ],
    { maxCommands: 25 },
  );
}

/** Retries at every age of one key: few kinds of command, so that long ages are met often. */
export const agingCommands = fc.commands(
  [
    key.map((name) => new Redeem(0, name, { reward: 'reward_coffee', points: 120 })),
    fc.nat({ max: 2 }).map((index) => new Retry(0, index)),
    fc.constantFrom(1, DAY_MS / 2, DAY_MS - 1, 6 * DAY_MS).map((byMs) => new Advance(0, byMs)),
  ],
  { maxCommands: 12 },
);

export function freshModel(contract: Contract, points: number, nowMs: number): Model {
  return {
    contract,
    customers: [newCustomer(points, nowMs), newCustomer(points, nowMs)],
    holders: new Map(),
  };
}

class Redeem implements Command {
  readonly who: Who;
  readonly key: string;
  readonly payload: ModelPayload;

  constructor(who: Who, key: string, payload: ModelPayload) {
    this.who = who;
    this.key = key;
    this.payload = payload;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const reply = await ask(real, this.who, this.key, this.payload);
    compare(model, this, reply);
    await compareEffects(model, real, this.who);
  }

  toString(): string {
    return `redeem(customer ${this.who}, ${this.key}, ${JSON.stringify(this.payload)})`;
  }
}

/** The same key and payload as one that was accepted before. */
class Retry implements Command {
  readonly who: Who;
  readonly index: number;

  constructor(who: Who, index: number) {
    this.who = who;
    this.index = index;
  }

  check({ customers }: Readonly<Model>): boolean {
    return customers[this.who].keys.size > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const known = [...model.customers[this.who].keys];
    const [key, { payload }] = known[this.index % known.length] ?? expect.fail('nothing to retry');
    await new Redeem(this.who, key, payload).run(model, real);
  }

  toString(): string {
    return `retry(customer ${this.who}, accepted key ${this.index})`;
  }
}

/** The server dies at a point of this redemption; then the client retries with the same key until it is told. */
class RedeemWithCrash implements Command {
  readonly who: Who;
  readonly key: string;
  readonly payload: ModelPayload;
  readonly point: CrashPoint;

  constructor(who: Who, key: string, payload: ModelPayload, point: CrashPoint) {
    this.who = who;
    this.key = key;
    this.payload = payload;
    this.point = point;
  }

  check(model: Readonly<Model>): boolean {
    return expected(model, this.who, this.key, this.payload).kind === 'fresh';
  }

  async run(model: Model, real: Real): Promise<void> {
    const customer = real.customers[this.who];
    await arm(real.server, {
      point: this.point,
      action: 'crash',
      customer_id: customer,
      key: `${real.run}-${this.key}`,
      times: 1,
    });
    const lost = await ask(real, this.who, this.key, this.payload).catch(() => undefined);
    expect(lost, 'the answer of a server that has died').toBeUndefined();
    const reply = await settled(real, this.who, this.key, this.payload);
    const { body } = reply;
    // A crash after the completion leaves the answer to be replayed; before it, the retry finishes the redemption.
    expect(reply.status, reply.text).toBe(200);
    expect(reply.headers['idempotent-replayed']).toBe(this.point === 'before-reply' ? 'true' : undefined);
    note(model, this.who, this.key, this.payload, { kind: 'fresh', points: this.payload.points });
    accept(model.customers[this.who], this.key, this.payload, String(body['redemption_id']), reply.text);
    await compareEffects(model, real, this.who);
  }

  toString(): string {
    return `redeem(customer ${this.who}, ${this.key}, ${JSON.stringify(this.payload)}) with a crash ${this.point}`;
  }
}

class Advance implements Command {
  readonly who: Who;
  readonly byMs: number;

  constructor(who: Who, byMs: number) {
    this.who = who;
    this.byMs = byMs;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const reply = await clock(real.server, real.customers[this.who], { advance_ms: this.byMs });
    expect(reply.status).toBe(200);
    const isCommon = model.contract.clockScope === 'common';
    for (const [index, customer] of model.customers.entries())
      if (isCommon || index === this.who) customer.nowMs += this.byMs;
  }

  toString(): string {
    return `advance(customer ${this.who}, ${this.byMs} ms)`;
  }
}

class TopUp implements Command {
  readonly who: Who;
  readonly points: number;

  constructor(who: Who, points: number) {
    this.who = who;
    this.points = points;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const path = fillPath(HOOK_PATHS.credit, { customer_id: real.customers[this.who] });
    const reply = await hook(real.server, 'POST', path, { points: this.points });
    expect(reply.status).toBe(200);
    model.customers[this.who].balance += this.points;
    await compareEffects(model, real, this.who);
  }

  toString(): string {
    return `topUp(customer ${this.who}, ${this.points})`;
  }
}

function compare(model: Model, { who, key, payload }: Redeem, reply: Reply): void {
  const customer = model.customers[who];
  const want = expected(model, who, key, payload);
  note(model, who, key, payload, want);
  const marker = reply.headers['idempotent-replayed'];
  switch (want.kind) {
    case 'fresh':
      expect({ status: reply.status, marker }, reply.text).toEqual({ status: 200, marker: undefined });
      expect(reply.body['balance_after']).toBe(customer.balance - want.points);
      accept(customer, key, payload, String(reply.body['redemption_id']), reply.text);
      return;
    case 'replay':
      expect({ status: reply.status, marker, text: reply.text }).toEqual({
        status: 200,
        marker: 'true',
        text: shownAgain(model, who, want.body) ?? reply.text,
      });
      expect(reply.body['redemption_id']).toBe(want.redemption);
      return;
    case 'again':
      expect(reply.status, reply.text).toBe(want.status);
      expect(reply.headers['retry-after']).toBe('1');
      return;
    case 'refused':
      expect({ status: reply.status, code: reply.body['code'], marker }, reply.text).toEqual({
        status: want.status,
        code: want.code,
        marker: want.isReplay === true ? 'true' : undefined,
      });
      if (want.redemption !== undefined) expect(reply.body['redemption_id']).toBe(want.redemption);
  }
}

/** The first answer; or, where the contract shows that, the redemption as it is by now. */
function shownAgain({ contract, customers }: Model, who: Who, body: string | undefined): string | undefined {
  if (body === undefined || contract.replayState !== 'latest') return body;
  return JSON.stringify({ ...(JSON.parse(body) as object), balance_after: customers[who].balance });
}

function ask({ server, customers, run }: Real, who: Who, key: string, payload: ModelPayload): Promise<Reply> {
  const members = [
    ['customer_id', customers[who]],
    ['reward_id', payload.reward],
    ['points_amount', payload.points],
    ...(payload.clientId === undefined ? [] : [['client_redemption_id', payload.clientId]]),
  ];
  const inOrder = payload.isReversed === true ? members.toReversed() : members;
  return redeemRaw(server, JSON.stringify(Object.fromEntries(inOrder)), { key: `${run}-${key}` });
}

/** Balance, list and ledgers are exactly the model's; also of the customer that nothing was asked for. */
async function compareEffects(model: Model, real: Real, who: Who): Promise<void> {
  const customer = model.customers[who];
  const newestFirst = customer.redemptions.map(({ id }) => id).toReversed();
  expect(await effects(real.server, real.customers[who])).toEqual({
    balance: customer.balance,
    listed: newestFirst,
    statuses: newestFirst.map(() => 'completed'),
    debitCount: newestFirst.length,
    rewardCount: newestFirst.length,
  });
}

/** Retries with the same key until the answer is definite, as the contract tells a client to. Bounded: at most 200 times. */
async function settled(real: Real, who: Who, key: string, payload: ModelPayload): Promise<Reply> {
  for (let n = 0; n < 200; n++) {
    const reply = await ask(real, who, key, payload).catch(() => undefined);
    const isOpen =
      reply === undefined || reply.status >= 500 || reply.body['code'] === 'redemption_in_progress';
    if (!isOpen) return reply;
    await delay(10);
  }
  return expect.fail('never settled');
}
