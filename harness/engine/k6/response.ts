/** A response of `k6/http`; everything but status and error is made when it is asked for. */
import type { PageRequest, PageSource } from '../html/page-requests.ts';
import type { Selection } from '../html/selection.ts';
import { UNSUPPORTED_RESPONSE_FIELDS, unsupported, type SYNC_RESPONSE_MEMBERS } from '../unsupported.ts';
import { jsonPath, PathRefused } from './json-path.ts';
import { joined, type Answer } from './answer.ts';
import { readCookieLine } from './request-cookies.ts';
import { pagesOf } from './run-state.ts';
import { readSetCookies } from './set-cookie.ts';
import { asText } from './text.ts';
import type { VuContext } from './vu-context.ts';

/** Milliseconds. k6 never sets `looking_up`. `connecting`, `tls_handshaking` and `sending` are part of `blocked` here and stay 0. */
export interface Timings {
  readonly blocked: number;
  readonly looking_up: number;
  readonly connecting: number;
  readonly tls_handshaking: number;
  readonly sending: number;
  readonly waiting: number;
  readonly receiving: number;
  readonly duration: number;
}

/** A cookie as `response.cookies` shows it. */
export interface ResponseCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly http_only: boolean;
  readonly secure: boolean;
  /** Seconds; 0: not given, -1: deleted. */
  readonly max_age: number;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** What Go makes of a date that is none. */
const NO_DATE = -6_795_364_578_871;

/** Sends what a page asks for, and waits for the answer. */
export type Follow = (
  name: (typeof SYNC_RESPONSE_MEMBERS)[number],
  request: () => PageRequest,
) => HttpResponse;

export class HttpResponse {
  /** Shown to the script as its own fields. */
  static readonly fields = ['status', 'error', 'error_code'];
  readonly status: number;
  readonly error: string;
  readonly error_code: number;
  readonly #vu: VuContext;
  readonly #parts: Answer;
  readonly #follow: Follow;
  #headers: Record<string, string> | undefined = undefined;
  #body: string | ArrayBuffer | null | undefined = undefined;
  /** The body read for paths, and as the script's own objects. */
  #json: { readonly value: unknown } | undefined = undefined;
  #whole: { readonly value: unknown } | undefined = undefined;

  constructor(vu: VuContext, answer: Answer, follow: Follow) {
    this.status = answer.status;
    this.error = answer.error;
    this.error_code = answer.errorCode;
    this.#vu = vu;
    this.#parts = answer;
    this.#follow = follow;
  }

  get url(): string {
    const { url, plan } = this.#parts;
    return this.status === 0 && url === plan.url ? plan.givenUrl : url;
  }

  /** As in Go: `200 OK`. */
  get status_text(): string {
    return this.status === 0 ? '' : `${this.status} ${this.#parts.statusText}`;
  }

  get proto(): string {
    return this.status === 0 ? '' : 'HTTP/1.1';
  }

  get remote_ip(): string {
    return this.#parts.peer.ip;
  }

  get remote_port(): number {
    return this.#parts.peer.port;
  }

  /** E.g. `tls1.3`; empty without TLS. */
  get tls_version(): string {
    return this.#parts.peer.tlsVersion;
  }

  get tls_cipher_suite(): string {
    return this.#parts.peer.tlsCipherSuite;
  }

  get headers(): Record<string, string> {
    this.#headers ??= this.status === 0 ? {} : canonicalHeaders(this.#parts.rawHeaders);
    return this.#headers;
  }

  get body(): string | ArrayBuffer | null {
    if (this.#body === undefined) this.#body = this.#read();
    return this.#body;
  }

  get timings(): Timings {
    const { blockedMs, waitingMs, receivingMs } = this.#parts;
    return {
      blocked: blockedMs,
      looking_up: 0,
      connecting: 0,
      tls_handshaking: 0,
      sending: 0,
      waiting: waitingMs,
      receiving: receivingMs,
      duration: waitingMs + receivingMs,
    };
  }

  /** As it was asked for: before redirects, credentials and compression. */
  get request(): object | null {
    const { plan } = this.#parts;
    if (plan.method === '') return null;
    const headers: Record<string, string[]> = {};
    for (let index = 0; index + 1 < plan.headers.length; index += 2)
      headers[plan.headers[index] ?? ''] = [plan.headers[index + 1] ?? ''];
    const body = plan.plainBody ?? plan.body;
    return {
      method: plan.method,
      url: plan.url,
      headers,
      body: body?.toString() ?? '',
      cookies: readCookieLine(headers['Cookie']?.[0] ?? ''),
    };
  }

  get cookies(): Record<string, ResponseCookie[]> {
    const found: Record<string, ResponseCookie[]> = {};
    if (this.status === 0) return found;
    for (const cookie of readSetCookies(this.#parts.rawHeaders))
      (found[cookie.name] ??= []).push({
        name: cookie.name,
        value: cookie.value,
        domain: cookie.domain,
        path: cookie.path,
        http_only: cookie.isHttpOnly,
        secure: cookie.isSecure,
        max_age: cookie.maxAgeSeconds,
        expires: cookie.expiresAt ?? NO_DATE,
      });
    return found;
  }

  /** The body as JSON, or the part at a path of gjson; undefined where there is nothing, or no JSON. */
  json(...selectors: unknown[]): unknown {
    const text = this.#text('JSON');
    if (selectors.length === 0) {
      this.#whole ??= { value: this.#vu.realm.parse(goJson(text)) };
      return this.#whole.value;
    }
    const [selector] = selectors;
    try {
      this.#json ??= { value: JSON.parse(goJson(text)) as unknown };
    } catch {
      return undefined;
    }
    return this.#at(this.#json.value, selector === null ? '' : asText(selector));
  }

  /** The body as a page, or what a selector finds there. */
  html(...selectors: unknown[]): Selection {
    const { run, realm } = this.#vu;
    const page = pagesOf(run, 'Response.html').selectionOf(realm, this.#text('HTML'), this.url);
    return selectors.length === 0 ? page : page.find(asText(selectors[0]));
  }

  /** Sends a form of the page, filled in. */
  submitForm(...given: unknown[]): HttpResponse {
    const pages = pagesOf(this.#vu.run, 'Response.submitForm');
    return this.#follow('submitForm', () => pages.formRequest(this.#page(), given));
  }

  /** Goes where a link of the page leads. */
  clickLink(...given: unknown[]): HttpResponse {
    const pages = pagesOf(this.#vu.run, 'Response.clickLink');
    return this.#follow('clickLink', () => pages.linkRequest(this.#page(), given));
  }

  #page(): PageSource {
    return { url: this.url, html: (selector) => this.html(selector) };
  }

  #text(what: string): string {
    const { body } = this;
    if (body === null)
      throw new Error(
        `the body is null so we can't transform it to ${what} - this likely was because of a request error getting the response`,
      );
    return typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  }

  #at(value: unknown, path: string): unknown {
    try {
      return jsonPath(value, path)?.value;
    } catch (error) {
      if (error instanceof PathRefused)
        return this.#vu.run.refuse(unsupported(`${error.message} in Response.json(${JSON.stringify(path)})`));
      throw error;
    }
  }

  /** A member that only the real k6 has. */
  refuse(member: string): never {
    return this.#vu.run.refuse(unsupported(`Response.${member}`));
  }

  /** Shown by `console.log(response)`, where getters would be lost. */
  toJSON(): object {
    const { status, status_text, proto, url, headers, body, timings, error, error_code, cookies, request } =
      this;
    return { status, status_text, proto, url, headers, body, timings, error, error_code, cookies, request };
  }

  #read(): string | ArrayBuffer | null {
    const { chunks = [] } = this.#parts;
    const { responseType, method } = this.#parts.plan;
    // A request that was never made: Go's empty list of bytes.
    if (method === '') return [] as unknown as ArrayBuffer;
    if (responseType === 'none') return null;
    // What arrived of a body that was cut is shown, as in k6.
    if (chunks.length === 0 && (this.status === 0 || this.status === 204 || this.status === 304)) return null;
    const bytes = joined(chunks);
    return responseType === 'binary' ? new Uint8Array(bytes).buffer : bytes.toString('utf8');
  }
}

for (const field of UNSUPPORTED_RESPONSE_FIELDS) {
  Object.defineProperty(HttpResponse.prototype, field, {
    get(this: HttpResponse): never {
      return this.refuse(field);
    },
  });
}

/** What JavaScript reads otherwise than Go: numbers beyond the largest, and halves of a character. */
const ODD_JSON = /\d[eE]\+?\d{3}|\\u[dD][89abAB]/;

/** JSON that JavaScript reads as Go does. Throws for a number that Go has not. */
function goJson(text: string): string {
  if (!ODD_JSON.test(text)) return text;
  const value: unknown = JSON.parse(text, (_, one: unknown) => {
    if (typeof one === 'number' && !Number.isFinite(one))
      throw new Error('cannot parse json: number out of range');
    return typeof one === 'string' ? Buffer.from(one).toString('utf8') : one;
  });
  return JSON.stringify(value);
}

/** Names as Go writes them (`Content-Type`), values of a repeated name joined by `, `. */
function canonicalHeaders(raw: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = canonicalName(raw[index]?.toString('latin1') ?? '');
    const value = raw[index + 1]?.toString('utf8') ?? '';
    const known = headers[name];
    headers[name] = known === undefined ? value : `${known}, ${value}`;
  }
  return headers;
}

const CANONICAL = new Map<string, string>();

/** Go's `textproto.CanonicalMIMEHeaderKey`. */
export function canonicalName(name: string): string {
  let canonical = CANONICAL.get(name);
  if (canonical === undefined) {
    canonical = name.toLowerCase().replace(/(^|-)([a-z])/g, (part) => part.toUpperCase());
    // A server can answer with ever new names: they must not pile up.
    if (CANONICAL.size < 1_000) CANONICAL.set(name, canonical);
  }
  return canonical;
}

/** The value of a response header, by its lower-case name. */
export function rawHeader(raw: readonly Buffer[], lowerName: string): string | undefined {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index];
    if (name?.length === lowerName.length && name.toString('latin1').toLowerCase() === lowerName) {
      return raw[index + 1]?.toString('latin1');
    }
  }
  return undefined;
}
