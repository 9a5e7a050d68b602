/** The requests that a target is asked by: redeeming, balance, list. Pure and dependency-free: k6 loads it. */

import { writtenPoints, type Amounts } from './amounts.ts';
import { digest } from './decide.ts';
import { fillPath } from './protocol.ts';
import type { RedeemCall, Target, Template } from './target.ts';
import { formOf, filledHeaders, withCommon } from './wire.ts';

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
