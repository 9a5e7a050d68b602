/** The three calls of the contract. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readKey, type Contract } from '../harness/model/contract.ts';
import { PATHS } from '../harness/model/protocol.ts';
import {
  refusalAnswer,
  type Answer,
  type PlainRefusal,
  type RefusalDetails,
  type RefusalRow,
} from './answers.ts';
import type { Metrics } from './metrics.ts';
import {
  answerOf,
  redeem,
  type RedeemOutcome,
  type RedeemParts,
  type RedeemRequest,
  type SentRequest,
} from './redeem.ts';
import {
  BalanceView,
  CustomerParams,
  keyHeaderOf,
  ListQuery,
  Problem,
  RedeemBody,
  RedemptionList,
  RedemptionView,
} from './schemas.ts';
import { send } from './send.ts';
import { StoreUnavailable, type Payload, type Redemption, type RedemptionPage } from './store.ts';

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

type Refuse = (reply: FastifyReply, row: RefusalRow | PlainRefusal, details?: RefusalDetails) => FastifyReply;

const DEFAULT_PAGE_COUNT = 100;
const SECURITY = [{ bearer: [] }];

/** Adds redeem, list and balance to an app that has already judged the token. */
export function addRoutes(api: Api, parts: RedeemParts, metrics: Metrics, refuse: Refuse): void {
  addRedeem(api, parts, metrics, refuse);
  addReads(api, parts, refuse);
}

function addRedeem(api: Api, parts: RedeemParts, metrics: Metrics, refuse: Refuse): void {
  const { contract } = parts;
  const schema = {
    summary: 'Redeem a reward',
    description: `Needs the header ${contract.keyHeader}. The same key and payload give the same answer, and one debit.`,
    security: SECURITY,
    headers: keyHeaderOf(contract.keyHeader),
    body: RedeemBody,
    response: { 200: RedemptionView, '4xx': Problem, '5xx': Problem },
  };
  api.post(
    toRoute(PATHS.redeem),
    {
      schema,
      // The answer is a text that was stored: nothing may render it anew.
      serializerCompiler: () => (data: unknown) => String(data),
      preValidation: (request, reply, done) => {
        // An empty body without a type never meets a parser, which would have refused it.
        if (request.headers['content-type'] === undefined) void refuse(reply, 'unsupportedMediaType');
        else done();
      },
    },
    async (request, reply) => {
      const startedAt = performance.now();
      const { body } = request;
      if (!request.actor?.mayActFor(body.customer_id)) return refuse(reply, 'otherCustomersData');
      const outcome = await outcomeOf(parts, request, payloadOf(body));
      metrics.redeemed(labelOf(outcome), (performance.now() - startedAt) / 1000);
      return send(reply, toldOf(parts, outcome));
    },
  );
}

function addReads(api: Api, { store, contract }: RedeemParts, refuse: Refuse): void {
  api.get(
    toRoute(PATHS.redemptions),
    {
      schema: {
        summary: "A customer's redemptions, newest first",
        security: SECURITY,
        params: CustomerParams,
        querystring: ListQuery,
        response: { 200: RedemptionList, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { customer_id: customer } = request.params;
      if (!request.actor?.mayActFor(customer)) return refuse(reply, 'otherCustomersData');
      const { limit, cursor, idempotency_key: sent } = request.query;
      const key = sent === undefined ? undefined : keyIn(contract, sent);
      if (sent !== undefined && key === undefined) return refuse(reply, 'malformedKey');
      const page =
        key === undefined
          ? await store.redemptions(
              customer,
              Number(limit ?? DEFAULT_PAGE_COUNT),
              cursor === undefined ? undefined : Number(cursor),
            )
          : await store.redemptionOfKey(customer, key);
      return page ? viewOfPage(page) : refuse(reply, 'unknownCustomer');
    },
  );
  api.get(
    toRoute(PATHS.balance),
    {
      schema: {
        summary: "A customer's points",
        security: SECURITY,
        params: CustomerParams,
        response: { 200: BalanceView, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { customer_id: customer } = request.params;
      if (!request.actor?.mayActFor(customer)) return refuse(reply, 'otherCustomersData');
      const balance = await store.balance(customer);
      return balance === undefined ? refuse(reply, 'unknownCustomer') : { customer_id: customer, balance };
    },
  );
}

async function outcomeOf(
  parts: RedeemParts,
  request: FastifyRequest,
  payload: Payload,
): Promise<RedeemOutcome | 'storeDown'> {
  try {
    const key = sentKey(request, parts.contract.keyHeader);
    const asked = { key, payload, ...(request.sentBody !== null && { body: request.sentBody }) };
    const around = parts.careless?.around;
    return await (around ? around(parts, sentRequest(asked, request)) : redeem(parts, asked));
  } catch (error) {
    if (error instanceof StoreUnavailable) return 'storeDown';
    throw error;
  }
}

function toldOf({ contract, careless }: RedeemParts, outcome: RedeemOutcome | 'storeDown'): Answer {
  if (outcome === 'storeDown') return refusalAnswer(contract, outcome);
  const answer = answerOf(contract, outcome);
  return careless?.tell ? careless.tell(answer, outcome) : answer;
}

function sentRequest(asked: RedeemRequest, { raw }: FastifyRequest): SentRequest {
  const { url = '', httpVersion, headers, rawHeaders, socket } = raw;
  return { ...asked, url, httpVersion, headers, rawHeaders, isGone: () => socket.destroyed };
}

/** The key as it came: Node joins the values of a doubled header with a comma, so the raw lines are asked. */
function sentKey({ raw }: FastifyRequest, header: string): string | readonly string[] | undefined {
  const name = header.toLowerCase();
  const joined = raw.headers[name];
  if (joined === undefined) return undefined;
  const values: string[] = [];
  for (let index = 0; index < raw.rawHeaders.length; index += 2)
    if (raw.rawHeaders[index]?.toLowerCase() === name) values.push(raw.rawHeaders[index + 1] ?? '');
  return values.length === 1 ? values[0] : values;
}

function keyIn(contract: Contract, sent: string): string | undefined {
  const read = readKey(contract, sent);
  return read.kind === 'key' ? read.key : undefined;
}

function labelOf(outcome: RedeemOutcome | 'storeDown'): string {
  if (outcome === 'storeDown') return outcome;
  if (outcome.kind === 'refused') return outcome.row;
  return outcome.isReplay ? 'replay' : 'fresh';
}

function payloadOf(body: RedeemBody): Payload {
  return {
    customer: body.customer_id,
    reward: body.reward_id,
    points: body.points_amount,
    ...(body.redemption_type === undefined ? {} : { type: body.redemption_type }),
    ...(body.client_redemption_id === undefined ? {} : { clientRedemptionId: body.client_redemption_id }),
  };
}

function viewOfPage({ items, next }: RedemptionPage): {
  redemptions: RedemptionView[];
  next_cursor: string | null;
} {
  return { redemptions: items.map(viewOf), next_cursor: next === undefined ? null : String(next) };
}

function viewOf({ redemption, payload, status, balanceAfter, at }: Redemption): RedemptionView {
  return {
    redemption_id: redemption,
    ...(payload.clientRedemptionId === undefined ? {} : { client_redemption_id: payload.clientRedemptionId }),
    customer_id: payload.customer,
    reward_id: payload.reward,
    points_amount: payload.points,
    ...(payload.type === undefined ? {} : { redemption_type: payload.type }),
    balance_after: balanceAfter,
    status,
    created_at: new Date(at).toISOString(),
  };
}

function toRoute(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
