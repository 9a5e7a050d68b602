/** History files: appended to while a run goes on, read back fast, several of one run merged by time. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip, gzipSync } from 'node:zlib';
import { harnessError, messageOf, usageError } from '../base/errors.ts';
import { wholeContract, type Contract } from '../model/contract.ts';
import { linesWithoutSecrets } from '../base/secrets.ts';
import { checkEvent, decodeLine, encodeEvent, redact } from './codec.ts';
import type { HistoryEvent, RunEvent } from './events.ts';

export interface WriterOptions {
  /** Longest time that a line stays in memory only, ms. Default 50. */
  readonly flushMs?: number;
  /** Texts that must never reach the file, e.g. tokens. */
  readonly secrets?: readonly string[];
}

const WRITE_BYTES = 64 * 1024;

/**
 * Appends lines to a new file. What was flushed survives a kill -9 of this process; a line is flushed at most
 * `flushMs` after it was written. A name that ends in `.gz` gives one gzip member for each flush.
 */
export class HistoryWriter {
  readonly path: string;
  readonly #fd: number;
  readonly #gzip: boolean;
  readonly #flushMs: number;
  readonly #secrets: readonly string[];
  #lines: string[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;
  #closed = false;

  /** Throws `history-write` when the file cannot be made. */
  constructor(path: string, { flushMs = 50, secrets = [] }: WriterOptions = {}) {
    this.path = path;
    this.#gzip = path.endsWith('.gz');
    this.#flushMs = flushMs;
    this.#secrets = secrets;
    try {
      this.#fd = openSync(path, 'w');
    } catch (cause) {
      throw this.#writeError(cause);
    }
  }

  write(event: HistoryEvent): void {
    this.#append(encodeEvent(event, this.#secrets));
  }

  /** A line that a script printed: written as it is, credentials taken out. */
  writeLine(line: string): void {
    this.#append(redact(line.includes('\n') ? line.replaceAll('\n', ' ') : line, this.#secrets));
  }

  /** Hands everything to the operating system. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#throwFailure();
    if (this.#lines.length === 0) return;
    const text = `${linesWithoutSecrets(this.#lines.join('\n'))}\n`;
    this.#lines = [];
    this.#pendingBytes = 0;
    try {
      writeWhole(this.#fd, this.#gzip ? gzipSync(text, { level: 1 }) : Buffer.from(text));
    } catch (cause) {
      throw this.#writeError(cause);
    }
  }

  /** Flushes and closes; safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
    } finally {
      closeSync(this.#fd);
    }
  }

  #append(line: string): void {
    this.#throwFailure();
    if (this.#closed) throw harnessError('history-write', 'the history is closed', { field: this.path });
    this.#lines.push(line);
    this.#pendingBytes += line.length + 1;
    if (this.#pendingBytes >= WRITE_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.#flushLater(), this.#flushMs).unref();
  }

  /** A timer has nobody to throw to: the next call tells. */
  #flushLater(): void {
    try {
      this.flush();
    } catch (error) {
      this.#failure = error;
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #writeError(cause: unknown): Error {
    return harnessError('history-write', 'the history cannot be written', {
      field: this.path,
      found: messageOf(cause),
      cause,
    });
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset);
}

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

/** Small enough that the events of one piece die young. */
const READ_BYTES = 256 * 1024;
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
      for await (const chunk of this.#chunks(file)) {
        const events = this.#eventsOf(chunk);
        if (events.length > 0) yield events;
      }
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
  #eventsOf(chunk: Buffer): HistoryEvent[] {
    const events: HistoryEvent[] = [];
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) {
      this.#carryOn(chunk);
      return events;
    }
    this.#carryOn(chunk.subarray(0, first));
    this.#decodeInto(events, Buffer.concat(this.#carry).toString('utf8'));
    const last = chunk.lastIndexOf(NEWLINE);
    const text = chunk.toString('utf8', first + 1, last + 1);
    for (let start = 0; start < text.length;) {
      const end = text.indexOf('\n', start);
      this.#decodeInto(events, text.slice(start, end));
      start = end + 1;
    }
    this.#carry = [];
    this.#carryBytes = 0;
    this.#carryOn(chunk.subarray(last + 1));
    return events;
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

/** The histories of many machines as one: by time, each with its own `run` and `end`. */
export interface MergedHistory {
  /** Files whose last line was cut off; known once everything has been read. */
  readonly torn: readonly string[];
  batches(): AsyncIterable<readonly HistoryEvent[]>;
}

/**
 * Merges files by the time of their events; within a file the order stays. Each must start with a `run` event,
 * and all must be of one run id and one contract: else `history-merge` names the file that differs.
 */
export function readHistories(paths: readonly string[]): MergedHistory {
  const readers = paths.map((path) => readHistory(path));
  return {
    get torn() {
      return readers.filter((reader) => reader.torn).map((reader) => reader.path);
    },
    batches: () => mergedBatches(readers),
  };
}

async function* mergedBatches(readers: readonly HistoryReader[]): AsyncGenerator<readonly HistoryEvent[]> {
  if (readers.length === 0)
    throw usageError('history-file', 'no history was named', { expected: 'one or more history files' });
  const cursors = readers.map((reader) => new Cursor(reader));
  try {
    for (const cursor of cursors) await cursor.fill();
    assertOneRun(cursors);
    while (cursors.length > 0) {
      const batch: HistoryEvent[] = [];
      // As long as every file has an event at hand the earliest is known without waiting.
      while (cursors.every((cursor) => cursor.head !== undefined)) batch.push(earliest(cursors).take());
      if (batch.length > 0) yield batch;
      for (const cursor of [...cursors]) {
        if (cursor.head === undefined && !(await cursor.fill())) cursors.splice(cursors.indexOf(cursor), 1);
      }
    }
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

class Cursor {
  readonly reader: HistoryReader;
  readonly #batches: AsyncIterator<readonly HistoryEvent[]>;
  #batch: readonly HistoryEvent[] = [];
  #index = 0;

  constructor(reader: HistoryReader) {
    this.reader = reader;
    this.#batches = reader.batches()[Symbol.asyncIterator]();
  }

  get head(): HistoryEvent | undefined {
    return this.#batch[this.#index];
  }

  /** Whether there is more. */
  async fill(): Promise<boolean> {
    const next = await this.#batches.next();
    this.#batch = next.done === true ? [] : next.value;
    this.#index = 0;
    return next.done !== true;
  }

  take(): HistoryEvent {
    const event = this.#batch[this.#index++];
    if (event === undefined) throw new Error('took from an empty batch');
    return event;
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}

function earliest(cursors: readonly Cursor[]): Cursor {
  return cursors.reduce((best, next) => (timeOf(next.head) < timeOf(best.head) ? next : best));
}

function timeOf(event: HistoryEvent | undefined): number {
  if (event === undefined) return Infinity;
  // Every file's run comes before any other event, whatever the clocks of the machines say.
  return event.type === 'run' ? -Infinity : event.at;
}

function assertOneRun(cursors: readonly Cursor[]): void {
  const [first, ...others] = cursors.map(({ reader, head }) => ({
    path: reader.path,
    run: runOf(reader.path, head),
  }));
  for (const other of others) {
    if (first === undefined) return;
    if (other.run.runId !== first.run.runId)
      throw mergeError(
        other.path,
        `run id ${first.run.runId}, as in ${basename(first.path)}`,
        other.run.runId,
      );
    const row = differingRow(first.run, other.run);
    if (row !== undefined)
      throw mergeError(other.path, `the contract of ${basename(first.path)}`, `another ${row}`);
  }
}

function runOf(path: string, event: HistoryEvent | undefined): RunEvent {
  if (event?.type === 'run') return event;
  throw usageError('history-start', 'does not start with a run event', {
    field: path,
    expected: 'a run event in line 1',
    found: event?.type ?? 'nothing',
  });
}

function differingRow(one: RunEvent, two: RunEvent): string | undefined {
  const [first, second] = [wholeContract(one.contract), wholeContract(two.contract)];
  const rows = Object.keys(first) as (keyof Contract)[];
  return rows.find((row) => JSON.stringify(first[row]) !== JSON.stringify(second[row]));
}

function mergeError(path: string, expected: string, found: string): Error {
  return usageError('history-merge', 'is of another run', { field: path, expected, found });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
