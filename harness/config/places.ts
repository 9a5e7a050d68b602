/** What a request carries beside its body: headers and query members, of every request or of the redeem call alone. */

import { isSecretName } from '../base/secret-name.ts';
import { usageError } from '../base/errors.ts';
import { HEADER_NAME } from './contract-rows.ts';
import { textOrEnv, type Environment } from './environment.ts';
import { child, isGiven, isPlainObject, wrong, type Member } from './member.ts';
import { checkPlaceholders } from './placeholders.ts';

/** Headers that the sender sets by itself; a config that sets them would work against it. */
const RESERVED_HEADERS = [
  'authorization',
  'content-length',
  'host',
  'transfer-encoding',
  'connection',
  'onceproof-attempt',
  'onceproof-step',
];
const QUERY_NAME = /^[\w.~[\]-]+$/;

export interface HeaderRules {
  /** Names that are taken, in lower case, beside those that are never free. */
  readonly taken: readonly string[];
  /** What may stand in braces in a value. */
  readonly placeholders: readonly string[];
}

/** Headers with their values; what comes from the environment is kept secret. */
export function headersOf(member: Member, rules: HeaderRules, env: Environment): Record<string, string> {
  if (!isGiven(member)) return {};
  if (!isPlainObject(member.value)) throw wrong(member, 'an object of header names and values');
  const headers: Record<string, string> = {};
  const seen = new Set<string>();
  for (const name of Object.keys(member.value)) {
    const header = child(member, name);
    if (!HEADER_NAME.test(name)) throw wrong({ ...header, value: name }, 'the name of a header');
    refuseReserved(header, name.toLowerCase(), rules.taken);
    if (seen.has(name.toLowerCase())) throw wrong({ ...header, value: name }, 'each header once');
    seen.add(name.toLowerCase());
    headers[name] = valueOf(header, name, rules.placeholders, env);
  }
  return headers;
}

/** Members of every request's query. */
export function queryOf(member: Member, rules: HeaderRules, env: Environment): Record<string, string> {
  if (!isGiven(member)) return {};
  if (!isPlainObject(member.value)) throw wrong(member, 'an object of query parameters and values');
  const query: Record<string, string> = {};
  for (const name of Object.keys(member.value)) {
    const parameter = child(member, name);
    if (!QUERY_NAME.test(name)) throw wrong({ ...parameter, value: name }, 'the name of a query parameter');
    if (rules.taken.includes(name))
      throw wrong({ ...parameter, value: name }, 'another one than that of auth');
    query[name] = valueOf(parameter, name, rules.placeholders, env);
  }
  return query;
}

function valueOf(member: Member, name: string, placeholders: readonly string[], env: Environment): string {
  const isFromEnv = isPlainObject(member.value);
  const isSecret = isFromEnv || (isSecretName(name) && !/^\{\w+\}$/.test(String(member.value)));
  const value = textOrEnv(member, env, isSecret ? 'kept' : 'hidden');
  if (!/^[\t\x20-\x7e]*$/.test(value)) throw wrong(member, 'a value of visible ASCII on one line', true);
  if (!isFromEnv) checkPlaceholders(member, value, placeholders, isSecret);
  return value;
}

function refuseReserved(header: Member, name: string, taken: readonly string[]): void {
  const what = `set by the tool itself, not in ${header.file}`;
  if (name === 'authorization')
    throw usageError('config_wrong', what, { field: header.path, expected: 'auth instead' });
  if (taken.includes(name) || RESERVED_HEADERS.includes(name)) {
    throw usageError('config_wrong', what, { field: header.path, expected: 'another header', found: name });
  }
}
