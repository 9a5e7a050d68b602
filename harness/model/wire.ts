/** What every request carries beside its own: common headers and query, the credential; and bodies that are forms. Dependency-free: k6 loads it. */

/** Where a token stands in a request. */
export interface Credential {
  readonly in: 'header' | 'query';
  readonly name: string;
  /** The word before the token in the header, e.g. `Bearer`; absent: the token alone. */
  readonly scheme?: string;
}

export const BEARER: Credential = { in: 'header', name: 'Authorization', scheme: 'Bearer' };

interface Common {
  readonly credential?: Credential;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** The request with what goes with every request of a customer; headers of its own come first. */
export function withCommon<Request extends Sent>(
  target: Common,
  request: Request,
  customer: string,
): Request {
  const values = { customer_id: customer };
  const query = filledHeaders(target.query ?? {}, values);
  return {
    ...request,
    url: Object.entries(query).reduce((url, [name, value]) => withQuery(url, name, value), request.url),
    headers: { ...filledHeaders(target.headers ?? {}, values), ...request.headers },
  };
}

/** The request with the token where the endpoint looks for it; an empty token is none. */
export function authorised<Request extends Sent>(
  { credential = BEARER }: Common,
  request: Request,
  token: string,
): Request {
  if (token === '') return request;
  const { name, scheme } = credential;
  if (credential.in === 'query') return { ...request, url: withQuery(request.url, name, token) };
  const value = scheme === undefined ? token : `${scheme} ${token}`;
  return { ...request, headers: { ...request.headers, [name]: value } };
}

/** A read of a customer, whole. */
export function readRequest(target: Common, url: string, customer: string, token: string): Sent {
  return authorised(target, withCommon(target, { url, headers: {} }, customer), token);
}

/** Values with `{placeholders}` filled; one that is nothing but an absent placeholder is left out. */
export function filledHeaders(
  headers: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, template] of Object.entries(headers)) {
    const whole = /^\{(\w+)\}$/.exec(template)?.[1];
    if (whole !== undefined && PLACEHOLDERS.includes(whole) && values[whole] === undefined) continue;
    sent[name] = template.replace(/\{(\w+)\}/g, (text, placeholder: string) => values[placeholder] ?? text);
  }
  return sent;
}

/** What a template may hold. */
export const PLACEHOLDERS: readonly string[] = [
  'customer_id',
  'reward_id',
  'points_amount',
  'redemption_type',
  'client_redemption_id',
  'idempotency_key',
];

/** `application/x-www-form-urlencoded` of an object of texts, numbers and truth values. */
export function formOf(body: unknown): string {
  return Object.entries(body as Readonly<Record<string, string | number | boolean | null>>)
    .map(([name, value]) => `${formText(name)}=${formText(String(value ?? ''))}`)
    .join('&');
}

/** The members of such a body; the last of one name counts. */
export function formMembers(text: string): Record<string, string> {
  const members: Record<string, string> = {};
  for (const pair of text.split('&')) {
    const [name = '', ...value] = pair.split('=');
    if (name !== '') members[formPlain(name)] = formPlain(value.join('='));
  }
  return members;
}

/** Once: an address that the endpoint gave may have it already. */
function withQuery(url: string, name: string, value: string): string {
  const given = url.split('?')[1]?.split('&') ?? [];
  if (given.some((pair) => pair.split('=')[0] === encodeURIComponent(name))) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}

function formText(text: string): string {
  return encodeURIComponent(text).replace(/%20/g, '+');
}

function formPlain(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}
