/** The wire's shapes: one schema is type, validation and OpenAPI. */

import { Type, type Static } from '@fastify/type-provider-typebox';
import { LIMITS, REDEMPTION_TYPES } from '../harness/model/protocol.ts';

const strict = { additionalProperties: false } as const;

const CustomerId = Type.String({ minLength: 1, maxLength: 128, description: 'The customer.' });

export const RedeemBody = Type.Object(
  {
    customer_id: CustomerId,
    reward_id: Type.String({ minLength: 1, maxLength: 128 }),
    points_amount: Type.Integer({ minimum: LIMITS.minPoints, maximum: LIMITS.maxPoints }),
    redemption_type: Type.Optional(Type.Union(REDEMPTION_TYPES.map((name) => Type.Literal(name)))),
    client_redemption_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: LIMITS.maxClientRedemptionIdLength,
        description: "The client's own name for the intent, unique per customer.",
      }),
    ),
  },
  strict,
);
export type RedeemBody = Static<typeof RedeemBody>;

export const RedemptionView = Type.Object({
  redemption_id: Type.String(),
  client_redemption_id: Type.Optional(Type.String()),
  customer_id: Type.String(),
  reward_id: Type.String(),
  points_amount: Type.Integer(),
  redemption_type: Type.Optional(Type.String()),
  balance_after: Type.Integer(),
  status: Type.String(),
  created_at: Type.String(),
});
export type RedemptionView = Static<typeof RedemptionView>;

export const RedemptionList = Type.Object({
  redemptions: Type.Array(RedemptionView),
  next_cursor: Type.Union([Type.String(), Type.Null()]),
});

export const BalanceView = Type.Object({ customer_id: Type.String(), balance: Type.Integer() });

/** Described for readers only: the contract, not the schema, judges a key. */
export const keyHeaderOf = (name: string) =>
  Type.Object({
    [name.toLowerCase()]: Type.Optional(Type.String({ description: 'One key for one intent.' })),
  });

export const CustomerParams = Type.Object({ customer_id: CustomerId }, strict);

export const ListQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({ pattern: '^(?:[1-9][0-9]?|[1-4][0-9]{2}|500)$', description: '1 to 500, default 100' }),
    ),
    cursor: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,12}$', description: '`next_cursor` of the page before' }),
    ),
    idempotency_key: Type.Optional(Type.String({ minLength: 1, maxLength: 257 })),
  },
  strict,
);

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    error: Type.String(),
    message: Type.String(),
    idempotency_key_required: Type.Optional(Type.Boolean()),
    redemption_id: Type.Optional(Type.String()),
  },
  { description: 'RFC 9457 problem details' },
);
