import type { Conversation, Ear, Spoken } from './conversation.ts';
import { FrameReader } from './frames.ts';
import { PostgresReplies, type Expected } from './postgres-replies.ts';
import { MAX_STATEMENT_BYTES, nameStatement } from './sql-names.ts';
import type { MessageRole } from './types.ts';

/** PostgreSQL's own bound. */
const MAX_STARTUP_BYTES = 10_000;
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSSENC_REQUEST = 80_877_104;
const PROTOCOL_3 = 3;
const TLS_HANDSHAKE = 0x16;
const MAX_NAMES = 10_000;
const NO = Buffer.from('N');

/** What a driver asks before its first work on a connection. */
const SETTING_UP = /^(?:SET|SHOW|RESET|DEALLOCATE|DISCARD|SELECT (?:pg_catalog|version|current_))\b/i;

/**
 * Messages are statements: a simple query, or what leads up to an Execute together with it and the Sync or Flush behind it.
 * Statements that are pipelined before one Sync are messages each. A Parse without an Execute is setup.
 */
export class PostgresConversation implements Conversation {
  readonly #ear: Ear;
  readonly #replies: PostgresReplies;
  readonly #frames: FrameReader;
  /** The first packet, until it is whole; undefined behind it. */
  #startup: Buffer | undefined = Buffer.alloc(0);
  #hasRefusedTls = false;
  #unit: Unit | undefined;
  #hasWorked = false;
  /** In a frame that is part of no message. */
  #isPassing = false;
  readonly #statements = new Map<string, string>();
  readonly #portals = new Map<string, string>();

  constructor(ear: Ear) {
    this.#ear = ear;
    this.#replies = new PostgresReplies(ear);
    this.#frames = new FrameReader({
      headerBytes: 5,
      lengthOf: (header) => {
        const length = header.readInt32BE(1) - 4;
        return length >= 0 ? length : Number.NaN;
      },
      begin: (header, start) => this.#begin(typeOf(header), start),
      end: (header, payload, start, end) => this.#end(typeOf(header), payload, start, end),
      lost: () => this.#leaveAlone("a frame that is not PostgreSQL's"),
    });
  }

  get openStart(): number {
    return this.#unit?.start ?? (this.#isPassing ? this.#frames.received : this.#frames.frameStart);
  }

  client(bytes: Buffer): Buffer {
    if (this.#startup === undefined) {
      this.#frames.take(bytes);
      return bytes;
    }
    this.#startup = this.#startup.length === 0 ? bytes : Buffer.concat([this.#startup, bytes]);
    return this.#readStartup();
  }

  store(bytes: Buffer): Buffer {
    this.#replies.take(bytes);
    return bytes;
  }

  clientEnded(): Buffer {
    const kept = this.#startup ?? NOTHING;
    if (this.#startup !== undefined && this.#hasRefusedTls)
      this.#ear.refuse({
        code: 'client-insists-on-tls',
        message:
          'the client wants TLS to its PostgreSQL and went away: allow it plain connections to the door (sslmode=disable)',
      });
    this.#startup = undefined;
    return kept;
  }

  /** Reads the packets that have no type; those that ask for encryption are answered here. */
  #readStartup(): Buffer {
    const packet = this.#startup ?? NO;
    if (packet[0] === TLS_HANDSHAKE) {
      this.#ear.refuse({
        code: 'client-insists-on-tls',
        message:
          'the client speaks TLS to its PostgreSQL unasked: allow it plain connections to the door (sslmode=disable)',
      });
      return this.#passStartup('TLS');
    }
    if (packet.length < 8) return NOTHING;
    const length = packet.readInt32BE(0);
    if (length < 8 || length > MAX_STARTUP_BYTES) {
      this.#ear.refuse({
        code: 'other-protocol',
        message: 'what came to this door is not a PostgreSQL client',
      });
      return this.#passStartup("a first packet that is not PostgreSQL's");
    }
    const code = packet.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSSENC_REQUEST) {
      this.#hasRefusedTls ||= code === SSL_REQUEST;
      this.#ear.answer(NO);
      this.#startup = packet.subarray(8);
      return this.#startup.length === 0 ? NOTHING : this.#readStartup();
    }
    if (packet.length < length) return NOTHING;
    if (code === CANCEL_REQUEST) return this.#passStartup('a cancel request');
    if (code >>> 16 !== PROTOCOL_3) return this.#passStartup('another version of the protocol');
    const spoken = { start: 0, end: length, name: 'startup', role: 'setup', hasReply: true } as const;
    this.#startup = undefined;
    this.#replies.expect({ kind: 'ready', spoken });
    this.#frames.startAt(length);
    this.#ear.message(spoken);
    this.#frames.take(packet.subarray(length));
    return packet;
  }

  #passStartup(reason: string): Buffer {
    const packet = this.#startup ?? NOTHING;
    this.#startup = undefined;
    this.#leaveAlone(reason);
    this.#frames.take(packet);
    return packet;
  }

  #begin(type: string, start: number): number {
    this.#isPassing = false;
    switch (type) {
      case 'P':
      case 'B':
      case 'D':
      case 'C':
      case 'E':
        if (this.#unit?.execute !== undefined) this.#close(start);
        this.#unit ??= { start, name: '', isPrepared: false, execute: undefined };
        return MAX_STATEMENT_BYTES;
      case 'S':
      case 'H':
        return 0;
      case 'Q':
      case 'F':
        this.#close(start);
        return MAX_STATEMENT_BYTES;
      default:
        // Passwords, COPY's data and a goodbye are no messages, and need not be whole to pass.
        if (type === 'X') this.#close(start);
        this.#isPassing = this.#unit === undefined;
        return 0;
    }
  }

  #end(type: string, payload: Buffer, start: number, end: number): void {
    this.#isPassing = false;
    const unit = this.#unit;
    switch (type) {
      case 'Q':
        this.#query(nameStatement(textAt(payload, 0), 'postgres'), start, end);
        break;
      case 'F':
        this.#query('function call', start, end);
        break;
      case 'P':
        if (unit !== undefined) this.#parse(unit, payload);
        break;
      case 'B':
        if (unit !== undefined) this.#bind(unit, payload);
        break;
      case 'D':
        if (unit !== undefined && unit.name === '') unit.name = this.#described(payload);
        break;
      case 'C':
        if (payload[0] === 0x53) this.#statements.delete(textAt(payload, 1));
        if (unit !== undefined && unit.name === '') unit.name = 'CLOSE';
        break;
      case 'E':
        if (unit !== undefined) {
          unit.name = this.#portals.get(textAt(payload, 0)) ?? unit.name;
          unit.execute = { kind: 'execute', spoken: undefined };
          this.#replies.expect(unit.execute);
        }
        break;
      case 'S':
      case 'H':
        this.#close(end, type);
        break;
      default:
    }
  }

  #query(name: string, start: number, end: number): void {
    const spoken = { start, end, name, role: this.#roleOf(name), hasReply: true };
    this.#replies.expect({ kind: 'ready', spoken });
    this.#ear.message(spoken);
  }

  #parse(unit: Unit, payload: Buffer): void {
    const statement = textAt(payload, 0);
    const name = nameStatement(textAt(payload, payload.indexOf(0) + 1), 'postgres');
    remember(this.#statements, statement, name);
    unit.name = name;
    unit.isPrepared = true;
  }

  #bind(unit: Unit, payload: Buffer): void {
    const portal = textAt(payload, 0);
    const statement = textAt(payload, payload.indexOf(0) + 1);
    const name = this.#statements.get(statement) ?? '(unknown statement)';
    remember(this.#portals, portal, name);
    unit.name = name;
  }

  #described(payload: Buffer): string {
    const known = payload[0] === 0x53 ? this.#statements : this.#portals;
    return known.get(textAt(payload, 1)) ?? '';
  }

  /** Ends the unit before `end`; by its Sync, by a Flush, or because another one begins. */
  #close(end: number, by?: 'S' | 'H'): void {
    const unit = this.#unit;
    this.#unit = undefined;
    const hasReply = unit?.execute !== undefined || by === 'S';
    const spoken: Spoken | undefined =
      unit === undefined ? undefined : { ...this.#nameUnit(unit), start: unit.start, end, hasReply };
    if (by === 'S') this.#replies.expect({ kind: 'ready', spoken });
    else if (unit?.execute !== undefined) unit.execute.spoken = spoken;
    if (spoken === undefined) return;
    this.#ear.message(spoken);
    if (by !== 'S' && unit?.execute !== undefined) this.#replies.recheck(unit.execute);
  }

  #nameUnit({ name, isPrepared, execute }: Unit): { name: string; role: MessageRole } {
    if (execute !== undefined) return { name, role: this.#roleOf(name) };
    const what = isPrepared ? 'PREPARE' : 'DESCRIBE';
    return { name: name === 'CLOSE' || name === '' ? 'CLOSE' : `${what}: ${name}`, role: 'setup' };
  }

  #roleOf(name: string): MessageRole {
    if (!this.#hasWorked && SETTING_UP.test(name)) return 'setup';
    this.#hasWorked = true;
    return 'work';
  }

  #leaveAlone(reason: string): void {
    this.#frames.stop();
    this.#replies.stop();
    this.#ear.leaveAlone(reason);
  }
}

interface Unit {
  readonly start: number;
  name: string;
  isPrepared: boolean;
  execute: Expected | undefined;
}

const NOTHING = Buffer.alloc(0);

function typeOf(header: Buffer): string {
  return String.fromCharCode(header[0] ?? 0);
}

/** The text up to the next zero byte, or as far as it was kept. */
function textAt(payload: Buffer, start: number): string {
  const end = payload.indexOf(0, start);
  return payload.toString('utf8', start, end < 0 ? payload.length : end);
}

function remember(names: Map<string, string>, key: string, name: string): void {
  names.delete(key);
  names.set(key, name);
  if (names.size > MAX_NAMES) for (const oldest of names.keys()) return void names.delete(oldest);
}
