/** A history file as it is read: many events at a time, plain or gzipped, a torn last line told apart from a bad one. */

import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, usageError } from '../base/errors.ts';
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

const READ_BYTES = 256 * 1024;
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
    const file = await opened(this.path);
    try {
      for await (const chunk of this.#chunks(file)) yield* this.#eventsOf(chunk);
      const last = this.#lastLine();
      if (last !== undefined) yield [last];
    } finally {
      await file.close();
    }
    if (this.#line === 0)
      throw usageError('history-empty', 'holds no events', {
        field: this.path,
        expected: 'a history that starts with a run event',
      });
  }

  async *#chunks(file: FileHandle): AsyncGenerator<Buffer> {
    const magic = Buffer.alloc(2);
    await file.read(magic, 0, 2, 0);
    const stream = file.createReadStream({ start: 0, highWaterMark: READ_BYTES, autoClose: false });
    if (magic[0] !== 0x1f || magic[1] !== 0x8b) {
      yield* stream as AsyncIterable<Buffer>;
      return;
    }
    const gunzip = createGunzip({ chunkSize: READ_BYTES });
    stream.on('error', (error) => gunzip.destroy(error));
    try {
      yield* stream.pipe(gunzip) as AsyncIterable<Buffer>;
    } catch (error) {
      if (codeOf(error) !== 'Z_BUF_ERROR')
        throw usageError('history-gzip', 'is no whole gzip file', {
          field: this.path,
          found: messageOf(error),
          cause: error,
        });
      this.torn = true;
    }
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
    this.#decodeInto(events, Buffer.concat(this.#carry).toString('utf8'));
    this.#carry = [];
    this.#carryBytes = 0;
    const last = chunk.lastIndexOf(NEWLINE);
    const text = chunk.toString('utf8', first + 1, last + 1);
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
    const line = Buffer.concat(this.#carry).toString('utf8');
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

async function opened(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if (!(await file.stat()).isDirectory()) return file;
    await file.close();
  } catch (cause) {
    throw usageError('history-file', 'cannot be read', { field: path, found: messageOf(cause), cause });
  }
  throw usageError('history-file', 'is a folder', {
    field: path,
    expected: 'a history file (.ndjson or .ndjson.gz)',
  });
}
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
