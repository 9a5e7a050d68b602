/** A history file as it is read: many events at a time, plain or gzipped, a torn last line told apart from a bad one. */

import { usageError } from '../base/errors.ts';
import { bytesOf, textOf } from './bytes.ts';
import { checkEvent, decodeLine } from './codec.ts';
import type { HistoryEvent } from './events.ts';

/** The events of one file in order; `torn` is known once they have been read. */
export interface HistoryReader extends AsyncIterable<HistoryEvent> {
  readonly path: string;
  /** The last line was cut off in the middle (a crash of the writer, or a file still being written). */
  readonly torn: boolean;
  /** The same events in the order of the file, many at a time: the fast way. */
  batches(): AsyncIterable<readonly HistoryEvent[]>;
}

/** Reads NDJSON, also gzipped (told by its first bytes). A bad line throws `history-line` with file:line. */
export function readHistory(path: string): HistoryReader {
  return new FileReader(path);
}

/** So few that they die young: what survives a collection of the youngest is copied by it. */
const BATCH_EVENTS = 64;
const NEWLINE = 10;
/** Far longer than any event: an answer's list of some 100,000 redemptions fits. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

class FileReader implements HistoryReader {
  readonly path: string;
  torn = false;
  #line = 0;
  /** The begun line, in pieces: joined once, when it ends. */
  #carry: Buffer[] = [];
  #carryBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HistoryEvent> {
    for await (const batch of this.batches()) yield* batch;
  }

  async *batches(): AsyncGenerator<readonly HistoryEvent[]> {
    const bytes = bytesOf(this.path);
    for await (const chunk of bytes.chunks()) yield* this.#eventsOf(chunk);
    this.torn = bytes.torn;
    const last = this.#lastLine();
    if (last !== undefined) yield [last];
    if (this.#line === 0)
      throw usageError('history-empty', 'holds no events', {
        field: this.path,
        expected: 'a history that starts with a run event',
      });
  }

  /** Whole lines are decoded together: one long text and slices of it are cheaper than a text a line. */
  *#eventsOf(chunk: Buffer): Generator<readonly HistoryEvent[]> {
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) {
      this.#carryOn(chunk);
      return;
    }
    this.#carryOn(chunk.subarray(0, first));
    let events: HistoryEvent[] = [];
    this.#decodeInto(events, textOf(Buffer.concat(this.#carry)));
    this.#carry = [];
    this.#carryBytes = 0;
    const last = chunk.lastIndexOf(NEWLINE);
    const text = textOf(chunk.subarray(first + 1, last + 1));
    for (let start = 0; start < text.length;) {
      const end = text.indexOf('\n', start);
      this.#decodeInto(events, text.slice(start, end));
      start = end + 1;
      if (events.length < BATCH_EVENTS) continue;
      yield events;
      events = [];
    }
    this.#carryOn(chunk.subarray(last + 1));
    if (events.length > 0) yield events;
  }

  #carryOn(bytes: Buffer): void {
    this.#carryBytes += bytes.length;
    if (this.#carryBytes > MAX_LINE_BYTES)
      throw usageError('history-line', 'is longer than any event', {
        field: `${this.path}:${this.#line + 1}`,
        expected: `a line of at most ${MAX_LINE_BYTES} bytes`,
      });
    // A copy: what the stream hands out may be used again.
    this.#carry.push(Buffer.from(bytes));
  }

  #decodeInto(events: HistoryEvent[], line: string): void {
    this.#line += 1;
    // A file of blank lines must not cost an exception each.
    if (line === '') return;
    // The place is only put together for a line that is bad: most of reading is this call.
    try {
      events.push(checkEvent(JSON.parse(line), ''));
    } catch {
      if (line.trim() === '') return;
      events.push(decodeLine(line.replace(/^\uFEFF/, ''), `${this.path}:${this.#line}`));
    }
  }

  /** A last line without a line end is whole when it parses, and torn when it does not. */
  #lastLine(): HistoryEvent | undefined {
    const line = textOf(Buffer.concat(this.#carry));
    if (line.trim() === '') return undefined;
    this.#line += 1;
    try {
      JSON.parse(line);
    } catch {
      this.torn = true;
      return undefined;
    }
    return decodeLine(line, `${this.path}:${this.#line}`);
  }
}
