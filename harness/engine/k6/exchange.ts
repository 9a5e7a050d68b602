/** One request on its way, redirects included: undici's handler, written for few allocations. */
import type { Client, Dispatcher } from 'undici';

import { unpacked } from './compression.ts';
import type { Lane } from './connections.ts';
import { digestAnswer } from './digest-auth.ts';
import {
  badLocation,
  CANCELED,
  REQUEST_TIMEOUT,
  failureOf,
  tooLarge,
  type HttpFailure,
} from './http-errors.ts';
import type { Tagged } from './metrics.ts';
import { rateDelayMs } from './rate-limit.ts';
import { inBytes, without, withCookies } from './header-lines.ts';
import { NOBODY, type Peer } from './peer.ts';
import { nextHop, withoutUser, withReferer, type Hop } from './redirect.ts';
import type { RequestPlan } from './request-plan.ts';
import { requestTag, type Answered } from './request-tags.ts';
import { joined, type Answer } from './answer.ts';
import { rawHeader } from './response.ts';
import { readSetCookies } from './set-cookie.ts';
import { HeldBody, type Seat } from './together.ts';
import { urlRefusal } from './url-refusal.ts';
import { cleanUrl, type Credentials, type SplitUrl } from './url.ts';
import type { Network } from './vu-context.ts';

const NO_CHUNKS: readonly Buffer[] = [];
/** Go reads no body of these. */
const BODYLESS: readonly number[] = [204, 304];
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export class Exchange implements Dispatcher.DispatchHandler, Tagged, Answer, Answered {
  readonly network: Network;
  readonly plan: RequestPlan;
  private readonly resolve: (answer: Answer) => void;
  url: string;
  method: string;
  private headers: readonly string[];
  private body: string | Buffer | null;
  /** What a redirect made of it, without its Referer. */
  private kept: Hop | undefined = undefined;
  private redirectsLeft: number;
  /** Name and password for a digest, once they are off the URL; undefined: the server was not asked yet. */
  private credentials: Credentials | undefined = undefined;
  private isAnsweringDigest = false;
  private timer: NodeJS.Timeout | undefined = undefined;
  private seat: Seat | undefined = undefined;
  private lane: Lane | undefined = undefined;
  private client: Client | undefined = undefined;
  peer: Peer = NOBODY;
  private abort: ((error?: Error) => void) | undefined = undefined;
  private isOver = false;
  isExpected = true;
  status = 0;
  statusText = '';
  rawHeaders: readonly Buffer[] = NO_CHUNKS;
  chunks: Buffer[] | undefined = undefined;
  private chunkBytes = 0;
  failure: HttpFailure | undefined = undefined;
  private startedAt = 0;
  private sentAt = 0;
  private headAt = 0;
  private endedAt = 0;

  constructor(network: Network, plan: RequestPlan, resolve: (answer: Answer) => void) {
    this.network = network;
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
    const { network } = this;
    network.began(this);
    if (network.isUnwinding) {
      this.finish(CANCELED);
      return;
    }
    const delayMs = rateDelayMs(network.run);
    if (delayMs > 0) this.timer = setTimeout(() => this.leave(), delayMs);
    else this.leave();
  }

  /** The timeout begins when nothing holds it back any more. */
  private leave(): void {
    const { timeoutMs, together } = this.plan;
    this.timer = setTimeout(timedOut, timeoutMs, this);
    if (together > 0) this.seat = this.network.gate.join(together);
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
    if (this.client !== undefined) this.peer = this.lane?.peer(this.client) ?? NOBODY;
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
    const { maxBodyBytes } = this.network.run;
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
    if (this.plan.isDigest && this.status === 401 && !this.isAnsweringDigest && this.answerDigest()) return;
    if (REDIRECTS.includes(this.status) && this.follow()) return;
    if (!this.isOver) this.finish(this.unpack());
  }

  /** Takes the compression off the body, here where it can still be this request's failure. */
  private unpack(): HttpFailure | undefined {
    if (this.plan.responseType === 'none') return undefined;
    if (BODYLESS.includes(this.status)) {
      this.chunks = undefined;
      return undefined;
    }
    const encoding = rawHeader(this.rawHeaders, 'content-encoding');
    if (encoding === undefined) return undefined;
    const found = unpacked(joined(this.chunks ?? NO_CHUNKS), encoding, this.network.run.maxBodyBytes);
    this.chunks = found.bytes === undefined ? undefined : [found.bytes];
    return 'failure' in found ? found.failure : undefined;
  }

  /** Sends it again with the answer to the server's challenge; false when that is none. */
  private answerDigest(): boolean {
    const challenge = rawHeader(this.rawHeaders, 'www-authenticate');
    const { method, body } = this;
    const { path: uri } = this.network.split(this.url);
    const credentials = this.credentials ?? { name: '', password: '' };
    const answer =
      challenge === undefined ? undefined : digestAnswer(challenge, { method, uri, body, credentials });
    if (answer === undefined) return false;
    this.endedAt = performance.now();
    this.sample();
    this.isAnsweringDigest = true;
    this.begin([...without(this.headers, 'Authorization'), 'Authorization', answer]);
    return true;
  }

  onError(error: Error): void {
    if (!this.isOver) this.finish(failureOf(error, this.headAt > 0));
  }

  onUpgrade(): void {
    // Never asked for.
  }

  tag(name: string): string | undefined {
    return requestTag(this, name);
  }

  private send(): void {
    const { network } = this;
    const split = network.split(this.url);
    const refusal = urlRefusal(split, network.run.options.blockedHostnames);
    if (refusal !== undefined) {
      this.finish(refusal);
      return;
    }
    const headers = this.headersFor(split);
    this.startedAt = performance.now();
    const lane = network.lane(split.origin);
    if (lane.refusal !== undefined) {
      this.finish(lane.refusal);
      return;
    }
    let client: Client;
    try {
      client = lane.take();
    } catch (error) {
      // An address that the client library takes for none.
      this.onError(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.lane = lane;
    this.client = client;
    const options = {
      path: split.path,
      method: this.method,
      headers: inBytes(headers),
      body: this.body,
      reset: network.run.options.noConnectionReuse,
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

  /** The headers with the URL's credentials and host; a digest sends them, too, before it is asked: so it is in k6. */
  private headersFor({ credentials, host, origin }: SplitUrl): string[] {
    const written = [...this.headers];
    if (!origin.endsWith(host) && !written.includes('Host')) written.push('Host', host);
    if (this.plan.isDigest && credentials !== undefined) {
      this.credentials = credentials;
      this.url = withoutUser(this.url);
    }
    if (credentials === undefined || written.includes('Authorization')) return written;
    const { name, password } = credentials;
    written.push('Authorization', `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`);
    return written;
  }

  private hop(): Hop {
    const { url, method, headers, body } = this;
    return this.kept ?? { url, method, headers, body };
  }

  /** Goes on to the next hop, as net/http does; false when this answer is the last one. */
  private follow(): boolean {
    const { plan, status, url } = this;
    const location = rawHeader(this.rawHeaders, 'location');
    if (location === undefined || location === '') return false;
    const next = nextHop(plan.url, this.hop(), status, location);
    if (next === undefined) {
      this.finish(badLocation(location));
      return true;
    }
    this.keepCookies();
    if (this.redirectsLeft <= 0) {
      if (!plan.isLimitGiven) this.network.run.log('warning', stoppedAfter(plan.redirects));
      return false;
    }
    this.endedAt = performance.now();
    this.sample();
    this.redirectsLeft--;
    this.kept = next;
    this.method = next.method;
    this.body = next.body;
    this.url = next.url;
    this.credentials = undefined;
    this.isAnsweringDigest = false;
    this.begin(withCookies(withReferer(next.headers, url, next.url), plan, next.url));
    return true;
  }

  /** One more request of this exchange. */
  private begin(headers: readonly string[]): void {
    this.release();
    this.headers = headers;
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
      this.status = 0;
      this.network.run.log(
        'warning',
        `Request Failed: ${this.method} ${cleanUrl(this.url)}: ${failure.text}`,
      );
    } else this.keepCookies();
    this.sample();
    this.release();
    this.network.ended(this);
    this.resolve(this);
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
    const { expected } = this.plan;
    const { registry, counts } = this.network.run;
    counts.requests++;
    if (expected !== null) {
      // A digest's first answer is to be the challenge, and so k6 counts it.
      const isChallenge = this.plan.isDigest && !this.isAnsweringDigest;
      this.isExpected = isChallenge ? this.status === 401 : expected.has(this.status);
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

  get error(): string {
    return this.failure === undefined ? '' : this.failure.text;
  }

  get errorCode(): number {
    if (this.failure !== undefined) return this.failure.code;
    return this.status >= 400 ? 1_000 + this.status : 0;
  }

  private keepCookies(): void {
    const found = readSetCookies(this.rawHeaders);
    if (found.length > 0 && URL.canParse(this.url)) this.plan.jar.set(new URL(this.url), found);
  }
}

function timedOut(exchange: Exchange): void {
  exchange.timeOut();
}

function stoppedAfter(count: number): string {
  return `Stopped after ${count} redirects and returned the redirection; pass { redirects: n } in request params or set global maxRedirects to silence this`;
}
