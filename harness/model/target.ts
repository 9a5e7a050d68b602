/**
 * How an endpoint is spoken to, as plain data, and the pure functions that read and write by it.
 * Dependency-free: the scenarios use it in k6, the audit uses it in Node.
 */

import { pointsOf, writtenPoints, type Amounts } from './amounts.ts';
import { digest } from './decide.ts';
import { exactJson } from './json.ts';
import { formOf, filledHeaders, withCommon, type Credential } from './wire.ts';
import { fillPath, KEY_HEADER, PATHS, REDEMPTION_TYPES, type ListedRedemption } from './protocol.ts';

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

/** What one redemption asks for. */
export interface RedeemPayload {
  readonly customer: string;
  readonly reward: string;
  readonly points: number;
  readonly type?: string;
  readonly clientRedemptionId?: string;
}

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** The redeem request of a payload under a key (absent: none is sent), without token and attempt header: `authorised` adds the one, the sender the other. */
export function redeemRequest(
  target: Target,
  payload: RedeemPayload,
  key?: string,
  taken: Readonly<Record<string, string>> = {},
): WireRequest {
  const { redeem } = target;
  const values = { ...placeholders(payload, key, target.amounts), ...taken };
  const texts = textsOf(values);
  const body = filled(redeem.body, values);
  const isForm = redeem.bodyAs === 'form';
  const request = {
    method: redeem.method,
    url: target.baseUrl + fillPath(redeem.path, texts),
    body: isForm ? formOf(body) : JSON.stringify(body),
    headers: {
      ...contentTypeOf(redeem),
      ...filledHeaders(redeem.headers, texts),
      ...(key !== undefined && redeem.keyPointer === undefined && { [redeem.keyHeader]: key }),
    },
  };
  return withCommon(target, request, payload.customer);
}

/** None where the config names its own, in whatever letter case. */
function contentTypeOf({ headers, bodyAs }: RedeemCall): Record<string, string> {
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) return {};
  return { 'Content-Type': bodyAs === 'form' ? 'application/x-www-form-urlencoded' : 'application/json' };
}

export function balanceUrl(target: Target, customer: string): string | undefined {
  return target.balance && target.baseUrl + fillPath(target.balance.path, placesOf(target, customer));
}

export function redemptionsUrl(target: Target, customer: string, cursor?: string): string | undefined {
  if (!target.redemptions) return undefined;
  const url = target.baseUrl + fillPath(target.redemptions.path, placesOf(target, customer));
  if (cursor === undefined) return url;
  const parameter = target.redemptions.cursorParameter ?? 'cursor';
  return `${url}${url.includes('?') ? '&' : '?'}${parameter}=${encodeURIComponent(cursor)}`;
}

function placesOf({ accounts }: Target, customer: string): Record<string, string> {
  const account = accounts?.[customer];
  return { customer_id: customer, ...(account !== undefined && { account_id: account }) };
}

export interface ReadAnswer {
  readonly redemption?: string;
  readonly customer?: string;
  readonly balance?: number;
  readonly code?: string;
  readonly bodyHash?: string;
}

/** What the pointers find in an answer's body; members that are not there stay absent. */
export function readAnswer(target: Target, bodyText: string | null | undefined): ReadAnswer {
  if (!bodyText) return {};
  const body = exactJson(bodyText);
  const answer: { -readonly [K in keyof ReadAnswer]: ReadAnswer[K] } = { bodyHash: digest(bodyText) };
  const redemption = textAt(body, target.answer.redemption);
  if (redemption !== undefined) answer.redemption = redemption;
  const customer = textAt(body, target.answer.customer);
  if (customer !== undefined) answer.customer = customer;
  const code = textAt(body, target.answer.code);
  if (code !== undefined) answer.code = code;
  const told = target.answer.balance === undefined ? undefined : at(body, target.answer.balance);
  const balance = pointsOf(told, target.amounts);
  if (balance !== undefined) answer.balance = balance;
  return answer;
}

/** The balance in points, or undefined where the answer holds no number. */
export function readBalance(target: Target, bodyText: string): number | undefined {
  if (!target.balance) return undefined;
  return pointsOf(at(exactJson(bodyText), target.balance.value), target.amounts);
}

/** One page of the list, or undefined where the answer holds no array. */
export function readRedemptions(
  target: Target,
  bodyText: string,
): { readonly items: readonly ListedRedemption[]; readonly next?: string } | undefined {
  const call = target.redemptions;
  if (!call) return undefined;
  const body = exactJson(bodyText);
  const items = at(body, call.items);
  if (!Array.isArray(items)) return undefined;
  const next = call.nextCursor === undefined ? undefined : textAt(body, call.nextCursor);
  const listed = items.map((item: unknown) => listedRedemption(call, item, target.amounts));
  return next === undefined ? { items: listed } : { items: listed, next };
}

/** A hash of the members that a payload's meaning rests on; two payloads with one fingerprint ask for the same. */
export function payloadHash(payload: RedeemPayload): string {
  return digest(
    JSON.stringify([
      payload.customer,
      payload.reward,
      payload.points,
      payload.type ?? null,
      payload.clientRedemptionId ?? null,
    ]),
  );
}

/** The value at an RFC 6901 pointer, or undefined. */
export function at(value: unknown, pointer: Pointer): unknown {
  if (pointer === '') return value;
  let here: unknown = value;
  for (const token of pointer.slice(1).split('/')) {
    const member = token.replace(/~1/g, '/').replace(/~0/g, '~');
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, member)) return undefined;
    here = (here as Record<string, unknown>)[member];
  }
  return here;
}

type Placeholders = Readonly<Record<string, string | number | undefined>>;

function placeholders(
  payload: RedeemPayload,
  key: string | undefined,
  amounts: Amounts | undefined,
): Placeholders {
  return {
    idempotency_key: key,
    customer_id: payload.customer,
    reward_id: payload.reward,
    points_amount: writtenPoints(payload.points, amounts),
    redemption_type: payload.type,
    client_redemption_id: payload.clientRedemptionId,
  };
}

function textsOf(values: Placeholders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) texts[name] = String(value);
  return texts;
}

function filled(template: Template, values: Placeholders): unknown {
  if (typeof template === 'string') return filledText(template, values);
  if (Array.isArray(template)) return template.map((part: Template) => filled(part, values));
  if (typeof template !== 'object' || template === null) return template;
  const members: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(template)) {
    const value = filled(part, values);
    if (value !== undefined) members[name] = value;
  }
  return members;
}

function filledText(template: string, values: Placeholders): string | number | undefined {
  const whole = /^\{(\w+)\}$/.exec(template)?.[1];
  if (whole !== undefined && Object.hasOwn(values, whole)) return values[whole];
  return template.replace(/\{(\w+)\}/g, (text, name: string) => {
    const value = values[name];
    return value === undefined ? text : String(value);
  });
}

function listedRedemption(
  call: RedemptionsCall,
  item: unknown,
  amounts: Amounts | undefined,
): ListedRedemption {
  const listed: { -readonly [K in keyof ListedRedemption]: ListedRedemption[K] } = {
    redemption: textAt(item, call.redemption) ?? '',
  };
  const own = textAt(item, call.clientRedemptionId);
  if (own !== undefined) listed.clientRedemptionId = own;
  const reward = textAt(item, call.reward);
  if (reward !== undefined) listed.reward = reward;
  const status = textAt(item, call.status);
  if (status !== undefined) listed.status = status;
  const points = call.points === undefined ? undefined : pointsOf(at(item, call.points), amounts);
  if (points !== undefined) listed.points = points;
  return listed;
}

/** A text or number at the pointer, as text. */
function textAt(body: unknown, pointer: Pointer | undefined): string | undefined {
  if (pointer === undefined) return undefined;
  const value = at(body, pointer);
  if (typeof value === 'string') return value;
  return isNumber(value) ? String(value) : undefined;
}

/** JSON can write numbers that are none (1e999); a history cannot hold them. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
