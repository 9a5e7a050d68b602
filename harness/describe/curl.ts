/** A curl command that redeems becomes a draft of a config. */

import { usageError } from '../base/errors.ts';
import { isPlainObject } from '../config/member.ts';
import { isSecretName } from '../base/secret-name.ts';
import { keepSecret } from '../base/secrets.ts';
import type { Draft } from './draft.ts';
import { isKeyName, meaningOf, textOr, type Meaning } from './names.ts';
import { shellWords } from './shell-words.ts';

export interface CurlRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
  /** `user:password` of -u. */
  readonly user: string | undefined;
}

/** Options that take a value and say nothing of the request. */
const IGNORED_WITH_VALUE = new Set([
  '-o',
  '--output',
  '-m',
  '--max-time',
  '--connect-timeout',
  '--retry',
  '-w',
  '--write-out',
  '-A',
  '--user-agent',
  '-e',
  '--referer',
  '-D',
  '--dump-header',
]);
const LONG: Readonly<Record<string, string>> = {
  '-H': '--header',
  '-d': '--data',
  '-X': '--request',
  '-u': '--user',
};
/** Short options without a value that may stand together, e.g. -sSL. */
const FLAGS = /^-[sSLkvifgG#N0]+$/;
const DATA = ['--data', '--data-raw', '--data-ascii', '--data-binary', '--json'];

/** Throws a usage error for what is no curl command, or holds what cannot be read. */
export function curlRequest(command: string): CurlRequest {
  const [program, ...words] = shellWords(command);
  if (program !== 'curl')
    throw usageError('curl', 'is no curl command', {
      field: '--from-curl',
      expected: "curl … 'https://…'",
      found: program ?? 'nothing',
    });
  const headers: [string, string][] = [];
  const data: string[] = [];
  let method: string | undefined;
  let url: string | undefined;
  let user: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const { option, attached } = optionOf(words[at] ?? '');
    if (option === undefined) {
      url ??= words[at];
      continue;
    }
    if (FLAGS.test(option) || (option.startsWith('--') && isFlag(option))) continue;
    const value = attached ?? words[++at];
    if (value === undefined)
      throw usageError('curl', `${option} lacks its value`, { field: '--from-curl', expected: 'a value' });
    if (option === '--header') {
      const colon = value.indexOf(':');
      if (colon > 0) headers.push([value.slice(0, colon).trim(), value.slice(colon + 1).trim()]);
    } else if (option === '--request') method = value;
    else if (option === '--user') user = value;
    else if (option === '--url') url = value;
    else if (DATA.includes(option)) data.push(dataOf(option, value));
    else if (!IGNORED_WITH_VALUE.has(option))
      throw usageError('curl', 'has an option that is not known here', {
        field: '--from-curl',
        expected: '-H, -d, --data-raw, --json, -X, -u, --url',
        found: option,
      });
    if (option === '--json') headers.push(['Content-Type', 'application/json']);
  }
  const address = url === undefined ? undefined : addressOf(url);
  if (address === undefined)
    throw usageError('curl', 'has no address', {
      field: '--from-curl',
      expected: 'an http or https URL',
      found: url ?? 'none',
    });
  const body = data.length > 0 ? data.join('&') : undefined;
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), url: address, headers, body, user };
}

/** The draft, and the secrets of the command by the variables that the draft names in their places. */
export function draftOfCurl(command: string): {
  readonly draft: Draft;
  readonly env: Readonly<Record<string, string>>;
} {
  const { method, url, headers, body, user } = curlRequest(command);
  if (!['POST', 'PUT', 'PATCH'].includes(method))
    throw usageError('curl', 'does not redeem', {
      field: '--from-curl',
      expected: 'a POST, PUT or PATCH',
      found: method,
    });
  const open: string[] = [
    'answer and reads: a request does not show them; see what check-config says of them',
  ];
  const env: Record<string, string> = {};
  const keyHeader = headers.find(([name]) => isKeyName(name))?.[0];
  const values = new Map<Meaning, unknown>();
  const parsed = bodyOf(body);
  const template = parsed === undefined ? {} : templateOf(parsed, '', '', values);
  const hasKeyInBody = JSON.stringify(template).includes('{idempotency_key}');
  if (keyHeader === undefined && !hasKeyInBody)
    open.push('redeem.keyHeader: no header of the command is a key');
  const path = pathOf(url, values);
  const more = headers.filter(
    ([name]) =>
      name !== keyHeader &&
      !/^(authorization|content-type|content-length|host|accept|cookie|user-agent)$/i.test(name),
  );
  const customer = values.get('customer');
  if (customer === undefined) open.push('customers: the command does not show which value is the customer');
  if (values.get('reward') === undefined)
    open.push('rewards: the command does not show which value is the reward');
  const points = values.get('points');
  const draft: Draft = {
    baseUrl: url.origin,
    auth: authOf(headers, user, env),
    redeem: {
      ...(method === 'POST' ? {} : { method }),
      path,
      ...(keyHeader !== undefined && { keyHeader }),
      ...(more.length > 0 && { headers: Object.fromEntries(more.map((one) => headerOf(one, env))) }),
      body: template,
    },
    answer: { redemption: '/id' },
    rewards: [
      { id: textOr(values.get('reward'), 'reward-1'), points: typeof points === 'number' ? points : 100 },
    ],
    contract: {
      profile: 'ietf',
      ttlMs: 'unspecified',
      expiredKey: 'unspecified',
      replayEquality: 'redemption',
      replayMarker: 'unspecified',
    },
    customers: [textOr(customer, 'customer-1')],
    open,
  };
  return { draft, env };
}

function optionOf(word: string): { readonly option?: string; readonly attached?: string } {
  if (!word.startsWith('-') || word === '-') return {};
  const short = word.slice(0, 2);
  if (!word.startsWith('--') && LONG[short] !== undefined)
    return word.length > 2 ? { option: LONG[short], attached: word.slice(2) } : { option: LONG[short] };
  return { option: word };
}

function isFlag(option: string): boolean {
  return (
    !DATA.includes(option) &&
    !['--header', '--request', '--user', '--url'].includes(option) &&
    !IGNORED_WITH_VALUE.has(option) &&
    /^--(compressed|silent|show-error|location|insecure|verbose|include|fail(-with-body)?|globoff|http[\d.]+|no-\w+)$/.test(
      option,
    )
  );
}

function dataOf(option: string, value: string): string {
  if (value.startsWith('@') && option !== '--data-raw')
    throw usageError('curl', 'takes its body from a file, which is not read', {
      field: '--from-curl',
      expected: 'the body itself in its place',
      found: `${option} ${value}`,
    });
  return value;
}

function addressOf(text: string): URL | undefined {
  const url = /^\w+:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed : undefined;
}

function bodyOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw usageError('curl', 'its body is no JSON', {
      field: '--from-curl',
      expected: 'a JSON body',
      found: text,
    });
  }
}

function templateOf(value: unknown, name: string, parent: string, values: Map<Meaning, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => templateOf(item, name, parent, values));
  if (isPlainObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([member, one]) => [member, templateOf(one, member, name, values)]),
    );
  const meaning = meaningOf(name, parent, typeof value === 'number', false);
  if (meaning === undefined || meaning === 'type' || value === null) return value;
  if (!values.has(meaning)) values.set(meaning, value);
  return `{${PLACEHOLDER[meaning]}}`;
}

const PLACEHOLDER: Readonly<Record<Meaning, string>> = {
  key: 'idempotency_key',
  own: 'client_redemption_id',
  points: 'points_amount',
  customer: 'customer_id',
  reward: 'reward_id',
  type: 'redemption_type',
};

/** A segment behind `/members/` is a member's id; one that the body has is the same there. */
function pathOf(url: URL, values: Map<Meaning, unknown>): string {
  const parts = url.pathname.split('/').map((part) => decodeURIComponent(part));
  const filled = parts.map((part, index) => {
    const before = parts[index - 1] ?? '';
    const meaning = part === '' || before === '' ? undefined : meaningOf('id', before, false, false);
    const isId = /\d|[-_]/.test(part) || part === textOr(values.get('customer'), '');
    if (part !== '' && part === textOr(values.get('customer'), '')) return '{customer_id}';
    if ((meaning !== 'customer' && meaning !== 'reward') || !isId) return encodeURIComponent(part);
    if (!values.has(meaning)) values.set(meaning, part);
    return `{${PLACEHOLDER[meaning]}}`;
  });
  return filled.join('/') + url.search;
}

/** A value that is secret by its name comes from the environment. */
function headerOf([name, value]: readonly [string, string], env: Record<string, string>): [string, unknown] {
  if (!isSecretName(name)) return [name, value];
  const variable = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  env[variable] = keepSecret(value);
  return [name, { env: variable }];
}

/** The secret itself is written nowhere. */
function authOf(
  headers: CurlRequest['headers'],
  user: string | undefined,
  env: Record<string, string>,
): unknown {
  if (user !== undefined) {
    const colon = user.indexOf(':');
    env['API_USER'] = colon < 0 ? user : user.slice(0, colon);
    env['API_PASSWORD'] = keepSecret(colon < 0 ? '' : user.slice(colon + 1));
    return { basic: { user: { env: 'API_USER' }, password: { env: 'API_PASSWORD' } } };
  }
  const authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  if (authorization === undefined) return 'none';
  env['API_TOKEN'] = keepSecret(authorization.replace(/^\S+\s+/, ''));
  return { env: 'API_TOKEN' };
}
