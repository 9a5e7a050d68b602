import type { Ear, Spoken } from './conversation.ts';
import { FrameReader } from './frames.ts';

/** What the server owes: the end of a statement before a Sync, or the ReadyForQuery of a Sync, a simple query or the startup. */
export interface Expected {
  readonly kind: 'execute' | 'ready';
  /** Known for an `execute` only when its unit has ended without a Sync. */
  spoken: Spoken | undefined;
  isDone?: boolean;
}

const MAX_ERROR_BYTES = 1024;

/** Finds where the answer to each message ends. */
export class PostgresReplies {
  readonly #ear: Ear;
  readonly #frames: FrameReader;
  #expected: Expected[] = [];
  /** Answered before its unit had ended. */
  readonly #late: Spoken[] = [];
  #isStarting = true;
  /** An error came, and the Sync behind which the server listens again did not. */
  #isSkipping = false;

  constructor(ear: Ear) {
    this.#ear = ear;
    this.#frames = new FrameReader({
      headerBytes: 5,
      lengthOf: (header) => {
        const length = header.readInt32BE(1) - 4;
        return length >= 0 ? length : Number.NaN;
      },
      begin: (header) => (this.#isStarting && header[0] === 0x45 ? MAX_ERROR_BYTES : 0),
      end: (header, payload, _start, end) => this.#end(String.fromCharCode(header[0] ?? 0), payload, end),
      lost: () => {
        this.#ear.refuse({
          code: 'other-protocol',
          message: 'what answers at this address is not a PostgreSQL',
        });
        this.#ear.leaveAlone("an answer that is not PostgreSQL's");
      },
    });
  }

  expect(expected: Expected): void {
    if (expected.kind === 'ready') this.#isSkipping = false;
    // What comes between an error and the next Sync is discarded by the server.
    else if (this.#isSkipping) expected.isDone = true;
    if (expected.isDone !== true) this.#expected.push(expected);
  }

  /** A statement's unit has ended, maybe behind its answer. */
  recheck({ isDone, spoken }: Expected): void {
    if (isDone === true && spoken !== undefined) this.#late.push(spoken);
  }

  stop(): void {
    this.#frames.stop();
  }

  take(bytes: Buffer): void {
    for (const spoken of this.#late.splice(0)) this.#ear.reply(spoken, this.#frames.received);
    this.#frames.take(bytes);
  }

  #end(type: string, payload: Buffer, end: number): void {
    switch (type) {
      // CommandComplete, EmptyQueryResponse, PortalSuspended.
      case 'C':
      case 'I':
      case 's':
        if (this.#expected[0]?.kind === 'execute') this.#finishFirst(end);
        break;
      case 'E':
        if (this.#isStarting) this.#readRefusal(payload.toString('utf8'));
        while (this.#expected[0]?.kind === 'execute') this.#finishFirst(end);
        if (this.#expected.length === 0) this.#isSkipping = true;
        break;
      case 'Z': {
        this.#isStarting = false;
        while (this.#expected[0]?.kind === 'execute') this.#finishFirst(end);
        this.#finishFirst(end);
        break;
      }
      // CopyBothResponse: replication from here on.
      case 'W':
        this.#frames.stop();
        this.#ear.leaveAlone('a replication');
        break;
      default:
    }
  }

  #finishFirst(end: number): void {
    const expected = this.#expected.shift();
    if (expected === undefined) return;
    expected.isDone = true;
    if (expected.spoken !== undefined) this.#ear.reply(expected.spoken, end);
  }

  /** invalid_authorization_specification, said of a connection without encryption. */
  #readRefusal(fields: string): void {
    if (!/\0C28000\0/.test(fields) || !/no encryption|SSL off/i.test(fields)) return;
    this.#ear.refuse({
      code: 'store-insists-on-tls',
      message:
        'this PostgreSQL takes encrypted connections only (hostssl in pg_hba.conf); a door reads plain ones',
    });
  }
}
