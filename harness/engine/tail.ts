/** Follows a file that another program appends to, line by line. */
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

export class Tail {
  private readonly file: number;
  private readonly onLine: (line: string) => void;
  private readonly chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  /** Bytes of the line that is not complete yet. */
  private rest: Buffer = Buffer.alloc(0);

  constructor(path: string, onLine: (line: string) => void) {
    this.file = openSync(path, 'r');
    this.onLine = onLine;
  }

  /** Reads what has been appended since the last call. */
  read(): void {
    for (;;) {
      const length = readSync(this.file, this.chunk, 0, CHUNK_BYTES, null);
      if (length === 0) return;
      this.take(this.chunk.subarray(0, length));
    }
  }

  /** Reads to the end and gives what a torn last line holds; undefined when the file ends with a whole one. */
  end(): string | undefined {
    this.read();
    closeSync(this.file);
    return this.rest.length === 0 ? undefined : this.rest.toString('utf8');
  }

  private take(bytes: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      this.line(bytes.subarray(from, at));
      from = at + 1;
    }
    // A copy: the chunk is used again.
    this.rest = Buffer.concat([this.rest, bytes.subarray(from)]);
  }

  private line(bytes: Buffer): void {
    const whole = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    this.rest = Buffer.alloc(0);
    this.onLine(whole.toString('utf8'));
  }
}
