/** What a target's pointers find in its answers and reads. Pure and dependency-free: k6 loads it. */

import { pointsOf, type Amounts } from './amounts.ts';
import { digest } from './decide.ts';
import { exactJson } from './json.ts';
import type { ListedRedemption } from './protocol.ts';
import type { Pointer, RedemptionsCall, Target } from './target.ts';

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
