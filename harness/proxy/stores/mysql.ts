import type { Conversation, Ear, Spoken } from './conversation.ts';
import { FrameReader } from './frames.ts';
import { agree, OFFER, type Agreed } from './mysql-handshake.ts';
import { MysqlReplies, type ReplyKind } from './mysql-replies.ts';
import { MAX_STATEMENT_BYTES, nameStatement } from './sql-names.ts';
import type { MessageRole } from './types.ts';

const HEADER_BYTES = 4;
/** A packet this long goes on in the next one. */
const LONGEST_PACKET_BYTES = 0xff_ff_ff;
const MAX_HANDSHAKE_BYTES = 1024 * 1024;
const LAST_PREPARED = 0xff_ff_ff_ff;

/** What a driver asks before its first work on a connection. */
const SETTING_UP =
  /^(?:SET |SHOW |USE |SELECT (?:@@|DATABASE\(|VERSION\(|USER\(|CURRENT_USER|CONNECTION_ID\())/i;

/** Commands that are one message each, by their first byte; what is not here is left alone. */
const COMMANDS: Readonly<
  Record<number, { readonly name: string; readonly role: MessageRole; readonly reply?: ReplyKind }>
> = {
  0x02: { name: 'USE ?', role: 'setup', reply: 'single' },
  0x04: { name: 'FIELD LIST', role: 'setup', reply: 'rows' },
  0x05: { name: 'CREATE DATABASE ?', role: 'work', reply: 'single' },
  0x06: { name: 'DROP DATABASE ?', role: 'work', reply: 'single' },
  0x07: { name: 'REFRESH', role: 'setup', reply: 'single' },
  0x08: { name: 'SHUTDOWN', role: 'setup', reply: 'single' },
  0x09: { name: 'STATISTICS', role: 'idle', reply: 'single' },
  0x0a: { name: 'PROCESS INFO', role: 'setup', reply: 'result' },
  0x0c: { name: 'KILL ?', role: 'work', reply: 'single' },
  0x0d: { name: 'DEBUG', role: 'setup', reply: 'single' },
  0x0e: { name: 'PING', role: 'idle', reply: 'single' },
  0x11: { name: 'CHANGE USER', role: 'setup', reply: 'login' },
  0x18: { name: 'LONG DATA', role: 'setup' },
  0x19: { name: 'CLOSE', role: 'setup' },
  0x1a: { name: 'RESET STATEMENT', role: 'setup', reply: 'single' },
  0x1b: { name: 'SET OPTION', role: 'setup', reply: 'single' },
  0x1f: { name: 'RESET CONNECTION', role: 'setup', reply: 'single' },
};
const COM_QUIT = 0x01;
const COM_QUERY = 0x03;
const COM_PREPARE = 0x16;
const COM_EXECUTE = 0x17;
const COM_CLOSE = 0x19;
const COM_FETCH = 0x1c;
const COM_BULK_EXECUTE = 0xfa;

/** The classic protocol of MySQL and MariaDB: each command is a message, a statement that is only prepared is setup. */
export class MysqlConversation implements Conversation {
  readonly #ear: Ear;
  readonly #frames: FrameReader;
  readonly #replies: MysqlReplies;
  readonly #names = new Map<number, string>();
  #lastPrepared = '(unknown statement)';
  /** The server's first packet and the client's, until they are whole; undefined behind them. */
  #greeting: Buffer | undefined = NOTHING;
  #response: Buffer | undefined = NOTHING;
  #offered = 0;
  #agreed: Agreed | undefined;
  #isRaw = false;
  #hasWorked = false;
  /** The command that comes, its first bytes, and whether its last packet goes on in the next one. */
  #commandStart: number | undefined;
  #command: Buffer = NOTHING;
  #goesOn = false;
  #isPassing = false;

  constructor(ear: Ear) {
    this.#ear = ear;
    this.#replies = new MysqlReplies(ear, (spoken, id) => this.#remember(spoken, id));
    this.#frames = new FrameReader({
      headerBytes: HEADER_BYTES,
      lengthOf: (header) => header.readUIntLE(0, 3),
      begin: (header, start) => this.#begin(header, start),
      end: (header, payload, _start, end) => this.#end(header, payload, end),
      lost: () => {},
    });
  }

  get openStart(): number {
    return this.#commandStart ?? (this.#isPassing ? this.#frames.received : this.#frames.frameStart);
  }

  client(bytes: Buffer): Buffer {
    if (this.#response === undefined || this.#isRaw) {
      this.#frames.take(bytes);
      return bytes;
    }
    const packet = joined(this.#response, bytes);
    const length = lengthOf(packet);
    // In this protocol the server speaks first.
    if (this.#greeting !== undefined || (length ?? 0) > MAX_HANDSHAKE_BYTES) {
      this.#refuseOther('a client that does not speak the classic protocol of MySQL came to this door');
      this.#response = undefined;
      return packet;
    }
    this.#response = packet;
    if (length === undefined || packet.length < length) return NOTHING;
    this.#response = undefined;
    this.#readResponse(packet.subarray(HEADER_BYTES, length));
    if (this.#isRaw) return packet;
    const spoken: Spoken = { start: 0, end: length, name: 'login', role: 'setup', hasReply: true };
    this.#frames.startAt(length);
    this.#replies.expect('login', spoken);
    this.#ear.message(spoken);
    this.#frames.take(packet.subarray(length));
    return packet;
  }

  store(bytes: Buffer): Buffer {
    if (this.#greeting === undefined) {
      this.#replies.take(bytes);
      return bytes;
    }
    const packet = joined(this.#greeting, bytes);
    const length = lengthOf(packet);
    const isOther = (length ?? 0) > MAX_HANDSHAKE_BYTES || !OFFER.isGreeting(packet[HEADER_BYTES]);
    if (isOther && !this.#isRaw)
      this.#refuseOther('what answers at this address does not speak the classic protocol of MySQL');
    if (this.#isRaw) {
      this.#greeting = undefined;
      return packet;
    }
    this.#greeting = packet;
    if (length === undefined || packet.length < length) return NOTHING;
    this.#greeting = undefined;
    this.#readGreeting(packet.subarray(HEADER_BYTES, length));
    this.#replies.startAt(length);
    this.#replies.take(packet.subarray(length));
    return packet;
  }

  clientEnded(): Buffer {
    const kept = this.#response ?? NOTHING;
    this.#response = undefined;
    return kept;
  }

  storeEnded(): Buffer {
    const kept = this.#greeting ?? NOTHING;
    this.#greeting = undefined;
    return kept;
  }

  /** Takes TLS and compression out of what the server offers, in place. */
  #readGreeting(payload: Buffer): void {
    const at = OFFER.positionIn(payload);
    // An error instead of a greeting has none: too many connections, a host that is blocked.
    if (at !== undefined) this.#offered = OFFER.clear(payload, at);
  }

  #readResponse(payload: Buffer): void {
    const agreed = agree(payload, this.#offered);
    if (agreed === 'tls') {
      this.#ear.refuse({
        code: 'client-insists-on-tls',
        message:
          'the client wants TLS to its MySQL: allow it plain connections to the door (ssl-mode=DISABLED)',
      });
      this.#leaveAlone('TLS');
    } else if (agreed === 'old') this.#leaveAlone('the protocol before MySQL 4.1');
    else {
      this.#agreed = agreed;
      this.#replies.agreed(agreed);
    }
  }

  #begin(header: Buffer, start: number): number {
    const goesOn = this.#goesOn;
    const length = header.readUIntLE(0, 3);
    this.#goesOn = length === LONGEST_PACKET_BYTES;
    this.#isPassing = false;
    if (goesOn && this.#commandStart !== undefined) return 0;
    // A file for LOAD DATA LOCAL, and passwords, are no messages, and need not be whole to pass.
    if (this.#replies.isReadingFile || header[3] !== 0 || goesOn) {
      this.#isPassing = true;
      return 0;
    }
    this.#commandStart = start;
    this.#command = NOTHING;
    return MAX_STATEMENT_BYTES;
  }

  #end(header: Buffer, payload: Buffer, end: number): void {
    if (this.#isPassing) {
      this.#isPassing = false;
      if (this.#replies.isReadingFile && header.readUIntLE(0, 3) === 0) this.#replies.fileSent();
      return;
    }
    const start = this.#commandStart;
    if (start === undefined) return;
    if (this.#command.length === 0) this.#command = payload;
    if (this.#goesOn) return;
    this.#commandStart = undefined;
    this.#speak(this.#command, start, end);
  }

  #speak(command: Buffer, start: number, end: number): void {
    const code = command[0] ?? 0;
    if (code === COM_QUIT) return;
    const [name, role, reply] = this.#read(command, code);
    const hasReply = reply !== undefined && reply !== 'unknown';
    const spoken: Spoken = { start, end, name, role, hasReply };
    if (code === COM_PREPARE) this.#lastPrepared = name.replace(/^PREPARE: /, '');
    if (code === COM_CLOSE && command.length >= 5) this.#names.delete(command.readUInt32LE(1));
    if (hasReply) this.#replies.expect(reply, spoken);
    this.#ear.message(spoken);
    if (reply === 'unknown') this.#leaveAlone(name);
  }

  #read(command: Buffer, code: number): [string, MessageRole, ReplyKind | 'unknown' | undefined] {
    if (code === COM_QUERY) {
      const name = this.#queryName(command);
      return [name, this.#roleOf(name), 'result'];
    }
    if (code === COM_PREPARE) {
      const name = nameStatement(command.toString('utf8', 1), 'mysql');
      return [`PREPARE: ${name}`, 'setup', 'prepare'];
    }
    const id = command.length >= 5 ? command.readUInt32LE(1) : 0;
    const prepared =
      id === LAST_PREPARED ? this.#lastPrepared : (this.#names.get(id) ?? '(unknown statement)');
    if (code === COM_EXECUTE || code === COM_BULK_EXECUTE)
      return [prepared, this.#roleOf(prepared), 'result'];
    if (code === COM_FETCH) return [`FETCH: ${prepared}`, this.#roleOf(prepared), 'rows'];
    const known = COMMANDS[code];
    return known === undefined
      ? [`command ${code}`, 'setup', 'unknown']
      : [known.name, known.role, known.reply];
  }

  #queryName(command: Buffer): string {
    if (this.#agreed?.hasQueryAttributes !== true) return nameStatement(command.toString('utf8', 1), 'mysql');
    // Attributes stand before the statement; they are values, of types that need not be known here.
    if (command[1] !== 0) return '(statement with attributes)';
    return nameStatement(command.toString('utf8', 3), 'mysql');
  }

  #roleOf(name: string): MessageRole {
    if (!this.#hasWorked && SETTING_UP.test(name)) return 'setup';
    this.#hasWorked = true;
    return 'work';
  }

  #remember({ name }: Spoken, id: number): void {
    this.#names.set(id, name.replace(/^PREPARE: /, ''));
  }

  #refuseOther(message: string): void {
    this.#ear.refuse({ code: 'other-protocol', message });
    this.#leaveAlone('another protocol');
  }

  #leaveAlone(reason: string): void {
    this.#isRaw = true;
    this.#frames.stop();
    this.#replies.stop();
    this.#ear.leaveAlone(reason);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

function joined(before: Buffer, bytes: Buffer): Buffer {
  return before.length === 0 ? bytes : Buffer.concat([before, bytes]);
}

/** Bytes of the first packet and its header, when the header is here. */
function lengthOf(packet: Buffer): number | undefined {
  return packet.length < HEADER_BYTES ? undefined : HEADER_BYTES + packet.readUIntLE(0, 3);
}
