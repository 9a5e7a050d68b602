/** `k6/http`: requests that return promises. The verbs that block in k6 say what to write instead. */
import { types } from 'node:util';

import { messageOf } from '../../base/errors.ts';
import { parseDurationMs } from '../duration.ts';
import { SYNC_VERBS, syncVerb } from '../unsupported.ts';
import { Exchange } from './exchange.ts';
import { DEFAULT_EXPECTED, ExpectedStatuses } from './expected-statuses.ts';
import type { RequestPlan, ResponseType } from './request-plan.ts';
import { HttpResponse } from './response.ts';
import { textOf } from './text.ts';
import type { VuContext } from './vu-context.ts';

/** k6's own default. */
const DEFAULT_TIMEOUT_MS = 60_000;

export function httpModule(vu: VuContext): object {
  const verbs = SYNC_VERBS.map((verb) => [verb, () => vu.run.refuse(syncVerb(verb))] as const);
  return {
    ...Object.fromEntries(verbs),
    asyncRequest: (method: unknown, url: unknown, body?: unknown, params?: unknown) =>
      asyncRequest(vu, method, url, body, params),
    expectedStatuses: (...statuses: unknown[]) => new ExpectedStatuses(statuses),
    setResponseCallback: (callback: unknown) => {
      vu.http.expected = callbackOf(vu, callback);
    },
    OCSP_STATUS_GOOD: 'good',
    TLS_1_2: 'tls1.2',
    TLS_1_3: 'tls1.3',
  };
}

function callbackOf(vu: VuContext, callback: unknown): ExpectedStatuses | null {
  const known = vu.realm.behind(callback);
  if (callback === null || known instanceof ExpectedStatuses)
    return callback === null ? null : (known as ExpectedStatuses);
  throw new Error('unsupported argument, expected http.expectedStatuses');
}

interface Params {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly timeout?: unknown;
  readonly redirects?: number;
  readonly responseType?: ResponseType;
  readonly responseCallback?: unknown;
  /** Whether a network error rejects; absent: as the option says. */
  readonly throw?: boolean;
}

const NO_PARAMS: Params = {};

function asyncRequest(
  vu: VuContext,
  method: unknown,
  url: unknown,
  body: unknown,
  params: unknown,
): Promise<HttpResponse> {
  if (vu.phase === 'init') throw new Error('Making http requests in the init context is not supported');
  const given: Params = params ?? NO_PARAMS;
  const throws = given.throw ?? vu.run.options.throw;
  let plan: RequestPlan;
  try {
    plan = planOf(vu, String(method), url, body, given);
  } catch (error) {
    return refused(vu, String(url), error, throws);
  }
  return vu.realm.promise((resolve, reject) => {
    const settle = throws ? throwing(resolve, reject) : resolve;
    if (!vu.isKilled) new Exchange(plan, settle).start();
  });
}

/** A request that could not even be made: a response with the reason, or a rejection with `throw`, as in k6. */
function refused(vu: VuContext, url: string, error: unknown, throws: boolean): Promise<HttpResponse> {
  const text = messageOf(error);
  if (throws) return Promise.reject(new RequestError(text));
  vu.run.log('warning', `Request Failed: ${text}`);
  const plan = { vu, headers: [], body: null, responseType: 'text' } as const;
  const parts = {
    plan,
    url,
    method: '',
    rawHeaders: [],
    chunks: undefined,
    statusText: '',
    blockedMs: 0,
    waitingMs: 0,
    receivingMs: 0,
  };
  return Promise.resolve(new HttpResponse(0, 0, text, parts));
}

/** What a request rejects with under the option `throw`: the script's to catch, whatever its stack says. */
export class RequestError extends Error {}

/** With the option `throw` a network error rejects. */
function throwing(
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): (response: HttpResponse) => void {
  return (response) => {
    if (response.status === 0) reject(new RequestError(response.error));
    else resolve(response);
  };
}

function planOf(vu: VuContext, method: string, url: unknown, body: unknown, params: Params): RequestPlan {
  const { options } = vu.run;
  const isForm = typeof body === 'object' && body !== null && !isBytes(body);
  const { headers, cookies, tags, timeout, responseCallback } = params;
  return {
    vu,
    method: method.toUpperCase(),
    url: String(url),
    body: typeof body === 'string' ? body : bodyOf(body),
    headers: headerList(options.userAgent, isForm, headers, cookies),
    tags,
    timeoutMs: timeout === undefined || timeout === null ? DEFAULT_TIMEOUT_MS : timeoutOf(timeout),
    redirects: params.redirects ?? options.maxRedirects,
    responseType: params.responseType ?? (options.discardResponseBodies ? 'none' : 'text'),
    expected:
      responseCallback === undefined
        ? vu.http.expected === undefined
          ? DEFAULT_EXPECTED
          : vu.http.expected
        : callbackOf(vu, responseCallback),
    together: tags === undefined || tags === null ? 0 : togetherOf(tags['together']),
  };
}

function timeoutOf(timeout: unknown): number {
  const timeoutMs = parseDurationMs(timeout);
  if (timeoutMs === undefined || timeoutMs < 0) throw new Error(`invalid timeout value: ${String(timeout)}`);
  return timeoutMs;
}

function togetherOf(tag: unknown): number {
  const size = Number(tag ?? 0);
  return Number.isInteger(size) && size >= 2 ? size : 0;
}

/** Names and values in turn. One name is sent once, the script's before the engine's, the last one wins: as in k6. */
function headerList(
  userAgent: string,
  isForm: boolean,
  headers: Params['headers'] | null,
  cookies: Params['cookies'] | null,
): string[] {
  const list: string[] = [];
  let hasAgent = false;
  let hasType = !isForm;
  for (const name in headers) {
    const lower = lowerName(name);
    // undici counts the body's bytes itself.
    if (lower === 'content-length') continue;
    if (lower === 'user-agent') hasAgent = true;
    else if (lower === 'content-type') hasType = true;
    const value = headers[name];
    list.push(name, typeof value === 'string' ? value : String(value));
  }
  if (!hasAgent) list.push('User-Agent', userAgent);
  if (!hasType) list.push('Content-Type', 'application/x-www-form-urlencoded');
  if (cookies !== undefined && cookies !== null) list.push('Cookie', cookieLine(cookies));
  return list;
}

const LOWER = new Map<string, string>();

function lowerName(name: string): string {
  let lower = LOWER.get(name);
  if (lower === undefined) {
    lower = name.toLowerCase();
    // Scripts use few names, and might make them up: they must not pile up.
    if (LOWER.size < 1_000) LOWER.set(name, lower);
  }
  return lower;
}

function cookieLine(cookies: Readonly<Record<string, unknown>>): string {
  return Object.entries(cookies)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === 'object' && value !== null ? String((value as { value?: unknown }).value) : String(value)}`,
    )
    .join('; ');
}

function isBytes(body: object): body is ArrayBuffer | ArrayBufferView {
  return types.isArrayBuffer(body) || ArrayBuffer.isView(body);
}

/** Bytes as they are; any other object is a form, as in k6. */
function bodyOf(body: unknown): string | Buffer | null {
  if (body === null || body === undefined) return null;
  if (types.isArrayBuffer(body)) return Buffer.from(body);
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (typeof body !== 'object') throw new Error(`unknown request body type ${typeof body}`);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      form.append(name, formValue(one));
  }
  form.sort();
  return form.toString();
}

function formValue(value: unknown): string {
  return value === null || value === undefined || typeof value === 'object' ? '' : textOf(value);
}
