/** A history file as it is written: appended to while a run goes on, safe on disk a moment later. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { harnessError, messageOf } from '../base/errors.ts';
import { linesWithoutSecrets } from '../base/secrets.ts';
import { encodeEvent, redact } from './codec.ts';
import type { HistoryEvent } from './events.ts';

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
