import type { Ear, Spoken } from './conversation.ts';
import { FrameReader } from './frames.ts';
import type { Agreed } from './mysql-handshake.ts';

/** How an answer ends: with one packet, with its last result set, with its rows, with a statement's description, or as a login. */
export type ReplyKind = 'single' | 'result' | 'rows' | 'prepare' | 'login';

interface Expected {
  readonly kind: ReplyKind;
  readonly spoken: Spoken;
}

/** `description`: so many packets that describe a prepared statement. */
type Phase = 'first' | 'columns' | 'columns-end' | 'rows' | 'description';

const OK = 0x00;
const INFILE = 0xfb;
const EOF = 0xfe;
const ERR = 0xff;
const MORE_RESULTS = 0x0008;
const CURSOR_EXISTS = 0x0040;
/** MariaDB's error number for "so far it got": the answer is still to come. */
const PROGRESS = 0xff_ff;
const MAX_EOF_BYTES = 9;
const LONGEST_PACKET_BYTES = 0xff_ff_ff;
const CAPTURE_BYTES = 512;

const NO_EXTRAS: Agreed = {
  deprecatesEof: false,
  hasOptionalMetadata: false,
  hasCachedMetadata: false,
  hasQueryAttributes: false,
};

/** Finds where the answer to each command ends. */
export class MysqlReplies {
  readonly #ear: Ear;
  readonly #onPrepared: (spoken: Spoken, id: number) => void;
  readonly #frames: FrameReader;
  readonly #expected: Expected[] = [];
  #agreed = NO_EXTRAS;
  #phase: Phase = 'first';
  #packetsLeft = 0;
  #firstLength = 0;
  #first: Buffer | undefined;
  #isReadingFile = false;

  constructor(ear: Ear, onPrepared: (spoken: Spoken, id: number) => void) {
    this.#ear = ear;
    this.#onPrepared = onPrepared;
    this.#frames = new FrameReader({
      headerBytes: 4,
      lengthOf: (header) => header.readUIntLE(0, 3),
      begin: () => (this.#first === undefined ? CAPTURE_BYTES : 0),
      end: (header, payload, _start, end) => this.#end(header.readUIntLE(0, 3), payload, end),
      lost: () => {},
    });
  }

  /** The server waits for a file of the client's. */
  get isReadingFile(): boolean {
    return this.#isReadingFile;
  }

  agreed(agreed: Agreed): void {
    this.#agreed = agreed;
  }

  expect(kind: ReplyKind, spoken: Spoken): void {
    this.#expected.push({ kind, spoken });
    if (this.#expected.length === 1) this.#begin();
  }

  fileSent(): void {
    this.#isReadingFile = false;
  }

  startAt(offset: number): void {
    this.#frames.startAt(offset);
  }

  stop(): void {
    this.#frames.stop();
  }

  take(bytes: Buffer): void {
    this.#frames.take(bytes);
  }

  #begin(): void {
    this.#phase = this.#expected[0]?.kind === 'rows' ? 'rows' : 'first';
  }

  #end(length: number, payload: Buffer, end: number): void {
    if (this.#first === undefined) {
      this.#first = payload;
      this.#firstLength = length;
    }
    // A packet of the greatest length goes on in the next one.
    if (length === LONGEST_PACKET_BYTES) return;
    const first = this.#first;
    this.#first = undefined;
    const expected = this.#expected[0];
    if (expected === undefined || !this.#isLast(expected, first, this.#firstLength)) return;
    this.#expected.shift();
    this.#begin();
    this.#ear.reply(expected.spoken, end);
  }

  #isLast({ kind, spoken }: Expected, packet: Buffer, length: number): boolean {
    if (packet[0] === ERR && length >= 3 && this.#phase !== 'columns' && this.#phase !== 'description') {
      if (packet.readUInt16LE(1) === PROGRESS) return false;
      if (kind === 'login') this.#readRefusal(packet);
      return true;
    }
    switch (this.#phase) {
      case 'first':
        return this.#isLastAtFirst(kind, spoken, packet);
      case 'columns':
        if (--this.#packetsLeft === 0) this.#phase = this.#agreed.deprecatesEof ? 'rows' : 'columns-end';
        return false;
      case 'columns-end':
        this.#phase = 'rows';
        return (statusOfEof(packet) & CURSOR_EXISTS) !== 0;
      case 'rows':
        return packet[0] === EOF && this.#isLastAtEof(packet, length);
      default:
        return --this.#packetsLeft === 0;
    }
  }

  #isLastAtFirst(kind: ReplyKind, spoken: Spoken, packet: Buffer): boolean {
    if (kind === 'single') return true;
    if (kind === 'login') return packet[0] === OK;
    if (kind === 'prepare') return this.#isLastAtPrepared(spoken, packet);
    if (packet[0] === OK && !this.#isCountBehindByte(packet)) return this.#hasNoMore(statusOfOk(packet));
    if (packet[0] === INFILE) {
      this.#isReadingFile = true;
      return false;
    }
    this.#beginColumns(packet);
    return false;
  }

  /** With optional metadata a result set may begin with the byte 0, as an OK does, which is longer. */
  #isCountBehindByte(packet: Buffer): boolean {
    if (!this.#agreed.hasOptionalMetadata) return false;
    return packet.length === 1 + lengthOfInteger(packet, 1);
  }

  #beginColumns(packet: Buffer): void {
    const { hasOptionalMetadata, hasCachedMetadata, deprecatesEof } = this.#agreed;
    const at = hasOptionalMetadata ? 1 : 0;
    const behind = at + lengthOfInteger(packet, at);
    const count = integerAt(packet, at);
    const isDescribed = hasOptionalMetadata ? packet[0] === 1 : !(hasCachedMetadata && packet[behind] === 0);
    this.#packetsLeft = isDescribed ? count : 0;
    if (this.#packetsLeft > 0) this.#phase = 'columns';
    else this.#phase = deprecatesEof ? 'rows' : 'columns-end';
  }

  #isLastAtPrepared(spoken: Spoken, packet: Buffer): boolean {
    if (packet.length < 9) return true;
    this.#onPrepared(spoken, packet.readUInt32LE(1));
    const isDescribed = !this.#agreed.hasOptionalMetadata || packet[12] !== 0;
    const endCount = this.#agreed.deprecatesEof ? 0 : 1;
    const packetsOf = (count: number): number => (count === 0 || !isDescribed ? 0 : count + endCount);
    this.#packetsLeft = packetsOf(packet.readUInt16LE(5)) + packetsOf(packet.readUInt16LE(7));
    this.#phase = 'description';
    return this.#packetsLeft === 0;
  }

  #isLastAtEof(packet: Buffer, length: number): boolean {
    if (this.#agreed.deprecatesEof)
      return length < LONGEST_PACKET_BYTES && this.#hasNoMore(statusOfOk(packet));
    return length < MAX_EOF_BYTES && this.#hasNoMore(statusOfEof(packet));
  }

  #hasNoMore(status: number): boolean {
    this.#phase = 'first';
    return (status & MORE_RESULTS) === 0;
  }

  #readRefusal(packet: Buffer): void {
    if (!/insecure transport/i.test(packet.toString('latin1'))) return;
    this.#ear.refuse({
      code: 'store-insists-on-tls',
      message:
        'this MySQL takes encrypted connections only (require_secure_transport); a door reads plain ones',
    });
  }
}

/** Behind the first byte and the number of warnings. */
function statusOfEof(packet: Buffer): number {
  return packet.length >= 5 ? packet.readUInt16LE(3) : 0;
}

/** Behind the first byte, the rows affected and the last id. */
function statusOfOk(packet: Buffer): number {
  const affected = 1 + lengthOfInteger(packet, 1);
  const at = affected + lengthOfInteger(packet, affected);
  return packet.length >= at + 2 ? packet.readUInt16LE(at) : 0;
}

function lengthOfInteger(packet: Buffer, at: number): number {
  const first = packet[at] ?? 0;
  return first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
}

function integerAt(packet: Buffer, at: number): number {
  const length = lengthOfInteger(packet, at);
  if (length === 1) return packet[at] ?? 0;
  return packet.length >= at + 4 ? packet.readUIntLE(at + 1, Math.min(3, length - 1)) : 0;
}
