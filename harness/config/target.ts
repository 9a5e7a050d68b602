/** The members of a config that say how the endpoint is spoken to, read into a `Target`. */

import { isSecretName } from '../base/secrets.ts';
import { usageError } from '../base/errors.ts';
import { LIMITS as WIRE_LIMITS, REDEMPTION_TYPES } from '../model/protocol.ts';
import type {
  AnswerPointers,
  BalanceCall,
  RedeemCall,
  RedemptionsCall,
  Target,
  Template,
} from '../model/target.ts';
import { HEADER_NAME } from './contract-rows.ts';
import { textOrEnv, type Environment } from './environment.ts';
import { pagingOf } from './paging.ts';
import {
  child,
  integerOf,
  isGiven,
  isPlainObject,
  itemsOf,
  matchOf,
  nearest,
  objectOf,
  oneOf,
  orList,
  textOf,
  wrong,
  type Member,
} from './member.ts';

const PLACEHOLDERS = [
  'customer_id',
  'reward_id',
  'points_amount',
  'redemption_type',
  'client_redemption_id',
] as const;
const PATH = /^\/[^\s#]*$/;
const POINTER = /^(\/([^~/]|~[01])*)*$/;
/** Headers that the sender sets by itself; a config that sets them would work against it. */
const RESERVED_HEADERS = [
  'authorization',
  'content-length',
  'host',
  'transfer-encoding',
  'connection',
  'onceproof-attempt',
];

const OF_CUSTOMER = ['customer_id', 'account_id'];

export type TargetMembers = {
  readonly [K in 'redeem' | 'answer' | 'balance' | 'redemptions' | 'rewards' | 'redemptionTypes']: Member;
};

/** The target that the members mean. Throws a usage error. */
export function targetOf(
  members: TargetMembers,
  baseUrl: string,
  keyHeader: string,
  env: Environment,
): Target {
  const redeem = redeemOf(members.redeem, keyHeader, env);
  const target = {
    baseUrl,
    redeem,
    answer: answerOf(members.answer),
    rewards: rewardsOf(members.rewards),
    redemptionTypes: typesOf(members.redemptionTypes, uses(redeem, 'redemption_type')),
    sendsClientRedemptionId: uses(redeem, 'client_redemption_id'),
  };
  const balance = isGiven(members.balance) ? { balance: balanceOf(members.balance) } : {};
  const redemptions = isGiven(members.redemptions) ? { redemptions: redemptionsOf(members.redemptions) } : {};
  return { ...target, ...balance, ...redemptions };
}

/** The base URL without a slash at its end: http or https, no user, no query, no fragment. */
export function baseUrlOf(member: Member, env: Environment): URL {
  const text = textOrEnv(member, env);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!isHttp) throw wrong({ ...member, value: text }, 'an http or https URL');
  if (url.username || url.password) throw wrong(member, 'a URL without a user or password (see auth)', true);
  if (url.search || url.hash) throw wrong({ ...member, value: text }, 'a URL without query and fragment');
  return url;
}

function redeemOf(member: Member, keyHeader: string, env: Environment): RedeemCall {
  const members = objectOf(member, ['method', 'path', 'keyHeader', 'headers', 'body']);
  return {
    method: isGiven(members.method) ? oneOf(members.method, ['POST', 'PUT', 'PATCH']) : 'POST',
    path: pathOf(members.path, PLACEHOLDERS),
    keyHeader,
    headers: isGiven(members.headers) ? headersOf(members.headers, keyHeader, env) : {},
    body: bodyOf(members.body),
  };
}

function headersOf(member: Member, keyHeader: string, env: Environment): Record<string, string> {
  if (!isPlainObject(member.value)) throw wrong(member, 'an object of header names and values');
  const headers: Record<string, string> = {};
  for (const name of Object.keys(member.value)) {
    const header = child(member, name);
    if (!HEADER_NAME.test(name)) throw wrong({ ...header, value: name }, 'the name of a header');
    refuseReserved(header, name.toLowerCase(), keyHeader.toLowerCase());
    const isSecret = isSecretName(name) || isPlainObject(header.value);
    const value = textOrEnv(header, env, isSecret ? 'kept' : 'hidden');
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw wrong(header, 'a value of visible ASCII on one line', true);
    headers[name] = value;
  }
  return headers;
}

function refuseReserved(header: Member, name: string, keyHeader: string): void {
  const what = `set by the tool itself, not in ${header.file}`;
  if (name === 'authorization')
    throw usageError('config_wrong', what, { field: header.path, expected: 'auth instead' });
  if (name === keyHeader || RESERVED_HEADERS.includes(name)) {
    throw usageError('config_wrong', what, { field: header.path, expected: 'another header', found: name });
  }
}

/** Checks a body template; `redeem.body` as a whole has to be an object or an array. */
function bodyOf(member: Member): Template {
  if (typeof member.value !== 'object' || member.value === null)
    throw wrong(member, 'an object (the body as JSON)');
  checkTemplate(member);
  return member.value as Template;
}

function checkTemplate(member: Member): void {
  const { value } = member;
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'string') return checkPlaceholders(member, value, PLACEHOLDERS);
  if (Array.isArray(value)) return itemsOf(member, 'an array').forEach(checkTemplate);
  if (!isPlainObject(value) || !isLiteral(value))
    throw wrong(member, 'a JSON value, with {placeholders} in its texts');
  for (const name of Object.keys(value)) checkTemplate(child(member, name));
}

/** Made by `{}` or JSON, by whatever realm: not a Date, a Map or an object of a class. */
function isLiteral(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function checkPlaceholders(member: Member, text: string, known: readonly string[]): void {
  for (const [placeholder, name = ''] of text.matchAll(/\{(\w+)\}/g)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw usageError('config_wrong', `unknown placeholder ${placeholder} in ${member.file}`, {
      field: member.path,
      expected:
        near === undefined ? orList(known.map((one) => `{${one}}`)) : `{${near}} (did you mean that?)`,
      found: text,
    });
  }
}

/** Pointers into an answer. */
export function answerOf(member: Member): AnswerPointers {
  const members = objectOf(member, ['redemption', 'from', 'customer', 'balance', 'code']);
  const { redemption, customer, balance, code } = members;
  const from = isGiven(members.from) ? oneOf(members.from, ['body', 'location', 'resource']) : undefined;
  if (from === 'resource' && !isGiven(redemption)) pointerOf(redemption);
  return { ...(from !== undefined && { from }), ...pointersOf({ redemption, customer, balance, code }) };
}

function balanceOf(member: Member): BalanceCall {
  const { path, value } = objectOf(member, ['path', 'value']);
  return { path: pathOf(path, OF_CUSTOMER), value: pointerOf(value) };
}

function redemptionsOf(member: Member): RedemptionsCall {
  const inItem = ['clientRedemptionId', 'reward', 'points', 'status', 'nextCursor'] as const;
  const members = objectOf(member, ['path', 'items', 'redemption', ...inItem, 'cursorParameter', 'paging']);
  const { clientRedemptionId, reward, points, status, nextCursor } = members;
  const call = {
    path: pathOf(members.path, OF_CUSTOMER),
    items: pointerOf(members.items),
    redemption: pointerOf(members.redemption),
    ...pointersOf({ clientRedemptionId, reward, points, status, nextCursor }),
    ...(isGiven(members.paging) && { paging: pagingOf(members.paging, members) }),
  };
  if (!isGiven(members.cursorParameter)) return call;
  return {
    ...call,
    cursorParameter: matchOf(members.cursorParameter, /^[\w.~-]+$/, 'the name of a query parameter'),
  };
}

function rewardsOf(member: Member): Target['rewards'] {
  const rewards = itemsOf(member, 'an array with at least one { id, points }', 1).map((item) => {
    const { id, points } = objectOf(item, ['id', 'points']);
    return {
      id: textOf(id),
      points: integerOf(points, WIRE_LIMITS.minPoints, WIRE_LIMITS.maxPoints, 'points'),
    };
  });
  return rewards;
}

function typesOf(member: Member, isAsked: boolean): readonly string[] {
  if (!isGiven(member)) return isAsked ? REDEMPTION_TYPES : [];
  return itemsOf(member, 'an array of texts', isAsked ? 1 : 0).map((item) => textOf(item));
}

export function pathOf(member: Member, known: readonly string[]): string {
  const path = matchOf(member, PATH, 'a path that starts with /');
  checkPlaceholders(member, path, known);
  return path;
}

export function pointerOf(member: Member): string {
  return matchOf(member, POINTER, "a JSON pointer: '' or one that starts with /");
}

function pointersOf<K extends string>(members: { readonly [N in K]: Member }): { [N in K]?: string } {
  const given = Object.entries<Member>(members).filter(([, member]) => isGiven(member));
  return Object.fromEntries(given.map(([name, member]) => [name, pointerOf(member)])) as {
    [N in K]?: string;
  };
}

function uses(redeem: RedeemCall, placeholder: (typeof PLACEHOLDERS)[number]): boolean {
  return redeem.path.includes(`{${placeholder}}`) || JSON.stringify(redeem.body).includes(`{${placeholder}}`);
}
