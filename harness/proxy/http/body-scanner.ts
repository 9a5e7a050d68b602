import { FramingError, MAX_HEAD_BYTES, type Framing } from './head.ts';

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

const MAX_LINE_BYTES = 8 * 1024;
const NEW_LINE = 10;

/** Finds where a body ends, however its bytes are cut, and can keep the payload without its framing. */
export class BodyScanner {
  readonly #framing: Framing;
  readonly #keepBytes: number;
  readonly #payload: Buffer[] = [];
  #kept = 0;
  #left: number;
  #state: State;
  #line = '';
  #trailerBytes = 0;

  /** `keepBytes`: keep so many bytes of payload for `payload`; more than that is not kept. */
  constructor(framing: Framing, keepBytes = 0) {
    this.#framing = framing;
    this.#keepBytes = keepBytes;
    this.#left = framing.kind === 'length' ? framing.length : 0;
    this.#state = framing.kind === 'none' ? 'done' : framing.kind === 'chunked' ? 'size' : 'data';
  }

  /** Never true for a body that lasts until the connection ends. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  get lastsUntilClose(): boolean {
    return this.#framing.kind === 'close';
  }

  /** The payload, or undefined when it was longer than what is kept. */
  get payload(): Buffer | undefined {
    if (this.#kept > this.#keepBytes) return undefined;
    return this.#payload.length === 1 ? this.#payload[0] : Buffer.concat(this.#payload);
  }

  /** How many of the bytes belong to this body. Throws FramingError for broken chunks. */
  scan(bytes: Buffer): number {
    if (this.#state === 'done') return 0;
    if (this.#framing.kind === 'close') {
      this.#keep(bytes);
      return bytes.length;
    }
    if (this.#framing.kind === 'length') return this.#scanData(bytes, 0);
    let at = 0;
    while (at < bytes.length && !this.isDone) {
      at = this.#state === 'data' ? this.#scanData(bytes, at) : this.#scanLine(bytes, at);
    }
    return at;
  }

  #scanData(bytes: Buffer, from: number): number {
    const to = Math.min(bytes.length, from + this.#left);
    this.#keep(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
    this.#left -= to - from;
    if (this.#left === 0) this.#state = this.#framing.kind === 'chunked' ? 'data-end' : 'done';
    return to;
  }

  #scanLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(NEW_LINE, from);
    this.#line += bytes.toString('latin1', from, end < 0 ? bytes.length : end);
    if (this.#line.length > MAX_LINE_BYTES) throw new FramingError(400, 'line in a chunked body is too long');
    if (end < 0) return bytes.length;
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    this.#lineEnded(line);
    return end + 1;
  }

  #lineEnded(line: string): void {
    if (this.#state === 'data-end') {
      if (line !== '') throw new FramingError(400, 'chunk is longer than its size');
      this.#state = 'size';
    } else if (this.#state === 'trailer') {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > MAX_HEAD_BYTES) throw new FramingError(400, 'trailer is too long');
      if (line === '') this.#state = 'done';
    } else {
      const size = /^([0-9a-f]{1,12})\s*(;.*)?$/i.exec(line)?.[1];
      if (size === undefined) throw new FramingError(400, 'malformed chunk size');
      this.#left = parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    }
  }

  #keep(bytes: Buffer): void {
    if (this.#keepBytes === 0 || bytes.length === 0) return;
    this.#kept += bytes.length;
    if (this.#kept <= this.#keepBytes) this.#payload.push(bytes);
  }
}
