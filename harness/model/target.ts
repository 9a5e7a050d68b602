/** How an endpoint is spoken to, as plain data. Dependency-free: the scenarios use it in k6, the audit uses it in Node. */

import type { Amounts } from './amounts.ts';
import type { Credential } from './wire.ts';
import { KEY_HEADER, PATHS, REDEMPTION_TYPES } from './protocol.ts';

/** A JSON pointer (RFC 6901) into an answer's body, e.g. `/redemption_id`; '' is the whole body. */
export type Pointer = string;

/** JSON with `{placeholders}`; a string that is one placeholder takes the value's own type, an absent value drops the member. */
export type Template =
  string | number | boolean | null | readonly Template[] | { readonly [member: string]: Template };

export interface RedeemCall {
  readonly method: string;
  /** May hold `{customer_id}` and `{reward_id}`. */
  readonly path: string;
  readonly keyHeader: string;
  /** The key stands there in the body, and in no header; the body's template has `{idempotency_key}` at this place. */
  readonly keyPointer?: Pointer;
  /** With the body's placeholders in them; one that is an absent placeholder is not sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** Placeholders: customer_id, reward_id, points_amount, redemption_type, client_redemption_id, idempotency_key. */
  readonly body: Template;
  /** How the body is written; absent: JSON. */
  readonly bodyAs?: 'form';
  /** Calls that come first, in order: each has to be answered with 2xx before the next is made. */
  readonly before?: readonly PreparingCall[];
}

/** A call before the one that redeems, e.g. one that reserves. */
export interface PreparingCall extends Omit<RedeemCall, 'keyHeader' | 'before'> {
  /** What later calls need of its answer, by the name of their placeholder. */
  readonly take: Readonly<Record<string, Pointer>>;
}

export interface AnswerPointers {
  /** Absent: no answer names its redemption, or answers have no body at all; or Location does. */
  readonly redemption?: Pointer;
  /**
   * Where a redemption that was made is told: in the answer's body, by the last segment of its Location, or in the
   * resource to which that leads. Absent: 'body'.
   */
  readonly from?: 'body' | 'location' | 'resource';
  readonly customer?: Pointer;
  readonly balance?: Pointer;
  /** Stable code of an error, e.g. `/code`. */
  readonly code?: Pointer;
}

/** How an accepted redemption is asked for until it is final. */
export interface StatusCall {
  /** Where the first answer says where to ask: a header's name, or a pointer into its body. */
  readonly from: string;
  /** Path to ask at, with `{status}` for what `from` found and `{customer_id}`; absent: what it found is the address. */
  readonly path?: string;
  /** Pointer to the word that says how far it is; absent: the status alone says it (202 not yet, another 2xx done). */
  readonly value?: Pointer;
  readonly done: readonly string[];
  /** Words that say that nothing was done, each with the status that the refusal counts as. */
  readonly refused: Readonly<Record<string, number>>;
  /** Pointers into the final answer. Absent: those of the first. */
  readonly answer?: AnswerPointers;
  /** Before the first poll, and between polls; each next wait is half as long again, up to 2 s. */
  readonly everyMs: number;
  /** From the first answer on. */
  readonly withinMs: number;
  readonly mostPolls: number;
}

export interface BalanceCall {
  readonly path: string;
  readonly value: Pointer;
}

export interface RedemptionsCall {
  readonly path: string;
  /** Pointer to the array. */
  readonly items: Pointer;
  /** Pointers within one item. */
  readonly redemption: Pointer;
  readonly clientRedemptionId?: Pointer;
  readonly reward?: Pointer;
  readonly points?: Pointer;
  readonly status?: Pointer;
  /** Pointer to the cursor of the next page (absent or null: last page), and the query parameter that takes it. */
  readonly nextCursor?: Pointer;
  readonly cursorParameter?: string;
  /** Absent: by the cursor, or all on one page. */
  readonly paging?: Paging;
}

/** Pages by their number or by an offset, until one is empty or shorter than `size`; or by the Link header (RFC 8288). */
export type Paging =
  | { readonly by: 'link' }
  | {
      readonly by: 'page' | 'offset';
      readonly parameter: string;
      /** Number of the first page. Default 1. */
      readonly first?: number;
      readonly size?: number;
      readonly sizeParameter?: string;
    };

/** An endpoint as plain data: all that a script or the audit needs to talk to it. */
export interface Target {
  readonly baseUrl: string;
  readonly redeem: RedeemCall;
  readonly answer: AnswerPointers;
  /** How a redemption that was only accepted is asked for until it is final. */
  readonly status?: StatusCall;
  /** How amounts are written. Absent: as whole numbers of points. */
  readonly amounts?: Amounts;
  /** Accounts of listed customers, for `{account_id}` in the paths of list and balance. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Other base URLs of the same endpoint: an address in an answer may name them. */
  readonly alsoAt?: readonly string[];
  readonly balance?: BalanceCall;
  readonly redemptions?: RedemptionsCall;
  /** Rewards that may be redeemed, with what they cost in points. At least one. */
  readonly rewards: readonly { readonly id: string; readonly points: number }[];
  readonly redemptionTypes: readonly string[];
  /** Whether the request can carry the client's own name for the intent. */
  readonly sendsClientRedemptionId: boolean;
  /** What of the config only the hop can do, so that no script speaks to the endpoint alone; absent: nothing. */
  readonly needsHop?: string;
  /** How a token is sent; absent: `Authorization: Bearer …`. */
  readonly credential?: Credential;
  /** Sent with every request, reads too; `{customer_id}` may stand in them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** The reference server's own shape. */
export function referenceTarget(baseUrl: string): Target {
  return {
    baseUrl,
    redeem: {
      method: 'POST',
      path: PATHS.redeem,
      keyHeader: KEY_HEADER,
      headers: {},
      body: {
        customer_id: '{customer_id}',
        reward_id: '{reward_id}',
        points_amount: '{points_amount}',
        redemption_type: '{redemption_type}',
        client_redemption_id: '{client_redemption_id}',
      },
    },
    answer: {
      redemption: '/redemption_id',
      customer: '/customer_id',
      balance: '/balance_after',
      code: '/code',
    },
    balance: { path: PATHS.balance, value: '/balance' },
    redemptions: {
      path: PATHS.redemptions,
      items: '/redemptions',
      redemption: '/redemption_id',
      clientRedemptionId: '/client_redemption_id',
      reward: '/reward_id',
      points: '/points_amount',
      status: '/status',
      nextCursor: '/next_cursor',
      cursorParameter: 'cursor',
    },
    rewards: [
      { id: 'reward_67890', points: 500 },
      { id: 'reward_coffee', points: 120 },
    ],
    redemptionTypes: REDEMPTION_TYPES,
    sendsClientRedemptionId: true,
  };
}

/** The pointers whose finding is evidence, by their names in a config. */
export function pointersOfTarget({ status, redemptions, ...target }: Target): Record<string, Pointer> {
  // Of one that accepts first the final answer tells.
  const answer = status?.answer ?? target.answer;
  const { redemption, clientRedemptionId, reward, points } = redemptions ?? {};
  const named: Readonly<Record<string, Pointer | undefined>> = {
    'answer.redemption': answer.redemption,
    'answer.customer': answer.customer,
    'answer.balance': answer.balance,
    'answer.code': answer.code,
    'redemptions.redemption': redemption,
    'redemptions.clientRedemptionId': clientRedemptionId,
    'redemptions.reward': reward,
    'redemptions.points': points,
  };
  const given: Record<string, Pointer> = {};
  for (const [name, pointer] of Object.entries(named)) if (pointer !== undefined) given[name] = pointer;
  return given;
}
