import type { Socket } from 'node:net';
import { BodyScanner } from './body-scanner.ts';
import {
  FramingError,
  HEAD_END,
  hasToken,
  MAX_HEAD_BYTES,
  parseHead,
  requestFraming,
  valueOf,
  type Head,
} from './head.ts';
import { ownAnswer } from './answers.ts';

/** Larger requests get a 413; they are held whole before they go on. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** What a pipelining client may send ahead before it is no longer read. */
const MAX_AHEAD_BYTES = 1024 * 1024;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const EMPTY = Buffer.alloc(0);

export interface ReadRequest {
  readonly head: Head;
  readonly body: readonly Buffer[];
  readonly keepsAlive: boolean;
  readonly isHttp10: boolean;
}

export interface ClientEvents {
  /** A whole request is here; the next one is given after `answered`. */
  request(request: ReadRequest): void;
  /** The client has closed its side, or the whole connection. Once. */
  left(): void;
  closed(): void;
  /** Bytes read and written. */
  received(bytes: number): void;
  sent(bytes: number): void;
}

interface Partial {
  readonly head: Head;
  readonly scanner: BodyScanner;
  readonly body: Buffer[];
  size: number;
}

/** A client's connection: reads one request after the other, and answers them in that order. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #events: ClientEvents;
  #buffer: Buffer = EMPTY;
  #partial: Partial | undefined;
  #isBusy = false;
  #hasLeft = false;
  #keepsAlive = true;
  #whenDrained: (() => void) | undefined;

  constructor(socket: Socket, events: ClientEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    // A closed sending side counts as gone, as it does for nginx; an answer is still tried.
    socket.on('end', () => this.#left());
    socket.on('error', () => {});
    socket.on('drain', () => this.#drained());
    socket.on('close', () => {
      this.#left();
      // Whoever waits for room must not wait for ever.
      this.#drained();
      events.closed();
    });
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** False: there is no room, wait for `onDrain`. */
  write(bytes: Buffer): boolean {
    if (!this.#socket.writable) return true;
    this.#events.sent(bytes.length);
    return this.#socket.write(bytes);
  }

  /** Called once, when there is room again or the connection is gone. */
  onDrain(listener: () => void): void {
    this.#whenDrained = listener;
  }

  /** The answer is written: the next request may come, or the connection ends. */
  answered(keepsAlive: boolean): void {
    this.#isBusy = false;
    this.#keepsAlive = keepsAlive;
    if (keepsAlive && !this.#socket.destroyed) {
      if (this.#socket.isPaused()) this.#socket.resume();
      // What a pipelining client sent ahead is served even if it has closed its side since.
      if (this.#buffer.length > 0) this.#advance();
      if (this.#isBusy || !this.#hasLeft) return;
    }
    this.#socket.destroySoon();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes after what is written has gone out. */
  destroySoon(): void {
    this.#socket.destroySoon();
  }

  #drained(): void {
    const tell = this.#whenDrained;
    this.#whenDrained = undefined;
    tell?.();
  }

  #left(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#events.left();
    if (!this.#isBusy) this.#socket.destroySoon();
  }

  #read(bytes: Buffer): void {
    this.#events.received(bytes.length);
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    if (!this.#isBusy) this.#advance();
    else if (this.#buffer.length > MAX_AHEAD_BYTES) this.#socket.pause();
  }

  #advance(): void {
    if (!this.#keepsAlive) return;
    try {
      this.#partial ??= this.#readHead();
      if (this.#partial !== undefined) this.#readBody(this.#partial);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#refuse(error);
    }
  }

  #readHead(): Partial | undefined {
    // Empty lines before a request are passed over (RFC 9112, section 2.2).
    while (this.#buffer[0] === 13 && this.#buffer[1] === 10) this.#buffer = this.#buffer.subarray(2);
    const end = this.#buffer.indexOf(HEAD_END);
    if (end < 0) {
      if (this.#buffer.length > MAX_HEAD_BYTES) throw new FramingError(431, 'head is too long');
      return undefined;
    }
    const head = parseHead(this.#buffer.subarray(0, end));
    if (!/^[!-~]+ [!-~]+ HTTP\/1\.[01]$/.test(head.start))
      throw new FramingError(400, 'malformed request line');
    if (head.start.startsWith('CONNECT ')) throw new FramingError(501, 'CONNECT is not for this hop');
    const scanner = new BodyScanner(requestFraming(head));
    this.#buffer = this.#buffer.subarray(end + HEAD_END.length);
    const isAsking = valueOf(head, 'expect')?.toLowerCase() === '100-continue';
    if (isAsking && !scanner.isDone && this.#buffer.length === 0) this.#socket.write(CONTINUE);
    return { head, scanner, body: [], size: 0 };
  }

  #readBody(partial: Partial): void {
    const used = partial.scanner.scan(this.#buffer);
    if (used > 0) partial.body.push(this.#buffer.subarray(0, used));
    partial.size += used;
    this.#buffer = used === this.#buffer.length ? EMPTY : this.#buffer.subarray(used);
    if (partial.size > MAX_BODY_BYTES)
      throw new FramingError(413, `body is larger than ${MAX_BODY_BYTES} bytes`);
    if (!partial.scanner.isDone) return;
    this.#partial = undefined;
    this.#isBusy = true;
    const { head, body } = partial;
    const isHttp10 = head.start.endsWith('1.0');
    this.#events.request({
      head,
      body,
      isHttp10,
      keepsAlive: !isHttp10 && !hasToken(head, 'connection', 'close'),
    });
  }

  #refuse({ status, message }: FramingError): void {
    this.#keepsAlive = false;
    this.#partial = undefined;
    this.#buffer = EMPTY;
    this.write(ownAnswer({ status, detail: message, close: true }));
    this.#socket.destroySoon();
  }
}
