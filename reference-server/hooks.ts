/** The test hooks: a server of its own on a port of its own, with a token of its own. Off unless asked for. */

import { TypeBoxValidatorCompiler, Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { PROFILES, readKey, type Contract } from '../harness/model/contract.ts';
import { CRASH_POINTS, HOOK_PATHS, MAX_CLOCK_OFFSET_MS } from '../harness/model/protocol.ts';
import { isSameSecret, type Access } from './access.ts';
import { refusalAnswer, type PlainRefusal, type RefusalRow } from './answers.ts';
import { send } from './send.ts';
import type { Arms } from './arms.ts';
import { CustomerParams } from './schemas.ts';
import { ClockFixed, StoreUnavailable, type Clock, type ClockChange, type Store } from './store.ts';

export interface HooksOptions {
  readonly token: string;
  readonly store: Store;
  readonly access: Access;
  readonly arms: Arms;
  /** Makes a replica's own clock wrong, see `Replica.skew`; false where this process has no replica of that number. */
  readonly skew: (replica: number, offsetMs: number) => boolean;
  /** Provisioned customers are forgotten after so long without use, ms. */
  readonly customerTtlMs: number;
  /** Whose clock a change moves: the named customer's, or one that all have in common. */
  readonly clockScope: Contract['clockScope'];
}

const strict = { additionalProperties: false } as const;
const Points = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });
const Time = Type.Integer({ minimum: 0, maximum: 8_000_000_000_000_000 });

const Customer = Type.Object(
  {
    customer_id: Type.String({ minLength: 1, maxLength: 128 }),
    points: Type.Optional(Points),
    reset: Type.Optional(Type.Boolean()),
  },
  strict,
);
const Credit = Type.Object({ points: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }) }, strict);
const ClockBody = Type.Union([
  Type.Object({ now_ms: Time, frozen: Type.Optional(Type.Boolean()) }, strict),
  Type.Object({ advance_ms: Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 }) }, strict),
  Type.Object({ frozen: Type.Boolean() }, strict),
]);
const CrashPointBody = Type.Object(
  {
    point: Type.Union(CRASH_POINTS.map((name) => Type.Literal(name))),
    action: Type.Union([Type.Literal('crash'), Type.Literal('pause'), Type.Literal('hold')]),
    pause_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000 })),
    key: Type.Optional(Type.String({ minLength: 1, maxLength: 257 })),
    customer_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    replica: Type.Optional(Type.Integer({ minimum: 1 })),
    times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  },
  strict,
);
const ReplicaParams = Type.Object({ replica: Type.String({ pattern: '^[1-9][0-9]{0,5}$' }) }, strict);
const Offset = Type.Object(
  { offset_ms: Type.Integer({ minimum: -MAX_CLOCK_OFFSET_MS, maximum: MAX_CLOCK_OFFSET_MS }) },
  strict,
);
const DEFAULT_PAUSE_MS = 1000;

/** Builds the hooks' server, not yet listening. */
export function buildHooks({
  token,
  store,
  access,
  arms,
  skew,
  customerTtlMs,
  clockScope,
}: HooksOptions): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.addHook('onRequest', (request, reply, done) => {
    const [scheme, given] = (request.headers.authorization ?? '').split(' ');
    if (scheme === 'Bearer' && isSameSecret(given ?? '', token)) done();
    else void refuse(reply, 'badToken');
  });
  app.setErrorHandler((error, _request, reply) => refuse(reply, rowOf(error), messageIn(error)));
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'notFound'));

  app.get(HOOK_PATHS.capabilities, async () => ({
    provision: true,
    credit: true,
    clock: true,
    ledger: true,
    crash: true,
  }));
  app.get(HOOK_PATHS.stats, async () => store.stats());
  app.post(HOOK_PATHS.customers, { schema: { body: Customer } }, async ({ body }) => {
    const { customer_id: customer, points = 0, reset = false } = body;
    const balance = await store.provision({ customer, points, reset, idleTtlMs: customerTtlMs });
    return { customer_id: customer, token: access.tokenFor(customer), balance };
  });
  const params = CustomerParams;
  app.post(toRoute(HOOK_PATHS.credit), { schema: { params, body: Credit } }, async (request, reply) => {
    const balance = await store.credit(request.params.customer_id, request.body.points);
    return balance === undefined ? refuse(reply, 'unknownCustomer') : { balance };
  });
  app.get(toRoute(HOOK_PATHS.clock), { schema: { params } }, async (request, reply) =>
    clockView(reply, await store.clock(request.params.customer_id)),
  );
  app.put(toRoute(HOOK_PATHS.clock), { schema: { params, body: ClockBody } }, async (request, reply) => {
    const customer = request.params.customer_id;
    const change = changeOf(request.body);
    if (clockScope === 'customer') return clockView(reply, await store.setClock(customer, change));
    if ((await store.clock(customer)) === undefined) return refuse(reply, 'unknownCustomer');
    return clockView(reply, await store.setCommonClock(change));
  });
  app.put(HOOK_PATHS.storeClock, { schema: { body: Offset } }, async ({ body }) => {
    await store.jump(body.offset_ms);
    return body;
  });
  app.put(
    toRoute(HOOK_PATHS.replicaClock),
    { schema: { params: ReplicaParams, body: Offset } },
    async ({ params: { replica }, body }, reply) =>
      skew(Number(replica), body.offset_ms) ? body : refuse(reply, 'notFound', 'no such replica here'),
  );
  app.get(toRoute(HOOK_PATHS.ledger), { schema: { params } }, async (request, reply) => {
    const ledger = await store.ledger(request.params.customer_id);
    return ledger ?? refuse(reply, 'unknownCustomer');
  });
  app.post(HOOK_PATHS.crashPoints, { schema: { body: CrashPointBody } }, async ({ body }, reply) => {
    const read = body.key === undefined ? undefined : readKey(PROFILES.seed, body.key);
    const isAdded = arms.add({
      point: body.point,
      action: body.action,
      pauseMs: body.pause_ms ?? DEFAULT_PAUSE_MS,
      times: body.times ?? 1,
      ...(read?.kind === 'key' ? { key: read.key } : {}),
      ...(body.customer_id === undefined ? {} : { customer: body.customer_id }),
      ...(body.replica === undefined ? {} : { replica: body.replica }),
    });
    return isAdded ? reply.code(204).send() : refuse(reply, 'badBody', 'too many crash points are armed');
  });
  app.delete(HOOK_PATHS.crashPoints, async (_request, reply) => {
    arms.clear();
    return reply.code(204).send();
  });
  return app;
}

function refuse(reply: FastifyReply, row: RefusalRow | PlainRefusal, detail?: string): FastifyReply {
  return send(reply, refusalAnswer(PROFILES.seed, row, detail === undefined ? {} : { detail }));
}

function rowOf(error: unknown): RefusalRow | PlainRefusal {
  if (error instanceof StoreUnavailable) return 'storeDown';
  if (error instanceof ClockFixed) return 'badBody';
  const status = (error as { readonly statusCode?: number }).statusCode;
  return status !== undefined && status < 500 ? 'badBody' : 'internal';
}

function messageIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type ClockRequest = { now_ms: number; frozen?: boolean } | { advance_ms: number } | { frozen: boolean };

function changeOf(body: ClockRequest): ClockChange {
  if ('now_ms' in body) return { kind: 'set', nowMs: body.now_ms, isFrozen: body.frozen ?? true };
  if ('advance_ms' in body) return { kind: 'advance', byMs: body.advance_ms };
  return body.frozen ? { kind: 'advance', byMs: 0 } : { kind: 'run' };
}

function clockView(reply: FastifyReply, clock: Clock | undefined): FastifyReply | object {
  return clock ? { now_ms: clock.nowMs, frozen: clock.isFrozen } : refuse(reply, 'unknownCustomer');
}

function toRoute(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
