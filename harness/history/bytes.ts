/** The bytes of a history file, plain or gzipped (told by its first bytes), piece by piece. */

import { isAscii } from 'node:buffer';
import { readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, usageError } from '../base/errors.ts';

export interface HistoryBytes {
  readonly path: string;
  /** A gzipped file ended in the middle; known once everything has been read. */
  readonly torn: boolean;
  /** What a piece holds may be overwritten when the next one is asked for. */
  chunks(): AsyncIterable<Buffer>;
  /** The same straight into memory of the caller's; undefined where it has to be unpacked first. */
  readonly plain?: () => Promise<PlainBytes | undefined>;
}

export interface PlainBytes {
  /** Reads on, at once; how many bytes it put there, 0 at the end. */
  readonly read: (into: Uint8Array) => number;
  readonly close: () => Promise<void>;
}

/** Throws, while it is read, `history-file` for what is no file, and `history-gzip` for what is no whole gzip file. */
export function bytesOf(path: string): HistoryBytes {
  return new FileBytes(path);
}

/** So much at a time as its text is a young object like any other: a larger one gets pages of its own. */
export const PIECE_BYTES = 96 * 1024;

class FileBytes implements HistoryBytes {
  readonly path: string;
  torn = false;

  constructor(path: string) {
    this.path = path;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    const file = await opened(this.path);
    try {
      yield* this.#chunksOf(file);
    } finally {
      await file.close();
    }
  }

  async plain(): Promise<PlainBytes | undefined> {
    const file = await opened(this.path);
    if (await isGzipped(file)) {
      await file.close();
      return undefined;
    }
    let at = 0;
    return {
      read: (into) => {
        const count = readSync(file.fd, into, 0, into.length, at);
        at += count;
        return count;
      },
      close: () => file.close(),
    };
  }

  async *#chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
    const isPlain = !(await isGzipped(file));
    const stream = file.createReadStream({ start: 0, highWaterMark: PIECE_BYTES, autoClose: false });
    if (isPlain) {
      yield* stream as AsyncIterable<Buffer>;
      return;
    }
    const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
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
}

async function isGzipped(file: FileHandle): Promise<boolean> {
  const magic = Buffer.alloc(2);
  await file.read(magic, 0, 2, 0);
  return magic[0] === 0x1f && magic[1] === 0x8b;
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

/** What bytes of UTF-8 say; five times as fast where all of them are ASCII, as in most histories. */
export function textOf(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}
