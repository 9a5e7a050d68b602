/** A curl command that redeems becomes a draft of a config. */

import { usageError } from '../base/errors.ts';
import { isPlainObject } from '../config/member.ts';
import { authOfCurl } from './curl-auth.ts';
import { curlRequest, type CurlRequest } from './curl-request.ts';
import type { Draft } from './draft.ts';
import { isKeyName, meaningOf, textOr, type Meaning } from './names.ts';
import { UNSHOWN } from './rows.ts';

/** What no command says, and every config has to: told as a guess. */
const GUESSED_POINTS = 100;
/** What the client makes anew for each request. */
const OF_THE_CLIENT = /^(content-type|content-length|host|accept|accept-encoding|connection|user-agent)$/i;

type Values = Map<Meaning, unknown>;

/** The draft, and the secrets of the command by the variables that the draft names in their places. */
export function draftOfCurl(command: string): {
  readonly draft: Draft;
  readonly env: Readonly<Record<string, string>>;
} {
  const request = curlRequest(command);
  const { method, headers } = request;
  if (!['POST', 'PUT', 'PATCH'].includes(method))
    throw usageError('curl', 'does not redeem', {
      field: '--from-curl',
      expected: 'a POST, PUT or PATCH',
      found: method,
    });
  const open = ['answer and reads: a request does not show them; see what check-config says of them'];
  const env: Record<string, string> = {};
  const keyHeader = headers.find(([name]) => isKeyName(name))?.[0];
  const values: Values = new Map();
  const { body, isForm } = bodyOf(request);
  const template = body === undefined ? {} : templateOf(body, { name: '', parent: '', isForm }, values);
  const hasKeyInBody = JSON.stringify(template).includes('{idempotency_key}');
  if (keyHeader === undefined && !hasKeyInBody)
    open.push('redeem.keyHeader: no header of the command is a key');
  const { auth, others, query, secretQuery } = authOfCurl(request, env);
  const path = pathOf(request.url, query, values);
  const more = others.filter(([name]) => name !== keyHeader && !OF_THE_CLIENT.test(name));
  const own = more.filter(
    ([name]) => meaningOf(name.replace(/^x-/i, ''), '', false, false) === 'own' && !values.has('own'),
  );
  const common = more.filter((one) => !own.includes(one));
  const customer = values.get('customer');
  const points = pointsOf(values.get('points'));
  if (customer === undefined) open.push('customers: the command does not show which value is the customer');
  if (values.get('reward') === undefined)
    open.push('rewards: the command does not show which value is the reward');
  if (points === undefined)
    open.push(`rewards: the command does not say what it costs; ${GUESSED_POINTS} points are a guess`);
  const draft: Draft = {
    baseUrl: request.url.origin,
    auth,
    ...(common.length > 0 && {
      headers: Object.fromEntries(
        common.map(([name, value]) => [name, value === customer ? '{customer_id}' : value]),
      ),
    }),
    ...(Object.keys(secretQuery).length > 0 && { query: secretQuery }),
    redeem: {
      ...(method === 'POST' ? {} : { method }),
      path,
      ...(keyHeader !== undefined && { keyHeader }),
      ...(own.length > 0 && {
        headers: Object.fromEntries(own.map(([name]) => [name, '{client_redemption_id}'])),
      }),
      ...(isForm && { bodyAs: 'form' }),
      body: template,
    },
    answer: { redemption: '/id' },
    rewards: [{ id: textOr(values.get('reward'), 'reward-1'), points: points ?? GUESSED_POINTS }],
    contract: UNSHOWN,
    customers: [textOr(customer, 'customer-1')],
    open,
  };
  return { draft, env };
}

/** JSON, or what a form holds: `a=1&b=2`, unless the command says that it is JSON. */
function bodyOf({ body: text, headers }: CurlRequest): { readonly body: unknown; readonly isForm: boolean } {
  if (text === undefined) return { body: undefined, isForm: false };
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  try {
    return { body: JSON.parse(text) as unknown, isForm: false };
  } catch {
    const isForm = !/json|xml/i.test(type) && /^[^=&\s{<]+=/.test(text);
    if (isForm) return { body: Object.fromEntries(new URLSearchParams(text)), isForm };
    throw usageError('curl', 'its body is neither JSON nor a form', {
      field: '--from-curl',
      expected: 'a JSON body, or name=value&…',
      found: text,
    });
  }
}

interface Where {
  readonly name: string;
  readonly parent: string;
  /** In a form every value is a text, also a number. */
  readonly isForm: boolean;
}

function templateOf(value: unknown, where: Where, values: Values): unknown {
  const { name, parent, isForm } = where;
  if (Array.isArray(value)) return value.map((item: unknown) => templateOf(item, where, values));
  if (isPlainObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([member, one]) => [
        member,
        templateOf(one, { name: member, parent: name, isForm }, values),
      ]),
    );
  const isNumber = typeof value === 'number' || (isForm && pointsOf(value) !== undefined);
  const meaning = meaningOf(name, parent, isNumber, false);
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

function pointsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** A segment behind `/members/` is a member's id; one that the body has is the same there. */
function pathOf(url: URL, query: string, values: Values): string {
  const parts = url.pathname.split('/').map((part) => decodeURIComponent(part));
  const filled = parts.map((part, index) => {
    const before = parts[index - 1] ?? '';
    const meaning = part === '' || before === '' ? undefined : meaningOf('id', before, false, false);
    const isId = /\d|[-_]/.test(part) || isMember(before, part, parts[index + 1]);
    if (part !== '' && part === textOr(values.get('customer'), '')) return '{customer_id}';
    if ((meaning !== 'customer' && meaning !== 'reward') || !isId) return encodeURIComponent(part);
    if (!values.has(meaning)) values.set(meaning, part);
    return `{${PLACEHOLDER[meaning]}}`;
  });
  return filled.join('/') + query;
}

/** `/accounts/ada/burns`: one of several, and something of it; `/accounts/me/burns` is whoever asks. */
function isMember(before: string, part: string, after: string | undefined): boolean {
  return /[^s]s$/i.test(before) && after !== undefined && !/^(me|my|self|own|current|all)$/i.test(part);
}
