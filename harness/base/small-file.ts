/**
 * Texts that somebody named: configs, documents, schedules, certificates. A device, a pipe that nobody writes to or a file without
 * end must cost neither the command's end nor its memory.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** More is no text that somebody wrote. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;
/** So long a pipe may take until it has ended. ms */
const PIPE_LIMIT_MS = 5_000;
const LOOK_MS = 20;
const PIECE_BYTES = 64 * 1024;

/**
 * The text of a file, or of a pipe as a shell gives it for `<(…)`, of at most `MAX_TEXT_BYTES`. Throws an error whose `code` (where
 * the system has one) or message says in a few words why not.
 */
export function smallText(file: string): string {
  // Without waiting: opening a pipe would last until somebody writes to it.
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const state = fstatSync(fd);
    if (state.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    if (!state.isFile() && !state.isFIFO()) throw new Error('neither a file nor a pipe');
    return read(fd).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

function read(fd: number): Buffer {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Whatever the system says of its size: files of the kernel have none.
  for (const until = performance.now() + PIPE_LIMIT_MS; bytes <= MAX_TEXT_BYTES;) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const length = readNow(fd, piece);
    if (length === 0) return Buffer.concat(pieces);
    if (length === undefined) {
      if (performance.now() >= until) throw new Error(`a pipe that does not end within ${PIPE_LIMIT_MS} ms`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
      continue;
    }
    pieces.push(piece.subarray(0, length));
    bytes += length;
  }
  throw new Error(`more than ${MAX_TEXT_BYTES} bytes`);
}

/** Undefined: nothing yet. */
function readNow(fd: number, piece: Buffer): number | undefined {
  try {
    return readSync(fd, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
