/** The redeem call of a config: one request, or a list of calls (reserve, then confirm) that make one redemption together. */

import type { PreparingCall, RedeemCall } from '../model/target.ts';
import { PLACEHOLDERS, type Credential } from '../model/wire.ts';
import { usageError } from '../base/errors.ts';
import type { Environment } from './environment.ts';
import { KEY_PLACEHOLDER, keyPlaceOf } from './key-place.ts';
import {
  child,
  isGiven,
  isPlainObject,
  itemsOf,
  matchOf,
  objectOf,
  oneOf,
  wrong,
  type Member,
} from './member.ts';
import { checkPlaceholders } from './placeholders.ts';
import { headersOf } from './places.ts';

const PATH = /^\/[^\s#]*$/;
const POINTER = /^(\/([^~/]|~[01])*)*$/;
const CALL_MEMBERS = ['method', 'path', 'keyPointer', 'headers', 'body', 'bodyAs'] as const;
const MAX_CALLS = 5;

export interface CallContext {
  readonly keyHeader: string;
  readonly credential: Credential;
  readonly env: Environment;
}

/** Names of headers that the tool sets, in lower case. */
export function takenBy({ credential, keyHeader }: Pick<CallContext, 'credential' | 'keyHeader'>): string[] {
  return [keyHeader.toLowerCase(), ...(credential.in === 'header' ? [credential.name.toLowerCase()] : [])];
}

/** Throws a usage error. */
export function redeemOf(member: Member, context: CallContext): RedeemCall {
  const members = objectOf(member, [...CALL_MEMBERS, 'keyHeader', 'calls']);
  if (isGiven(members.calls)) return callsOf(members, context);
  const call = callOf(members, members.keyHeader, PLACEHOLDERS, context);
  return { ...call, keyHeader: context.keyHeader };
}

type Members = Readonly<Record<(typeof CALL_MEMBERS)[number], Member>>;

function callsOf(
  members: Members & { readonly keyHeader: Member; readonly calls: Member },
  context: CallContext,
): RedeemCall {
  const beside = CALL_MEMBERS.find((name) => isGiven(members[name]));
  if (beside !== undefined) {
    const { file, path } = members[beside];
    throw usageError('config_wrong', `not beside redeem.calls in ${file}`, {
      field: path,
      expected: 'it in one of the calls',
    });
  }
  const items = itemsOf(members.calls, 'an array of at least one call', 1);
  if (items.length > MAX_CALLS)
    throw wrong({ ...members.calls, value: items.length }, `at most ${MAX_CALLS} calls`);
  const known = [...PLACEHOLDERS];
  const before: PreparingCall[] = [];
  let last: Omit<RedeemCall, 'keyHeader'> | undefined;
  for (const [index, item] of items.entries()) {
    const isLast = index === items.length - 1;
    const call = objectOf(item, [...CALL_MEMBERS, 'take']);
    const made = callOf(call, members.keyHeader, known, context);
    if (isLast) {
      if (isGiven(call.take)) throw wrong(call.take, 'none in the last call: its answer is read by `answer`');
      last = made;
    } else {
      const take = takeOf(call.take, known);
      known.push(...Object.keys(take));
      before.push({ ...made, take });
    }
  }
  if (last === undefined) throw wrong(members.calls, 'an array of at least one call');
  return { ...last, keyHeader: context.keyHeader, ...(before.length > 0 && { before }) };
}

function takeOf(member: Member, known: readonly string[]): Readonly<Record<string, string>> {
  if (!isGiven(member)) return {};
  if (!isPlainObject(member.value)) throw wrong(member, 'an object of names and JSON pointers');
  const entries = Object.keys(member.value).map((name) => {
    const pointer = child(member, name);
    if (!/^\w+$/.test(name) || known.includes(name))
      throw wrong({ ...pointer, value: name }, 'a name of its own');
    return [name, pointerOf(pointer)] as const;
  });
  return Object.fromEntries(entries);
}

function callOf(
  members: Members,
  keyHeaderMember: Member,
  known: readonly string[],
  { keyHeader, credential, env }: CallContext,
): Omit<RedeemCall, 'keyHeader'> {
  checkBody(members.body, known);
  const place = keyPlaceOf(members.keyPointer, members.body, keyHeaderMember);
  const isForm = isGiven(members.bodyAs) && oneOf(members.bodyAs, ['json', 'form']) === 'form';
  if (isForm) checkForm({ ...members.body, value: place.body });
  const headers = { taken: takenBy({ credential, keyHeader }), placeholders: known };
  const inPath = known.filter((name) => name !== 'idempotency_key');
  return {
    method: isGiven(members.method) ? oneOf(members.method, ['POST', 'PUT', 'PATCH']) : 'POST',
    path: pathOf(members.path, inPath),
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

/** Checks a body template; the body as a whole has to be an object or an array. */
function checkBody(member: Member, known: readonly string[]): void {
  if (typeof member.value !== 'object' || member.value === null)
    throw wrong(member, 'an object (the body as JSON)');
  checkTemplate(member, known);
}

function checkTemplate(member: Member, known: readonly string[]): void {
  const { value } = member;
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'string') {
    if (value.includes(KEY_PLACEHOLDER) && value !== KEY_PLACEHOLDER)
      throw wrong(member, `${KEY_PLACEHOLDER} alone: the key as it is`);
    checkPlaceholders(member, value, known);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of itemsOf(member, 'an array')) checkTemplate(item, known);
    return;
  }
  if (!isPlainObject(value) || !isLiteral(value))
    throw wrong(member, 'a JSON value, with {placeholders} in its texts');
  for (const name of Object.keys(value)) checkTemplate(child(member, name), known);
}

/** Made by `{}` or JSON, by whatever realm: not a Date, a Map or an object of a class. */
function isLiteral(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export function pathOf(member: Member, known: readonly string[]): string {
  const path = matchOf(member, PATH, 'a path that starts with /');
  checkPlaceholders(member, path, known);
  return path;
}

export function pointerOf(member: Member): string {
  return matchOf(member, POINTER, "a JSON pointer: '' or one that starts with /");
}
