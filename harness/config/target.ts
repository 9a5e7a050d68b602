/** The members of a config that say how the endpoint is spoken to, read into a `Target`. */

import { LIMITS as WIRE_LIMITS, REDEMPTION_TYPES } from '../model/protocol.ts';
import type { AnswerPointers, BalanceCall, RedeemCall, RedemptionsCall, Target } from '../model/target.ts';
import { BEARER, PLACEHOLDERS, type Credential } from '../model/wire.ts';
import { KEY_PLACEHOLDER, keyPlaceOf } from './key-place.ts';
import { headersOf, queryOf } from './places.ts';
import { checkPlaceholders } from './placeholders.ts';
import { textOrEnv, type Environment } from './environment.ts';
import {
  child,
  integerOf,
  isGiven,
  isPlainObject,
  itemsOf,
  matchOf,
  objectOf,
  oneOf,
  textOf,
  wrong,
  type Member,
} from './member.ts';

const IN_PATH = PLACEHOLDERS.filter((name) => name !== 'idempotency_key');
const PATH = /^\/[^\s#]*$/;
const POINTER = /^(\/([^~/]|~[01])*)*$/;
export type TargetMembers = {
  readonly [
    K in 'redeem' | 'answer' | 'balance' | 'redemptions' | 'rewards' | 'redemptionTypes' | 'headers' | 'query'
  ]: Member;
};

/** The target that the members mean. Throws a usage error. */
export function targetOf(
  members: TargetMembers,
  baseUrl: string,
  keyHeader: string,
  credential: Credential,
  env: Environment,
): Target {
  const redeem = redeemOf(members.redeem, keyHeader, credential, env);
  const common = commonOf(members, redeem, credential, env);
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
  return { ...target, ...balance, ...redemptions, ...common };
}

/** What goes with every request; what is as it always was stays out, so that a target says only what is its own. */
function commonOf(
  { headers, query }: TargetMembers,
  redeem: RedeemCall,
  credential: Credential,
  env: Environment,
): Pick<Target, 'headers' | 'query' | 'credential'> {
  const placeholders = ['customer_id'];
  const own = Object.keys(redeem.headers).map((name) => name.toLowerCase());
  const taken = [...takenBy(credential, redeem.keyHeader), ...own];
  const inQuery = credential.in === 'query' ? [credential.name] : [];
  return {
    ...(isGiven(headers) && { headers: headersOf(headers, { taken, placeholders }, env) }),
    ...(isGiven(query) && { query: queryOf(query, { taken: inQuery, placeholders }, env) }),
    ...(JSON.stringify(credential) !== JSON.stringify(BEARER) && { credential }),
  };
}

function takenBy(credential: Credential, keyHeader: string): string[] {
  return [keyHeader.toLowerCase(), ...(credential.in === 'header' ? [credential.name.toLowerCase()] : [])];
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

function redeemOf(member: Member, keyHeader: string, credential: Credential, env: Environment): RedeemCall {
  const members = objectOf(member, [
    'method',
    'path',
    'keyHeader',
    'keyPointer',
    'headers',
    'body',
    'bodyAs',
  ]);
  checkBody(members.body);
  const place = keyPlaceOf(members.keyPointer, members.body, members.keyHeader);
  const isForm = isGiven(members.bodyAs) && oneOf(members.bodyAs, ['json', 'form']) === 'form';
  if (isForm) checkForm({ ...members.body, value: place.body });
  const headers = { taken: takenBy(credential, keyHeader), placeholders: PLACEHOLDERS };
  return {
    method: isGiven(members.method) ? oneOf(members.method, ['POST', 'PUT', 'PATCH']) : 'POST',
    path: pathOf(members.path, IN_PATH),
    keyHeader,
    headers: headersOf(members.headers, headers, env),
    ...place,
    ...(isForm && { bodyAs: 'form' as const }),
  };
}

function checkForm(member: Member): void {
  if (!isPlainObject(member.value)) throw wrong(member, 'an object, as a form');
  for (const name of Object.keys(member.value)) {
    const field = child(member, name);
    if (typeof field.value === 'object')
      throw wrong(field, 'a text, a number or a truth value, as in a form');
  }
}

/** Checks a body template; `redeem.body` as a whole has to be an object or an array. */
function checkBody(member: Member): void {
  if (typeof member.value !== 'object' || member.value === null)
    throw wrong(member, 'an object (the body as JSON)');
  checkTemplate(member);
}

function checkTemplate(member: Member): void {
  const { value } = member;
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'string') {
    if (value.includes(KEY_PLACEHOLDER) && value !== KEY_PLACEHOLDER)
      throw wrong(member, `${KEY_PLACEHOLDER} alone: the key as it is`);
    return checkPlaceholders(member, value, PLACEHOLDERS);
  }
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

function answerOf(member: Member): AnswerPointers {
  const members = objectOf(member, ['redemption', 'customer', 'balance', 'code']);
  const optional = pointersOf({ customer: members.customer, balance: members.balance, code: members.code });
  return { redemption: pointerOf(members.redemption), ...optional };
}

function balanceOf(member: Member): BalanceCall {
  const { path, value } = objectOf(member, ['path', 'value']);
  return { path: pathOf(path, ['customer_id']), value: pointerOf(value) };
}

function redemptionsOf(member: Member): RedemptionsCall {
  const inItem = ['clientRedemptionId', 'reward', 'points', 'status', 'nextCursor'] as const;
  const members = objectOf(member, ['path', 'items', 'redemption', ...inItem, 'cursorParameter']);
  const { clientRedemptionId, reward, points, status, nextCursor } = members;
  const call = {
    path: pathOf(members.path, ['customer_id']),
    items: pointerOf(members.items),
    redemption: pointerOf(members.redemption),
    ...pointersOf({ clientRedemptionId, reward, points, status, nextCursor }),
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

function pathOf(member: Member, known: readonly string[]): string {
  const path = matchOf(member, PATH, 'a path that starts with /');
  checkPlaceholders(member, path, known);
  return path;
}

function pointerOf(member: Member): string {
  return matchOf(member, POINTER, "a JSON pointer: '' or one that starts with /");
}

function pointersOf<K extends string>(members: { readonly [N in K]: Member }): { [N in K]?: string } {
  const given = Object.entries<Member>(members).filter(([, member]) => isGiven(member));
  return Object.fromEntries(given.map(([name, member]) => [name, pointerOf(member)])) as {
    [N in K]?: string;
  };
}

function uses({ path, headers, body }: RedeemCall, placeholder: string): boolean {
  return JSON.stringify([path, headers, body]).includes(`{${placeholder}}`);
}
