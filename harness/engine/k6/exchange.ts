/** One request on its way, redirects included: undici's handler, written for few allocations. */
import type { Client, Dispatcher } from 'undici';

import {
  badLocation,
  BAD_COMPRESSION,
  CANCELED,
  INVALID_URL,
  NO_SCHEME,
  REQUEST_TIMEOUT,
  failureOf,
  tooLarge,
  type HttpFailure,
} from './http-errors.ts';
import type { Tagged } from './metrics.ts';
import { nextHop, withReferer, type Hop } from './redirect.ts';
import type { RequestPlan } from './request-plan.ts';
import { unpacked } from '../../base/unpacked.ts';
import { HttpResponse, rawHeader, setCookies, type ResponseParts } from './response.ts';
import { HeldBody, type Seat } from './together.ts';
import type { Lane } from './connections.ts';
import { ownTag } from './core.ts';
import type { VuContext } from './vu-context.ts';

const NO_CHUNKS: readonly Buffer[] = [];
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export class Exchange implements Dispatcher.DispatchHandler, Tagged, ResponseParts {
  readonly plan: RequestPlan;
  private readonly resolve: (response: HttpResponse) => void;
  url: string;
  method: string;
  private headers: readonly string[];
  private body: string | Buffer | null;
  /** What a redirect made of it, without its Referer. */
  private kept: Hop | undefined = undefined;
  private redirectsLeft: number;
  private timer: NodeJS.Timeout | undefined = undefined;
  private seat: Seat | undefined = undefined;
  private lane: Lane | undefined = undefined;
  private client: Client | undefined = undefined;
  private abort: ((error?: Error) => void) | undefined = undefined;
  private isOver = false;
  private isExpected = true;
  private status = 0;
  statusText = '';
  rawHeaders: readonly Buffer[] = NO_CHUNKS;
  chunks: Buffer[] | undefined = undefined;
  private chunkBytes = 0;
  private failure: HttpFailure | undefined = undefined;
  private startedAt = 0;
  private sentAt = 0;
  private headAt = 0;
  private endedAt = 0;

  constructor(plan: RequestPlan, resolve: (response: HttpResponse) => void) {
    this.plan = plan;
    this.resolve = resolve;
    this.url = plan.url;
    this.method = plan.method;
    this.headers = plan.headers;
    this.body = plan.body;
    this.redirectsLeft = plan.redirects;
  }

  /** Sends the request; the promise behind `resolve` settles in any case, unless it is cut. */
  start(): void {
    const { vu, timeoutMs, together } = this.plan;
    vu.http.began(this);
    if (vu.isUnwinding) {
      this.finish(CANCELED);
      return;
    }
    this.timer = setTimeout(timedOut, timeoutMs, this);
    if (together > 0) this.seat = vu.http.gate.join(together);
    this.send();
  }

  /** Ends it without an answer to anybody: the script that waits for it was stopped. */
  cut(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.seat?.lose();
    this.abandon();
  }

  /** The timeout of k6: from the call to the last byte of the answer. */
  timeOut(): void {
    if (!this.isOver) this.giveUp(REQUEST_TIMEOUT);
  }

  /** Gives it up and says so, as k6 does to what an iteration that threw has open. */
  cancel(): void {
    this.giveUp(CANCELED);
  }

  private giveUp(failure: HttpFailure): void {
    this.isOver = true;
    this.abandon();
    this.finish(failure);
  }

  onConnect(abort: (error?: Error) => void): void {
    // Stopped while it waited for a connection, or undici about to send it a second time: neither may go out.
    if (this.isOver || this.sentAt > 0) {
      abort(new Error('the connection was lost before the answer'));
      return;
    }
    this.abort = abort;
    this.sentAt = performance.now();
  }

  onHeaders(status: number, rawHeaders: Buffer[], _resume: () => void, statusText: string): boolean {
    // 1xx comes before the answer.
    if (status < 200) return true;
    this.headAt = performance.now();
    this.status = status;
    this.statusText = statusText;
    this.rawHeaders = rawHeaders;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.plan.responseType === 'none' || this.isOver) return true;
    this.chunkBytes += chunk.length;
    const { maxBodyBytes } = this.plan.vu.run;
    if (this.chunkBytes > maxBodyBytes) {
      this.chunks = undefined;
      this.giveUp(tooLarge(maxBodyBytes));
      return true;
    }
    if (this.chunks === undefined) this.chunks = [chunk];
    else this.chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    if (this.isOver) return;
    this.keepCookies();
    if (this.redirectsLeft > 0 && REDIRECTS.includes(this.status)) this.follow();
    else this.finish(this.unpack());
  }

  /** Takes the compression off the body, here where it can still be this request's failure. */
  private unpack(): HttpFailure | undefined {
    const encoding = rawHeader(this.rawHeaders, 'content-encoding');
    if (encoding === undefined || this.chunks === undefined) return undefined;
    const bytes = unpacked(Buffer.concat(this.chunks), encoding, this.plan.vu.run.maxBodyBytes);
    this.chunks = bytes === undefined ? undefined : [bytes];
    return bytes === undefined ? BAD_COMPRESSION : undefined;
  }

  onError(error: Error): void {
    if (!this.isOver) this.finish(failureOf(error, this.headAt > 0));
  }

  onUpgrade(): void {
    // Never asked for.
  }

  /** Tags of this request's samples (k6's system tags, the request's own, the VU's). */
  tag(name: string): string | undefined {
    return ownTag(this.plan.tags, name) ?? this.systemTag(name) ?? this.plan.vu.tag(name);
  }

  private send(): void {
    const { headers } = this;
    const { vu } = this.plan;
    const split = vu.http.split(this.url);
    if (split === undefined) {
      this.finish(/^https?:/.test(this.url) ? INVALID_URL : NO_SCHEME);
      return;
    }
    this.startedAt = performance.now();
    const lane = vu.http.lane(split.origin);
    if (lane.refusal !== undefined) {
      this.finish(lane.refusal);
      return;
    }
    const client = lane.take();
    this.lane = lane;
    this.client = client;
    const options = {
      path: split.path,
      method: this.method,
      headers: withJar(headers, vu, split.host),
      body: this.body,
      reset: vu.run.options.noConnectionReuse,
    };
    if (this.seat === undefined) this.dispatch(client, options);
    else
      this.sendTogether(this.seat, options, (held) =>
        this.dispatch(client, held as Dispatcher.DispatchOptions),
      );
  }

  /** What the client library throws (a header that it refuses) is this request's failure, and nobody else's. */
  private dispatch(client: Client, options: Dispatcher.DispatchOptions): void {
    try {
      client.dispatch(options, this);
    } catch (error) {
      this.onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private sendTogether(
    seat: Seat,
    options: { body: string | Buffer | null; headers: string[] },
    dispatch: (options: unknown) => void,
  ): void {
    const bytes = options.body === null ? Buffer.alloc(0) : Buffer.from(options.body as string);
    if (bytes.length === 0) {
      // Nothing can be held back: it leaves whole, with the others.
      seat.hold(() => {
        dispatch(options);
        seat.left();
      });
      return;
    }
    const body = new HeldBody(bytes, seat, () => {
      this.sentAt = performance.now();
    });
    dispatch({ ...options, body, headers: [...options.headers, 'content-length', String(bytes.length)] });
  }

  private hop(): Hop {
    const { url, method, headers, body } = this;
    return this.kept ?? { url, method, headers, body };
  }

  /** The next hop, as net/http makes it. */
  private follow(): void {
    const location = rawHeader(this.rawHeaders, 'location');
    if (location === undefined || location === '') {
      this.finish(undefined);
      return;
    }
    const next = nextHop(this.plan.url, this.hop(), this.status, location);
    if (next === undefined) {
      this.finish(badLocation(location));
      return;
    }
    this.endedAt = performance.now();
    this.sample();
    this.release();
    this.redirectsLeft--;
    this.kept = next;
    this.headers = withReferer(next.headers, this.url, next.url);
    this.method = next.method;
    this.body = next.body;
    this.url = next.url;
    this.status = 0;
    this.rawHeaders = NO_CHUNKS;
    this.chunks = undefined;
    this.chunkBytes = 0;
    this.sentAt = 0;
    this.headAt = 0;
    this.seat = undefined;
    this.abort = undefined;
    this.send();
  }

  private finish(failure: HttpFailure | undefined): void {
    this.isOver = true;
    this.failure = failure;
    this.endedAt = performance.now();
    clearTimeout(this.timer);
    this.seat?.lose();
    if (failure !== undefined) {
      // Half of a compressed body is no text.
      if (rawHeader(this.rawHeaders, 'content-encoding') !== undefined) this.chunks = undefined;
      this.status = 0;
      this.plan.vu.run.log('warning', `Request Failed: ${this.method} ${this.url}: ${failure.text}`);
    }
    this.sample();
    this.release();
    this.plan.vu.http.ended(this);
    this.resolve(this.response());
  }

  /** The connection is free for the next request. */
  private release(): void {
    if (this.client !== undefined) this.lane?.give(this.client);
    this.client = undefined;
  }

  /** The connection cannot be used again: its answer may still come. */
  private abandon(): void {
    this.abort?.();
    if (this.client !== undefined) this.lane?.abandon(this.client);
    this.client = undefined;
  }

  private sample(): void {
    const { vu, expected } = this.plan;
    const { registry, counts } = vu.run;
    counts.requests++;
    if (expected !== null) {
      this.isExpected = expected.has(this.status);
      registry.failed.add(this.isExpected ? 0 : 1, this);
    }
    registry.requests.add(1, this);
    registry.duration.add(this.waitingMs + this.receivingMs, this);
    registry.blocked.add(this.blockedMs, this);
    registry.waiting.add(this.waitingMs, this);
    registry.receiving.add(this.receivingMs, this);
  }

  get blockedMs(): number {
    return this.sentAt === 0 ? 0 : this.sentAt - this.startedAt;
  }

  get waitingMs(): number {
    if (this.sentAt === 0) return 0;
    return (this.headAt === 0 ? this.endedAt : this.headAt) - this.sentAt;
  }

  get receivingMs(): number {
    return this.headAt === 0 ? 0 : this.endedAt - this.headAt;
  }

  private response(): HttpResponse {
    const { failure, status } = this;
    const code = failure === undefined ? (status >= 400 ? 1_000 + status : 0) : failure.code;
    return new HttpResponse(status, code, failure === undefined ? '' : failure.text, this);
  }

  private keepCookies(): void {
    const found = setCookies(this.rawHeaders);
    if (found.length === 0) return;
    const { http } = this.plan.vu;
    const { host } = http.split(this.url) ?? { host: '' };
    http.cookies ??= new Map();
    const jar = http.cookies.get(host) ?? new Map<string, string>();
    for (const [name, value] of found) jar.set(name, value);
    http.cookies.set(host, jar);
  }

  private systemTag(name: string): string | undefined {
    if (name === 'status') return String(this.status);
    if (name === 'method') return this.method;
    if (name === 'url' || name === 'name') return this.url;
    if (name === 'proto') return this.status === 0 ? undefined : 'HTTP/1.1';
    if (name === 'expected_response')
      return this.plan.expected === null ? undefined : String(this.isExpected);
    if (name === 'error') return this.failure?.text;
    if (name !== 'error_code') return undefined;
    return this.failure === undefined
      ? this.status >= 400
        ? String(1_000 + this.status)
        : undefined
      : String(this.failure.code);
  }
}

function timedOut(exchange: Exchange): void {
  exchange.timeOut();
}

/** The script's headers with the cookies that the iteration was given. */
function withJar(headers: readonly string[], vu: VuContext, host: string): string[] {
  const jar = vu.http.cookies?.get(host);
  if (jar === undefined) return headers as string[];
  return [...headers, 'Cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; ')];
}
