/** A response of `k6/http`; everything but status and error is made when it is asked for. */

import { UNSUPPORTED_RESPONSE_FIELDS, UNSUPPORTED_RESPONSE_MEMBERS, unsupported } from '../unsupported.ts';
import type { RequestPlan } from './request-plan.ts';

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

/** What a response reads from the exchange that it ends. */
export interface ResponseParts {
  readonly plan: Pick<RequestPlan, 'vu' | 'headers' | 'body' | 'responseType'>;
  readonly url: string;
  readonly method: string;
  readonly rawHeaders: readonly Buffer[];
  /** The body, without its compression. */
  readonly chunks: readonly Buffer[] | undefined;
  readonly statusText: string;
  readonly blockedMs: number;
  readonly waitingMs: number;
  readonly receivingMs: number;
}

export class HttpResponse {
  /** Shown to the script as its own fields. */
  static readonly fields = ['status', 'error', 'error_code'];
  readonly status: number;
  readonly error: string;
  readonly error_code: number;
  readonly #parts: ResponseParts;
  #headers: Record<string, string> | undefined = undefined;
  #body: string | ArrayBuffer | null | undefined = undefined;

  constructor(status: number, errorCode: number, error: string, parts: ResponseParts) {
    this.status = status;
    this.error = error;
    this.error_code = errorCode;
    this.#parts = parts;
  }

  get url(): string {
    return this.#parts.url;
  }

  /** As in Go: `200 OK`. */
  get status_text(): string {
    return this.status === 0 ? '' : `${this.status} ${this.#parts.statusText}`;
  }

  get proto(): string {
    return this.status === 0 ? '' : 'HTTP/1.1';
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

  get request(): object {
    const { method, url, plan } = this.#parts;
    const headers: Record<string, string[]> = {};
    for (let index = 0; index + 1 < plan.headers.length; index += 2) {
      headers[canonicalName(plan.headers[index] ?? '')] = [plan.headers[index + 1] ?? ''];
    }
    return {
      method,
      url,
      headers,
      body: plan.body?.toString() ?? '',
      cookies: {},
    };
  }

  get cookies(): Record<string, { name: string; value: string }[]> {
    const found: Record<string, { name: string; value: string }[]> = {};
    for (const [name, value] of setCookies(this.#parts.rawHeaders))
      (found[name] ??= []).push({ name, value });
    return found;
  }

  /** The body as JSON, or the part at a path such as `items.0.id` (`#` for a length). */
  json(selector?: string): unknown {
    const { body } = this;
    if (body === null)
      throw new Error(
        "the body is null so we can't transform it to JSON - this likely was because of a request error getting the response",
      );
    const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
    const parsed = this.#parts.plan.vu.realm.parse(text);
    return selector === undefined ? parsed : select(parsed, selector);
  }

  /** A member that only the real k6 has. */
  refuse(member: string): never {
    return this.#parts.plan.vu.run.refuse(unsupported(`Response.${member}`));
  }

  /** Shown by `console.log(response)`, where getters would be lost. */
  toJSON(): object {
    const { status, status_text, proto, url, headers, body, timings, error, error_code, cookies, request } =
      this;
    return { status, status_text, proto, url, headers, body, timings, error, error_code, cookies, request };
  }

  #read(): string | ArrayBuffer | null {
    const { chunks = [] } = this.#parts;
    const { responseType } = this.#parts.plan;
    if (responseType === 'none') return null;
    // What arrived of a body that was cut is shown, as in k6.
    if (this.status === 0 && chunks.length === 0) return null;
    const bytes = joined(chunks);
    return responseType === 'binary' ? new Uint8Array(bytes).buffer : bytes.toString('utf8');
  }
}

for (const member of UNSUPPORTED_RESPONSE_MEMBERS) {
  Object.defineProperty(HttpResponse.prototype, member, {
    value(this: HttpResponse): never {
      return this.refuse(member);
    },
  });
}

for (const field of UNSUPPORTED_RESPONSE_FIELDS) {
  Object.defineProperty(HttpResponse.prototype, field, {
    get(this: HttpResponse): never {
      return this.refuse(field);
    },
  });
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  if (first === undefined) return Buffer.alloc(0);
  return chunks.length === 1 ? first : Buffer.concat(chunks);
}

/** Names as Go writes them (`Content-Type`), values of a repeated name joined by `, `. */
function canonicalHeaders(raw: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = canonicalName(raw[index]?.toString('latin1') ?? '');
    const value = raw[index + 1]?.toString('latin1') ?? '';
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

/** Names and values of all `Set-Cookie` lines. */
export function setCookies(raw: readonly Buffer[]): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.length !== 10 || raw[index]?.toString('latin1').toLowerCase() !== 'set-cookie') continue;
    const [pair = ''] = (raw[index + 1]?.toString('latin1') ?? '').split(';');
    const equals = pair.indexOf('=');
    if (equals > 0) found.push([pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]);
  }
  return found;
}

function select(value: unknown, selector: string): unknown {
  let at = value;
  for (const part of selector.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = part === '#' && Array.isArray(at) ? at.length : (at as Record<string, unknown>)[part];
  }
  return at;
}
