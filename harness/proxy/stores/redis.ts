import type { Conversation, Ear, Spoken } from './conversation.ts';
import { captureBytesOf, nameCommand, roleOfCommand } from './redis-names.ts';
import { RedisReplies } from './redis-replies.ts';

const LF = 10;
const STAR = 42;
const DOLLAR = 36;
const TLS_HANDSHAKE = 0x16;
/** Redis's own bounds: an inline command, and arguments of one command. */
const MAX_LINE_BYTES = 64 * 1024;
const MAX_NAMED_ARGUMENTS = 16;

/** Commands behind which the connection is no dialogue any more. */
const MONOLOGUES: ReadonlySet<string> = new Set([
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
  'MONITOR',
  'SYNC',
  'PSYNC',
  'CLIENT REPLY',
]);

/** RESP2 and RESP3, pipelined or not: each command is a message, also between MULTI and EXEC. */
export class RedisConversation implements Conversation {
  readonly #ear: Ear;
  readonly #replies: RedisReplies;
  #isRaw = false;
  #received = 0;
  openStart = 0;
  /** The part of a line that came without its end. */
  #line = '';
  #argumentsLeft = 0;
  #argumentCount = 0;
  /** Bytes of the argument, and of its CRLF, that have not come. */
  #bulkLeft = 0;
  #captureLeft = 0;
  #argument = '';
  #arguments: string[] = [];

  constructor(ear: Ear) {
    this.#ear = ear;
    this.#replies = new RedisReplies(ear);
  }

  store(bytes: Buffer): Buffer {
    this.#replies.take(bytes);
    return bytes;
  }

  client(bytes: Buffer): Buffer {
    const base = this.#received;
    this.#received += bytes.length;
    let at = 0;
    while (at < bytes.length && !this.#isRaw) {
      at = this.#bulkLeft > 0 ? this.#takeBulk(bytes, at) : this.#takeLine(bytes, at);
      if (this.#bulkLeft === 0 && this.#argumentsLeft === 0 && this.#line === '') {
        this.#finishCommand(base + at);
        this.openStart = base + at;
      }
    }
    if (this.#isRaw) this.openStart = this.#received;
    return bytes;
  }

  #takeBulk(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#bulkLeft);
    if (this.#captureLeft > 0) {
      const captured = bytes.toString('latin1', at, Math.min(end, at + this.#captureLeft));
      this.#captureLeft -= captured.length;
      this.#argument += captured;
    }
    this.#bulkLeft -= end - at;
    if (this.#bulkLeft === 0) this.#finishArgument();
    return end;
  }

  #takeLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(LF, at);
    if (end < 0) {
      const isTls = this.#received - bytes.length + at === 0 && bytes[at] === TLS_HANDSHAKE;
      this.#line += bytes.toString('latin1', at);
      if (isTls) this.#refuseTls();
      else if (this.#line.length > MAX_LINE_BYTES) this.#leaveAlone('a line without an end');
      return bytes.length;
    }
    if (this.#line === '' && this.#argumentsLeft > 0 && bytes[at] === DOLLAR) {
      this.#beginArgument(digits(bytes, at + 1, end));
    } else if (this.#line === '' && this.#argumentsLeft === 0 && bytes[at] === STAR) {
      this.#beginCommand(digits(bytes, at + 1, end));
    } else {
      const line = this.#line + bytes.toString('latin1', at, end);
      this.#line = '';
      this.#readLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    return end + 1;
  }

  #readLine(line: string): void {
    if (this.#argumentsLeft > 0) {
      if (line.startsWith('$')) this.#beginArgument(Number(line.slice(1)));
      else this.#leaveAlone('a command that is not RESP');
    } else if (line.startsWith('*')) {
      this.#beginCommand(Number(line.slice(1)));
    } else if (line.charCodeAt(0) === TLS_HANDSHAKE) {
      this.#refuseTls();
    } else {
      // Inline, as a person types it.
      const words = line.split(/[ \t]+/).filter((word) => word !== '');
      this.#arguments = words.slice(0, MAX_NAMED_ARGUMENTS);
      this.#argumentCount = words.length;
    }
  }

  #beginCommand(count: number): void {
    if (!Number.isInteger(count)) {
      this.#leaveAlone('a command that is not RESP');
      return;
    }
    this.#argumentsLeft = Math.max(0, count);
    this.#argumentCount = 0;
    this.#arguments = [];
  }

  #beginArgument(length: number): void {
    if (!Number.isInteger(length) || length < 0) {
      this.#leaveAlone('a command that is not RESP');
      return;
    }
    this.#bulkLeft = length + 2;
    this.#argument = '';
    this.#captureLeft = Math.min(length, captureBytesOf(this.#arguments[0], this.#argumentCount));
  }

  #finishArgument(): void {
    if (this.#argumentCount < MAX_NAMED_ARGUMENTS) this.#arguments.push(this.#argument);
    this.#argumentCount++;
    this.#argumentsLeft--;
  }

  #finishCommand(end: number): void {
    if (this.#argumentCount === 0) return;
    const name = nameCommand(this.#arguments, this.#argumentCount);
    const [word = '', second = ''] = this.#arguments;
    this.#argumentCount = 0;
    this.#arguments = [];
    const isMonologue =
      MONOLOGUES.has(word.toUpperCase()) || MONOLOGUES.has(`${word} ${second}`.toUpperCase());
    const spoken: Spoken = {
      start: this.openStart,
      end,
      name,
      role: isMonologue ? 'setup' : roleOfCommand(word, second),
      hasReply: !isMonologue,
    };
    if (!isMonologue) this.#replies.expect(spoken);
    this.#ear.message(spoken);
    if (!isMonologue) return;
    this.#replies.expectNoMore();
    this.#leaveAlone(name);
  }

  #refuseTls(): void {
    this.#ear.refuse({
      code: 'client-insists-on-tls',
      message: 'the client speaks TLS to its Redis: point it at the door with redis://, not rediss://',
    });
    this.#leaveAlone('TLS');
  }

  #leaveAlone(reason: string): void {
    this.#isRaw = true;
    this.#replies.expectNoMore();
    this.#ear.leaveAlone(reason);
  }
}

/** The number that the digits up to a CRLF or LF make; NaN for anything else. */
function digits(bytes: Buffer, start: number, end: number): number {
  const stop = bytes[end - 1] === 13 ? end - 1 : end;
  if (stop <= start) return Number.NaN;
  let value = 0;
  for (let at = start; at < stop; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return Number(bytes.toString('latin1', start, stop));
    value = value * 10 + digit;
  }
  return value;
}
