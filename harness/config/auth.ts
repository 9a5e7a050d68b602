/** Tokens: read once, kept while they hold, made again when they expire. */

import { execFile } from 'node:child_process';
import { harnessError, messageOf, usageError, type HarnessError } from '../base/errors.ts';
import { keepSecret } from '../base/secrets.ts';
import { apiKeyOf, basicTokenOf } from './credential.ts';
import { secretOf, textOrEnv, variableOf, type Environment } from './environment.ts';
import { isAllowedHost } from './hosts.ts';
import {
  integerOf,
  isGiven,
  isPlainObject,
  itemsOf,
  objectOf,
  oneOf,
  orList,
  textOf,
  wrong,
  type Member,
} from './member.ts';

const KINDS = ['token', 'env', 'basic', 'apiKey', 'command', 'oauth', 'tokenFor'] as const;
/** A token is made again this long before it expires. ms. */
const EXPIRY_MARGIN_MS = 10_000;
/** What a bearer token may be made of: a line end would end the header. */
export const SENDABLE = /^[\x21-\x7e]+$/;
export const SENDABLE_WORDS = 'visible ASCII without white space';
const MAX_TTL_MS = 366 * 86_400_000;

/** Where tokens come from. */
export interface Auth {
  readonly kind: 'none' | (typeof KINDS)[number];
  /** The token for requests of a customer: its own one first, then the common one; '' where there is none at all. */
  readonly tokenFor: (customer: string) => Promise<string>;
}

export interface AuthContext {
  readonly env: Environment;
  readonly allowedHosts: readonly string[];
  /** Folder in which a command runs. */
  readonly directory: string;
  /** How long a command or a token endpoint may take. ms. */
  readonly timeoutMs: number;
  /** How long a token without an expiry of its own is used. ms. */
  readonly ttlMs: number;
  /** Tokens of single customers. */
  readonly own: ReadonlyMap<string, string>;
  readonly now: () => number;
}

interface Fresh {
  readonly token: string;
  /** ms, from the moment it was asked for. */
  readonly ttlMs: number;
}
type Source = (customer: string) => Promise<Fresh>;

/** The auth that a config means. Runs nothing and calls nobody yet. Throws a usage error. */
export function authOf(member: Member, context: AuthContext): Auth {
  const { kind, source } = sourceOf(member, context);
  const tokenOf = cached(source, kind === 'tokenFor', context.now);
  return { kind, tokenFor: async (customer) => context.own.get(customer) ?? (await tokenOf(customer)) };
}

function sourceOf(member: Member, context: AuthContext): { kind: Auth['kind']; source: Source } {
  if (!isGiven(member) || member.value === 'none') return { kind: 'none', source: fixed('') };
  const expected = `'none' or an object with one of ${orList(KINDS)}`;
  if (!isPlainObject(member.value)) throw wrong(member, expected, true);
  const members = objectOf(member, [...KINDS, 'ttlMs', 'sentAs']);
  const given = KINDS.filter((name) => isGiven(members[name]));
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    throw wrong({ ...member, value: given.join(' and ') || 'none of them' }, expected);
  }
  const ttlMs = isGiven(members.ttlMs) ? integerOf(members.ttlMs, 1, MAX_TTL_MS, 'ms') : context.ttlMs;
  return { kind, source: sources[kind](members[kind], { ...context, ttlMs }) };
}

const sources: Record<(typeof KINDS)[number], (member: Member, context: AuthContext) => Source> = {
  token: (member, { env }) => fixed(secretOf(member, env)),
  env: (member, { env }) => fixed(keepSecret(variableOf(member, env))),
  basic: (member, { env }) => fixed(basicTokenOf(member, env)),
  apiKey: (member, { env }) => fixed(apiKeyOf(member, env)),
  command: commandSource,
  oauth: oauthSource,
  tokenFor: functionSource,
};

function fixed(token: string): Source {
  return () => Promise.resolve({ token, ttlMs: Number.POSITIVE_INFINITY });
}

function commandSource(member: Member, context: AuthContext): Source {
  const [program, ...args] = itemsOf(member, 'an array: program, then its arguments', 1).map((item) =>
    textOf(item, 'a text (program or argument)'),
  );
  if (program === undefined) throw wrong(member, 'a program');
  return async () => printed(member, await run(member, program, args, context), context.ttlMs);
}

/** Runs the program without a shell. What it printed is a secret and stays out of every message. */
function run(
  member: Member,
  program: string,
  args: readonly string[],
  { env, directory, timeoutMs }: AuthContext,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: directory, timeout: timeoutMs, maxBuffer: 1 << 20, env: { ...env } };
    execFile(program, args, options, (error, stdout) => {
      if (error === null) return resolve(stdout);
      const why =
        error.killed === true
          ? `took longer than ${timeoutMs} ms`
          : `ended with ${error.code ?? error.signal}`;
      return reject(failed(member, `the command ${program} ${why}`, 'a token on its standard output'));
    });
  });
}

function printed(member: Member, stdout: string, ttlMs: number): Fresh {
  const text = stdout.trim();
  if (text.startsWith('{')) return tokenIn(member, text, ttlMs);
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw failed(member, 'the command printed no token', 'one line of visible ASCII, or JSON with a token');
  }
  return { token: text, ttlMs };
}

function oauthSource(member: Member, context: AuthContext): Source {
  const members = objectOf(member, [
    'tokenUrl',
    'clientId',
    'clientSecret',
    'scope',
    'audience',
    'clientAuth',
  ]);
  const url = tokenUrlOf(members.tokenUrl, context);
  const id = textOrEnv(members.clientId, context.env);
  const secret = textOrEnv(members.clientSecret, context.env, 'kept');
  const clientAuth = isGiven(members.clientAuth) ? oneOf(members.clientAuth, ['basic', 'body']) : 'basic';
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (isGiven(members.scope)) form.set('scope', textOf(members.scope));
  if (isGiven(members.audience)) form.set('audience', textOf(members.audience));
  if (clientAuth === 'body') {
    form.set('client_id', id);
    form.set('client_secret', secret);
  }
  const headers = clientAuth === 'basic' ? { Authorization: basic(id, secret) } : {};
  return () => askTokenUrl(member, url, form, headers, context);
}

function tokenUrlOf(member: Member, { env, allowedHosts }: AuthContext): URL {
  const text = textOrEnv(member, env);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw wrong({ ...member, value: text }, 'an http or https URL');
  }
  if (isAllowedHost(allowedHosts, url)) return url;
  throw usageError('host_not_allowed', `its host is not an allowed one in ${member.file}`, {
    field: member.path,
    expected: `${url.host} in allowedHosts`,
    found: url.host,
  });
}

/** RFC 6749, section 2.3.1: both halves are form-encoded before they are joined. */
function basic(id: string, secret: string): string {
  const encoded = [id, secret].map((text) => new URLSearchParams([['', text]]).toString().slice(1));
  return `Basic ${keepSecret(Buffer.from(encoded.join(':')).toString('base64'))}`;
}

async function askTokenUrl(
  member: Member,
  url: URL,
  form: URLSearchParams,
  headers: Readonly<Record<string, string>>,
  { timeoutMs, ttlMs }: AuthContext,
): Promise<Fresh> {
  let status: number;
  let text: string;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    // A redirect could lead to a host that nobody allowed, with the secret in hand.
    const request = { method: 'POST', body: form, headers: { Accept: 'application/json', ...headers } };
    const answer = await fetch(url, { ...request, redirect: 'error', signal });
    status = answer.status;
    text = await answer.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw failed(member, `the token endpoint ${url.origin} gave no answer: ${messageOf(cause)}`, 'a token');
  }
  if (status !== 200) throw failed(member, `the token endpoint ${url.origin} refused`, 'status 200', status);
  return tokenIn(member, text, ttlMs);
}

function functionSource(member: Member, { ttlMs, timeoutMs }: AuthContext): Source {
  const make: unknown = member.value;
  if (typeof make !== 'function') throw wrong(member, 'a function', true);
  return async (customer) => {
    let token: unknown;
    try {
      token = await limited((make as (customer: string) => unknown)(customer), timeoutMs);
    } catch (error) {
      throw failed(member, `it threw: ${messageOf(error)}`, 'a token');
    }
    if (typeof token !== 'string' || token === '') {
      throw failed(member, 'it gave no token', 'a text', `a value of type ${typeof token}`);
    }
    if (!SENDABLE.test(token))
      throw failed(member, 'it gave a token that no header can carry', SENDABLE_WORDS);
    return { token, ttlMs };
  };
}

/** The function itself cannot be stopped; whoever waits for it can. */
async function limited(value: unknown, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The token of a JSON answer (RFC 6749, section 5.1: `access_token`, `expires_in` in seconds). */
function tokenIn(member: Member, text: string, ttlMs: number): Fresh {
  let body: unknown;
  try {
    body = JSON.parse(text) as unknown;
  } catch {
    body = undefined;
  }
  const token = isPlainObject(body) ? (body['access_token'] ?? body['token']) : undefined;
  if (!isPlainObject(body) || typeof token !== 'string' || token === '') {
    throw failed(member, 'there is no token in the answer', 'JSON with access_token or token');
  }
  if (!SENDABLE.test(token))
    throw failed(member, 'the token in the answer can be in no header', SENDABLE_WORDS);
  const seconds = body['expires_in'];
  return typeof seconds === 'number' && seconds > 0 ? { token, ttlMs: seconds * 1000 } : { token, ttlMs };
}

/**
 * One token at a time: callers that come while one is being made share it, and a failure is not kept.
 * `perCustomer` keeps one for each customer.
 */
function cached(
  source: Source,
  perCustomer: boolean,
  now: () => number,
): (customer: string) => Promise<string> {
  const kept = new Map<string, { readonly fresh: Promise<Fresh>; readonly askedAt: number; ttlMs: number }>();
  return async (customer) => {
    const name = perCustomer ? customer : '';
    const known = kept.get(name);
    if (known && now() < known.askedAt + holds(known.ttlMs)) return (await known.fresh).token;
    const entry = { fresh: source(customer), askedAt: now(), ttlMs: Number.POSITIVE_INFINITY };
    kept.set(name, entry);
    try {
      const fresh = await entry.fresh;
      keepSecret(fresh.token);
      entry.ttlMs = fresh.ttlMs;
      return fresh.token;
    } catch (error) {
      if (kept.get(name) === entry) kept.delete(name);
      throw error;
    }
  };
}

/** A token is given up before its end, but a short-lived one not at once. */
function holds(ttlMs: number): number {
  return Math.max(ttlMs - EXPIRY_MARGIN_MS, ttlMs / 2);
}

function failed(member: Member, what: string, expected: string, found?: unknown): HarnessError {
  const details = found === undefined ? { expected } : { expected, found };
  return harnessError('auth_failed', what, { field: member.path, ...details });
}
