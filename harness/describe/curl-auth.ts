/** Who a curl command says that it is: the secrets themselves are written nowhere, the config names variables. */

import { isSecretName } from '../base/secret-name.ts';
import { keepSecret } from '../base/secrets.ts';
import type { CurlRequest } from './curl-request.ts';

export interface CurlAuth {
  /** As a config has it. */
  readonly auth: unknown;
  /** The other headers; a value that is secret by its name is `{ env }`. */
  readonly others: readonly (readonly [name: string, value: unknown])[];
  /** Parameters that are secret by their names. */
  readonly secretQuery: Readonly<Record<string, unknown>>;
  /** What is left of the query, with its `?`; empty: nothing. */
  readonly query: string;
}

/** Puts the secrets that it finds into `env`, by the variables that it names. */
export function authOfCurl({ headers, url, user }: CurlRequest, env: Record<string, string>): CurlAuth {
  const kept = (variable: string, value: string) => {
    env[variable] = keepSecret(value);
    return { env: variable };
  };
  const name = ([header]: readonly [string, string]): string => header.toLowerCase();
  const authorization = headers.find((one) => name(one) === 'authorization');
  const secretHeader = headers.find((one) => one !== authorization && isSecretName(one[0]));
  const parameters = [...url.searchParams];
  const secretParameter = parameters.find(([parameter]) => isSecretName(parameter));
  let auth: unknown = 'none';
  let taken: unknown;
  if (user !== undefined) auth = basic(user, env, kept);
  else if (authorization !== undefined) auth = ofAuthorization(authorization[1], env, kept);
  else if (secretHeader !== undefined) {
    taken = secretHeader;
    auth = { apiKey: { header: secretHeader[0], value: kept(variableOf(secretHeader[0]), secretHeader[1]) } };
  } else if (secretParameter !== undefined) {
    taken = secretParameter;
    const [query, value] = secretParameter;
    auth = { apiKey: { query, value: kept(variableOf(query), value) } };
  }
  const others = headers
    .filter((one) => one !== authorization && one !== taken)
    .map(([header, value]): readonly [string, unknown] =>
      isSecretName(header) ? [header, kept(variableOf(header), value)] : [header, value],
    );
  const isSecret = ([parameter]: readonly [string, string]): boolean => isSecretName(parameter);
  const left = parameters.filter((one) => one !== taken);
  const rest = new URLSearchParams(left.filter((one) => !isSecret(one)));
  const secretQuery = Object.fromEntries(
    left.filter(isSecret).map(([parameter, value]) => [parameter, kept(variableOf(parameter), value)]),
  );
  return { auth, others, secretQuery, query: rest.size === 0 ? '' : `?${String(rest)}` };
}

type Kept = (variable: string, value: string) => { readonly env: string };

function basic(userPassword: string, env: Record<string, string>, kept: Kept): unknown {
  const colon = userPassword.indexOf(':');
  const [user, password] =
    colon < 0 ? [userPassword, ''] : [userPassword.slice(0, colon), userPassword.slice(colon + 1)];
  // A name is no secret.
  env['API_USER'] = user;
  return { basic: { user: { env: 'API_USER' }, password: kept('API_PASSWORD', password) } };
}

function ofAuthorization(value: string, env: Record<string, string>, kept: Kept): unknown {
  const [, scheme, token = ''] = /^(\S+)\s+([^]*)$/.exec(value) ?? [undefined, undefined, value];
  if (scheme?.toLowerCase() === 'basic') {
    const text = Buffer.from(token, 'base64').toString('utf8');
    if (text.includes(':')) return basic(text, env, kept);
  }
  const auth = kept('API_TOKEN', token);
  if (scheme?.toLowerCase() === 'bearer') return auth;
  return { ...auth, sentAs: { header: 'Authorization', ...(scheme !== undefined && { scheme }) } };
}

function variableOf(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}
