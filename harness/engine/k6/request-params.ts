/** Reads a call's URL, body and parameters as k6 does (its `parseRequest`): every member is honoured, or named. */
import { parseDurationMs } from '../duration.ts';
import { unsupported } from '../unsupported.ts';
import { compressed, compressionsOf } from './compression.ts';
import type { CookieJar } from './cookie-jar.ts';
import { JarHandle } from './cookie-module.ts';
import { DEFAULT_EXPECTED, ExpectedStatuses } from './expected-statuses.ts';
import { canonicalName } from './response.ts';
import { goType, requestBody, type RequestBody } from './request-body.ts';
import { cookieLine, paramCookies, type ParamCookie } from './request-cookies.ts';
import type { RequestPlan, ResponseType } from './request-plan.ts';
import { splitUrl, UrlError, UrlTemplate } from './url.ts';
import type { VuContext } from './vu-context.ts';

/** k6's own default. */
const DEFAULT_TIMEOUT_MS = 60_000;
const RESPONSE_TYPES: ReadonlySet<unknown> = new Set(['text', 'binary', 'none']);

/** A request that cannot be made: the message and number are k6's. */
export class PlanError extends Error {
  readonly code: number;

  constructor(message: string, code = 0) {
    super(message);
    this.code = code;
  }
}

/** What the members of `params` come to. */
interface Params {
  headers: string[];
  cookies: readonly ParamCookie[];
  jar: CookieJar;
  tags: readonly string[];
  timeoutMs: number;
  redirects: number;
  isLimitGiven: boolean;
  responseType: ResponseType;
  expected: ExpectedStatuses | null;
  isDigest: boolean;
  throws: boolean;
  compressions: readonly string[];
  together: number;
}

const NO_COOKIES: readonly ParamCookie[] = [];
const NO_TAGS: readonly string[] = [];

/** The request, and whether its network error is thrown. Throws PlanError; what only the real k6 has ends the run. */
export function planOf(
  vu: VuContext,
  method: string,
  url: unknown,
  body: unknown,
  given: unknown,
): { readonly plan: RequestPlan; readonly throws: boolean } {
  const target = targetOf(vu.realm.behind(url) ?? url);
  const { body: plain, contentType } = bodyFor(vu, body);
  const params = defaults(vu, contentType);
  if (given !== null && given !== undefined) readParams(vu, given, params);
  const { headers, cookies, jar } = params;
  const at = indexOfHeader(headers, 'Cookie');
  if (at !== -1 || cookies.length > 0 || !jar.isEmpty) {
    const line = cookieLine(at === -1 ? undefined : headers[at + 1], cookies, jar, target.url);
    if (line !== undefined) setHeader(headers, 'Cookie', line);
  }
  const packed = packedBody(vu, plain, params);
  const { timeoutMs, redirects, isLimitGiven, responseType, expected, isDigest, together, tags } = params;
  const plan: RequestPlan = {
    method: method === '' ? 'GET' : method,
    url: target.url,
    givenUrl: target.given,
    template: target.template,
    body: packed,
    ...(packed === plain || plain === null ? {} : { plainBody: plain }),
    headers,
    cookies,
    jar,
    tags,
    vuTags: vu.tags,
    group: vu.group,
    isDigest,
    timeoutMs,
    redirects,
    isLimitGiven,
    responseType,
    expected,
    together,
  };
  return { plan, throws: params.throws };
}

function targetOf(url: unknown): { url: string; given: string; template: string | undefined } {
  const text = url instanceof UrlTemplate ? url.url : url;
  if (typeof text !== 'string') throw new PlanError(`invalid URL: '#${goType(url)}'`, 1020);
  try {
    const template = url instanceof UrlTemplate && url.name !== url.clean_url ? url.name : undefined;
    return { url: splitUrl(text).href, given: text, template };
  } catch (error) {
    if (error instanceof UrlError) throw new PlanError(`invalid URL: ${error.message}`, 1020);
    throw error;
  }
}

function bodyFor(vu: VuContext, body: unknown): RequestBody {
  if (body === null || body === undefined) return NO_BODY;
  try {
    return requestBody(body, (value) => vu.realm.behind(value));
  } catch (error) {
    throw new PlanError(error instanceof Error ? error.message : String(error));
  }
}

const NO_BODY: RequestBody = { body: null };

function defaults(vu: VuContext, contentType: string | undefined): Params {
  const { options } = vu.run;
  const headers = contentType === undefined ? [] : ['Content-Type', contentType];
  if (options.userAgent !== '') headers.push('User-Agent', options.userAgent);
  return {
    headers,
    cookies: NO_COOKIES,
    jar: vu.http.jar,
    tags: NO_TAGS,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    redirects: options.maxRedirects,
    isLimitGiven: options.isMaxRedirectsGiven,
    responseType: options.discardResponseBodies ? 'none' : 'text',
    expected: vu.http.expected === undefined ? DEFAULT_EXPECTED : vu.http.expected,
    isDigest: false,
    throws: options.throw,
    compressions: [],
    together: 0,
  };
}

function readParams(vu: VuContext, given: object, params: Params): void {
  const source = given as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(source)) readParam(vu, name, source[name], params);
}

function readParam(vu: VuContext, name: string, value: unknown, params: Params): void {
  switch (name) {
    case 'headers':
      readHeaders(vu, value, params.headers);
      break;
    case 'cookies':
      params.cookies = paramCookies(value);
      break;
    case 'jar':
      params.jar = JarHandle.jarOf(vu.realm.behind(value)) ?? params.jar;
      break;
    case 'tags':
      readTags(value, params);
      break;
    case 'timeout':
      params.timeoutMs = timeoutOf(value);
      break;
    case 'redirects':
      params.redirects = Math.trunc(Number(value)) || 0;
      params.isLimitGiven = true;
      break;
    case 'auth':
      if (value === 'ntlm') vu.run.refuse(unsupported("auth: 'ntlm'"));
      params.isDigest = value === 'digest';
      break;
    case 'throw':
      params.throws = Boolean(value);
      break;
    case 'compression':
      params.compressions = compressionsIn(vu, value);
      break;
    case 'responseType':
      if (!RESPONSE_TYPES.has(value))
        throw new PlanError(`${String(value)} does not belong to ResponseType values`);
      params.responseType = value as ResponseType;
      break;
    case 'responseCallback':
      params.expected = callbackOf(vu, value);
      break;
  }
}

function callbackOf(vu: VuContext, value: unknown): ExpectedStatuses | null {
  if (value === null || value === undefined) return null;
  const known = vu.realm.behind(value);
  if (known instanceof ExpectedStatuses) return known;
  throw new PlanError('unsupported responseCallback');
}

/** One name is sent once, and the last one wins: as in Go. */
function readHeaders(vu: VuContext, given: unknown, headers: string[]): void {
  if (typeof given !== 'object' || given === null) return;
  const source = given as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(source)) {
    const value = source[name];
    const canonical = canonicalName(name);
    // Its client writes them otherwise, or not at all.
    if (canonical === 'Expect' || canonical === 'Upgrade' || canonical === 'Keep-Alive')
      vu.run.refuse(unsupported(`the header ${canonical} of a request`));
    if (canonical === 'Content-Length') continue;
    setHeader(headers, canonical, typeof value === 'string' ? value : String(value));
  }
}

function setHeader(headers: string[], canonical: string, value: string): void {
  const at = indexOfHeader(headers, canonical);
  if (at === -1) headers.push(canonical, value);
  else headers[at + 1] = value;
}

function indexOfHeader(headers: readonly string[], canonical: string): number {
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === canonical) return index;
  return -1;
}

function readTags(given: unknown, params: Params): void {
  if (given === null || given === undefined) return;
  const source = given as Readonly<Record<string, unknown>>;
  const tags: string[] = [];
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw new PlanError(
        `invalid HTTP request metric tags: invalid value for metric tag '${name}': only String, Boolean and Number types are accepted as a metric tag values`,
      );
    tags.push(name, String(value));
    if (name === 'together') params.together = togetherOf(value);
  }
  params.tags = tags;
}

/** So many requests of one VU leave together; a tag of another kind is only a tag. */
function togetherOf(tag: unknown): number {
  const size = Number(tag);
  return Number.isInteger(size) && size >= 2 ? size : 0;
}

function timeoutOf(value: unknown): number {
  const timeoutMs = parseDurationMs(value);
  if (timeoutMs !== undefined) return Math.max(0, timeoutMs);
  const what =
    typeof value === 'string'
      ? `time: invalid duration ${JSON.stringify(value)}`
      : `unable to use type ${goType(value)} as a duration value`;
  throw new PlanError(`invalid timeout value: ${what}`);
}

function compressionsIn(vu: VuContext, value: unknown): readonly string[] {
  try {
    return compressionsOf(String(value), vu);
  } catch (error) {
    throw error instanceof PlanError
      ? error
      : new PlanError(error instanceof Error ? error.message : String(error));
  }
}

/** The body as it goes out, and its header; a script's own `Content-Encoding` stays. */
function packedBody(vu: VuContext, plain: string | Buffer | null, params: Params): string | Buffer | null {
  const { compressions, headers } = params;
  if (plain === null || compressions.length === 0) return plain;
  const encoding = compressions.join(', ');
  const at = indexOfHeader(headers, 'Content-Encoding');
  if (at === -1) headers.push('Content-Encoding', encoding);
  else if (headers[at + 1] !== encoding)
    vu.run.log(
      'warning',
      `the header Content-Encoding "${headers[at + 1]}" stays, though compression says "${encoding}"`,
    );
  return compressed(plain, compressions);
}
