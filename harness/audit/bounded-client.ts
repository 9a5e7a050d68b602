/** A client that takes a bounded answer in bounded time, repeats nothing, and can be given up as a whole. */

import { Pool } from 'undici';
import { deadlineOf } from '../base/deadline.ts';
import { HarnessError, harnessError } from '../base/errors.ts';
import { unpacked } from '../base/unpacked.ts';

export interface BoundedClientOptions {
  /** Of one request, up to the last byte of its answer. */
  readonly timeoutMs: number;
  /** The same for requests to one origin. Absent: `timeoutMs`. */
  readonly timeoutMsOf?: (origin: string) => number;
  /** Of a larger answer nothing is taken. bytes */
  readonly maxAnswerBytes: number;
  /** Told of each request with what came of it, as it went over the wire, credentials included. */
  readonly onExchange?: (exchange: Exchange) => void;
}

/** A request and its answer, or why there was none. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly answer?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly text: string;
  };
  /** A code such as ECONNREFUSED, or what went wrong in words. */
  readonly error?: string;
  readonly tookMs: number;
}

export interface BoundedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export class BoundedClient {
  readonly #options: BoundedClientOptions;
  readonly #pools = new Map<string, Pool>();
  readonly #ended = new AbortController();

  constructor(options: BoundedClientOptions) {
    this.#options = options;
  }

  /** Aborts when it was given up. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** What is under way, and what is still asked for, fails at once. */
  giveUp(): void {
    this.#ended.abort(unreadable('endpoint', 'an answer before the end of --max-time', 'none'));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  /** One request, once. Throws when there is no answer within the bounds. */
  async send(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<BoundedAnswer> {
    const { onExchange } = this.#options;
    const startedAt = performance.now();
    const request = { method, url, headers, ...(body !== undefined && { body }) };
    try {
      const answer = await this.#sendOnce(method, url, headers, body);
      onExchange?.({ ...request, answer, tookMs: performance.now() - startedAt });
      return answer;
    } catch (error) {
      onExchange?.({ ...request, error: wordsOf(error), tookMs: performance.now() - startedAt });
      throw error;
    }
  }

  async #sendOnce(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<BoundedAnswer> {
    const { origin, pathname, search } = new URL(url);
    let pool = this.#pools.get(origin);
    if (!pool) {
      pool = new Pool(origin, { connections: 16, pipelining: 1 });
      this.#pools.set(origin, pool);
    }
    assertSendable(headers);
    const timeoutMs = this.#options.timeoutMsOf?.(origin) ?? this.#options.timeoutMs;
    const { signal, clear } = deadlineOf(timeoutMs, this.#ended.signal);
    try {
      const {
        statusCode,
        headers: answered,
        body: stream,
      } = await pool.request({
        method,
        path: pathname + search,
        headers,
        ...(body !== undefined && { body }),
        signal,
      });
      const text = await this.#text(stream, answered['content-encoding']);
      return { status: statusCode, headers: answered, text };
    } finally {
      clear();
    }
  }

  async #text(stream: AsyncIterable<Buffer>, encoding: string | string[] = ''): Promise<string> {
    const { maxAnswerBytes } = this.#options;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      // Leaving the loop closes the connection.
      if (size > maxAnswerBytes) throw unreadable('answer', `at most ${maxAnswerBytes} bytes`, 'more');
      chunks.push(chunk);
    }
    // Whoever is not asked for any encoding may take one (RFC 9110, section 12.5.3).
    const body = unpacked(Buffer.concat(chunks), String(encoding), maxAnswerBytes);
    if (body === undefined)
      throw unreadable('answer', `at most ${maxAnswerBytes} bytes of ${String(encoding)}`, 'more, or broken');
    return body.toString('utf8');
  }
}

/** undici's pool takes a request that it refuses for one that waits, and then waits for ever: it must not get one. */
function assertSendable(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw unreadable(`header ${name}`, 'a value on one line', 'another');
  }
}

/** Ours say more by their message. */
function wordsOf(error: unknown): string {
  return error instanceof HarnessError ? error.message : codeOf(error);
}

/** A code such as ECONNREFUSED, else the kind of error. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : String(error);
}

/** What should have been read, and what was found instead. */
export function unreadable(field: string, expected: string, found: unknown): Error {
  return harnessError('read-back', 'cannot be read back', { field, expected, found });
}
