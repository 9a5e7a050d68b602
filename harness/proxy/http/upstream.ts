import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import type { Address } from '../address.ts';
import type { ByteCounts } from '../link.ts';
import type { Way } from '../types.ts';
import { closed } from '../listener.ts';
import { tunnelled, type Tunnel } from './tunnel.ts';
import { BodyScanner } from './body-scanner.ts';
import {
  answerFraming,
  FramingError,
  hasToken,
  HEAD_END,
  MAX_HEAD_BYTES,
  parseHead,
  type Head,
} from './head.ts';

/** What an asked replica gives back. Exactly one of `done: true` or `failed` ends a call. */
export interface AnswerSink {
  /** The head with the first bytes of the body, framed as they came. False: wait for `resume`. */
  start(answer: AnswerStart, body: Buffer, done: boolean): boolean;
  more(body: Buffer, done: boolean): boolean;
  /** No (complete) answer: the connection could not be made or broke, or the time was over. */
  failed(reason: string, status: 502 | 504, failure: Failure): void;
}

/**
 * How a call failed, in the order of its life: no connection; it ended before the first byte of an answer; in the
 * middle of the head; a head that is none; after the head; no end in time; given up on this side.
 */
export interface Failure {
  readonly how: 'connect' | 'empty' | 'partial' | 'malformed' | 'cut' | 'timeout' | 'dropped';
  /** The connection had carried another call before. */
  readonly isReused: boolean;
}

export interface AnswerStart {
  readonly head: Head;
  readonly status: number;
  readonly scanner: BodyScanner;
}

export interface UpstreamCall {
  /** Read on after a `false` of the sink. */
  resume(): void;
  /** Give up: the connection is closed, `failed` is called. */
  abort(reason: string): void;
}

export interface UpstreamSettings {
  readonly address: Address;
  readonly tls: boolean;
  /** Whom its certificate must name, where that is not the address: there may be a proxy between. */
  readonly serverName: string | undefined;
  readonly secrets?: Way['tls'];
  /** The address is an HTTP proxy's: it is asked for a tunnel to `host:port`. */
  readonly tunnel?: Tunnel;
  /** 0 = no limit. */
  readonly answerTimeoutMs: number;
  /** Bytes to and from the replica are added here. */
  readonly counts: { readonly upstream: ByteCounts; readonly downstream: ByteCounts };
}

/** Servers close idle connections after 5 s (Node's default) or later: ours are closed before, so that few are reused while they die. */
const IDLE_MS = 3500;
/** Times of connections are counted in ticks: a look at the clock for each request costs more than it tells. */
const TICK_MS = 250;
const KEEP_PAYLOAD_BYTES = 64 * 1024;
/** So many answers before the answer (100, 103) are more than anybody means. */
const MAX_INTERIM = 100;
const EMPTY = Buffer.alloc(0);

/** The connections to one replica. A request is written once and never again, whatever becomes of it. */
export class Upstream {
  readonly settings: UpstreamSettings;
  readonly #idle: UpstreamSocket[] = [];
  readonly #all = new Set<UpstreamSocket>();
  #sweeper: NodeJS.Timeout | undefined;
  #tick = 0;

  constructor(settings: UpstreamSettings) {
    this.settings = settings;
  }

  send(bytes: Buffer, method: string, sink: AnswerSink): UpstreamCall {
    const socket = this.#idle.pop() ?? this.#open();
    this.#sweeper ??= setInterval(() => this.#sweep(), TICK_MS).unref();
    return socket.send(bytes, method, sink);
  }

  /** Gives up every call; resolves when the connections are closed. */
  async destroy(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    await Promise.all([...this.#all].map((socket) => socket.close('the proxy closed the connection')));
  }

  #open(): UpstreamSocket {
    const socket: UpstreamSocket = new UpstreamSocket(this.settings, {
      tick: () => this.#tick,
      idle: () => this.#idle.push(socket),
      closed: () => {
        this.#all.delete(socket);
        const index = this.#idle.indexOf(socket);
        if (index >= 0) this.#idle.splice(index, 1);
      },
    });
    this.#all.add(socket);
    return socket;
  }

  #sweep(): void {
    this.#tick += 1;
    for (const socket of this.#all) socket.checkTime();
    if (this.#all.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

interface SocketEvents {
  tick(): number;
  idle(): void;
  closed(): void;
}

/** One connection to a replica; it carries one call at a time. */
class UpstreamSocket {
  readonly #socket: Socket;
  readonly #settings: UpstreamSettings;
  readonly #events: SocketEvents;
  #sink: AnswerSink | undefined;
  #method = '';
  #sinceTick = 0;
  #buffer: Buffer = EMPTY;
  #scanner: BodyScanner | undefined;
  #keepsAlive = true;
  #error: string | undefined;
  #isConnected = false;
  #callCount = 0;
  #interimCount = 0;

  constructor(settings: UpstreamSettings, events: SocketEvents) {
    this.#settings = settings;
    this.#events = events;
    const { host, port } = settings.address;
    const name = settings.serverName ?? host;
    const { ca, cert, key, passphrase } = settings.secrets ?? {};
    this.#socket = settings.tls
      ? connectTls({
          ...(settings.tunnel === undefined
            ? { host, port }
            : { socket: tunnelled({ host, port }, settings.tunnel) }),
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert, key }),
          ...(passphrase !== undefined && { passphrase }),
          ALPNProtocols: ['http/1.1'],
          // An address is not sent as a name (RFC 6066, section 3), but it is checked.
          ...(isIP(name) === 0 && { servername: name }),
          checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
        })
      : connect({ host, port, noDelay: true });
    this.#socket.once(settings.tls ? 'secureConnect' : 'connect', () => (this.#isConnected = true));
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => (this.#error = error.code ?? error.message));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#closed());
  }

  send(bytes: Buffer, method: string, sink: AnswerSink): UpstreamCall {
    this.#sink = sink;
    this.#method = method;
    this.#sinceTick = this.#events.tick();
    this.#scanner = undefined;
    this.#callCount += 1;
    this.#interimCount = 0;
    this.#settings.counts.upstream.sent += bytes.length;
    this.#socket.write(bytes);
    return {
      resume: () => this.#sink === sink && this.#socket.resume(),
      abort: (reason) => this.#sink === sink && this.fail(reason, 502, 'dropped'),
    };
  }

  checkTime(): void {
    const { answerTimeoutMs } = this.#settings;
    // Whole ticks that have surely passed: never too early.
    const ms = (this.#events.tick() - this.#sinceTick - 1) * TICK_MS;
    if (this.#sink === undefined) {
      if (ms >= IDLE_MS) this.#socket.destroy();
    } else if (answerTimeoutMs > 0 && ms >= answerTimeoutMs) {
      this.fail(`no answer within ${answerTimeoutMs} ms`, 504, 'timeout');
    }
  }

  close(reason: string): Promise<void> {
    this.fail(reason, 502, 'dropped');
    return closed(this.#socket);
  }

  fail(reason: string, status: 502 | 504 = 502, how = this.#reached()): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#socket.destroy();
    sink?.failed(reason, status, { how, isReused: this.#callCount > 1 });
  }

  /** How far the call has come, for whoever wants to know where it failed. */
  #reached(): Failure['how'] {
    if (this.#scanner !== undefined) return 'cut';
    if (this.#buffer.length > 0) return 'partial';
    return this.#isConnected ? 'empty' : 'connect';
  }

  #read(bytes: Buffer): void {
    this.#settings.counts.downstream.received += bytes.length;
    if (this.#sink === undefined) {
      // Bytes that nobody asked for: this connection cannot be trusted any more.
      this.#socket.destroy();
      return;
    }
    try {
      if (this.#scanner === undefined) this.#readHead(bytes);
      else this.#readBody(this.#scanner, bytes);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.fail(`malformed answer: ${error.message}`, 502, this.#scanner === undefined ? 'malformed' : 'cut');
    }
  }

  #readHead(bytes: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    for (;;) {
      const end = this.#buffer.indexOf(HEAD_END);
      if (end < 0) {
        if (this.#buffer.length > MAX_HEAD_BYTES) throw new FramingError(502, 'head is too long');
        return;
      }
      const head = parseHead(this.#buffer.subarray(0, end));
      const rest = this.#buffer.subarray(end + HEAD_END.length);
      const status = statusOf(head);
      // 100 and 103 are for those who wait for them; the answer itself follows.
      if (status >= 200) {
        this.#buffer = EMPTY;
        this.#startAnswer(head, status, rest);
        return;
      }
      if (status === 101) throw new FramingError(502, 'a change of protocol that nobody asked for');
      this.#interimCount += 1;
      if (this.#interimCount > MAX_INTERIM) throw new FramingError(502, 'too many interim answers');
      this.#buffer = rest;
    }
  }

  #startAnswer(head: Head, status: number, rest: Buffer): void {
    const scanner = new BodyScanner(answerFraming(head, status, this.#method), KEEP_PAYLOAD_BYTES);
    this.#scanner = scanner;
    this.#keepsAlive =
      !scanner.lastsUntilClose && head.start.startsWith('HTTP/1.1') && !hasToken(head, 'connection', 'close');
    const used = scanner.scan(rest);
    const body = used === rest.length ? rest : rest.subarray(0, used);
    const sink = this.#sink;
    if (scanner.isDone) this.#release(used < rest.length);
    if (sink?.start({ head, status, scanner }, body, scanner.isDone) === false) this.#pause(sink);
  }

  #readBody(scanner: BodyScanner, bytes: Buffer): void {
    const used = scanner.scan(bytes);
    const body = used === bytes.length ? bytes : bytes.subarray(0, used);
    const sink = this.#sink;
    if (scanner.isDone) this.#release(used < bytes.length);
    if (sink?.more(body, scanner.isDone) === false) this.#pause(sink);
  }

  #pause(sink: AnswerSink): void {
    if (this.#sink === sink) this.#socket.pause();
  }

  /** Before the sink hears of the end, so that its next request can use this connection. */
  #release(hasMore: boolean): void {
    this.#sink = undefined;
    this.#scanner = undefined;
    this.#sinceTick = this.#events.tick();
    if (hasMore || !this.#keepsAlive || this.#socket.destroyed) this.#socket.destroy();
    else this.#events.idle();
  }

  #ended(): void {
    const sink = this.#sink;
    if (sink !== undefined && this.#scanner?.lastsUntilClose === true) {
      this.#sink = undefined;
      sink.more(EMPTY, true);
    }
    this.#events.closed();
    this.#socket.destroy();
  }

  #closed(): void {
    this.#events.closed();
    this.fail(this.#error ?? 'the connection ended before the answer did');
  }
}

function statusOf(head: Head): number {
  const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/.exec(head.start)?.[1];
  if (status === undefined) throw new FramingError(502, 'malformed status line');
  return Number(status);
}
