/** Where a token stands in a request: as `auth` says, else `Authorization: Bearer …`. */

import { BEARER, type Credential } from '../model/wire.ts';
import { keepSecret } from '../base/secrets.ts';
import { HEADER_NAME } from './contract-rows.ts';
import { textOrEnv, secretOf, type Environment } from './environment.ts';
import { isGiven, isPlainObject, matchOf, objectOf, wrong, type Member } from './member.ts';

const EXPECTED = "{ header: 'X-Api-Key' }, perhaps with a scheme, or { query: 'api_key' }";
const QUERY_NAME = /^[\w.~-]+$/;
/** Headers that no credential can stand in: they frame the message, or are the tool's. */
const NO_CREDENTIALS = /^(host|connection|content-.*|transfer-encoding|expect|te|upgrade|onceproof-.*)$/i;

/** What `auth` says of the place; what is wrong elsewhere in it is told by `authOf`. Throws a usage error. */
export function credentialOf(auth: Member): Credential {
  if (!isPlainObject(auth.value)) return BEARER;
  const part = (name: string): Member => ({
    value: (auth.value as Readonly<Record<string, unknown>>)[name],
    path: `${auth.path}.${name}`,
    file: auth.file,
  });
  const sentAs = part('sentAs');
  const apiKey = part('apiKey');
  if (isGiven(apiKey)) {
    if (isGiven(sentAs)) throw wrong(sentAs, 'no sentAs beside apiKey');
    const { header, query } = objectOf(apiKey, ['header', 'query', 'value']);
    return placeOf({ ...apiKey, value: withoutAbsent(header.value, query.value) }, true);
  }
  if (!isGiven(part('basic'))) return isGiven(sentAs) ? placeOf(sentAs) : BEARER;
  if (isGiven(sentAs)) throw wrong(sentAs, 'no sentAs beside basic');
  return { in: 'header', name: 'Authorization', scheme: 'Basic' };
}

/** HTTP Basic (RFC 7617): what stands behind the scheme. */
export function basicTokenOf(member: Member, env: Environment): string {
  const { user, password } = objectOf(member, ['user', 'password']);
  const name = textOrEnv(user, env, isPlainObject(user.value) ? 'kept' : 'open');
  if (name.includes(':')) throw wrong(user, 'a user without a colon', true);
  const secret = textOrEnv(password, env, 'kept');
  return keepSecret(Buffer.from(`${name}:${secret}`, 'utf8').toString('base64'));
}

/** The value of an API key. */
export function apiKeyOf(member: Member, env: Environment): string {
  return secretOf(objectOf(member, ['header', 'query', 'value']).value, env);
}

function placeOf(member: Member, isPlain = false): Credential {
  const { header, query, scheme } = objectOf(member, ['header', 'query', 'scheme']);
  if (isGiven(header) === isGiven(query)) throw wrong(member, EXPECTED);
  if (isGiven(query)) {
    if (isGiven(scheme)) throw wrong(scheme, 'no scheme in a query');
    return { in: 'query', name: matchOf(query, QUERY_NAME, 'the name of a query parameter') };
  }
  const name = matchOf(header, HEADER_NAME, 'the name of a header');
  if (NO_CREDENTIALS.test(name)) throw wrong(header, 'a header that can carry a credential');
  if (isPlain || !isGiven(scheme)) return { in: 'header', name };
  return { in: 'header', name, scheme: matchOf(scheme, /^[!-~]+$/, 'one word before the token') };
}

function withoutAbsent(header: unknown, query: unknown): Record<string, unknown> {
  return { ...(header !== undefined && { header }), ...(query !== undefined && { query }) };
}
