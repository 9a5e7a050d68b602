/** The lines of one file, as they stand in shared memory, one after the other. */

import { isAscii } from 'node:buffer';
import { PIECE_BYTES, type HistoryBytes, type PlainBytes } from '../../history/bytes.ts';
import type { Crew } from './crew.ts';
import { Scanner, type Facts } from './scan.ts';
import type { Source } from './sequencer.ts';
import { Unusual } from './unusual.ts';

const NEWLINE = 10;

export class Cursor {
  /** Of the line at hand. */
  readonly facts: Facts;
  readonly line: Source & { shelf: number; start: number; end: number; at: number; shiftMs: number };
  /** The last line was cut off. */
  torn = false;
  readonly #crew: Crew;
  readonly #bytes: HistoryBytes;
  /** How it is read: straight onto the shelf, or by pieces of somebody else's. */
  #plain: PlainBytes | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;
  readonly #scanner = new Scanner();
  #chunk: Buffer = Buffer.alloc(0);
  /** A begun line. */
  #carry: Buffer = Buffer.alloc(0);
  #text = '';
  #next = 0;
  #end = 0;
  #isOver = false;

  /** `file`: which of several files. */
  constructor(bytes: HistoryBytes, crew: Crew, file: number | undefined) {
    this.#bytes = bytes;
    this.#crew = crew;
    this.facts = this.#scanner.facts;
    this.line = { shelf: -1, start: 0, end: 0, at: 0, file, shiftMs: 0 };
  }

  /** When the line at hand was, by the clock that all files have in common. */
  get at(): number {
    return this.facts.at + this.line.shiftMs;
  }

  get path(): string {
    return this.#bytes.path;
  }

  /** Goes on to the next line that lies ready; false: there is none. */
  next(): boolean {
    const { line } = this;
    let start = this.#next;
    // Empty lines say nothing.
    while (start < this.#end && this.#text.charCodeAt(start) === NEWLINE) start += 1;
    if (start >= this.#end) return false;
    const end = this.#text.indexOf('\n', start);
    line.start = start;
    line.end = end === -1 ? this.#end : end;
    this.#next = line.end + 1;
    this.#scanner.scan(start, line.end);
    line.at = this.facts.at;
    return true;
  }

  /** Reads on; false: the file is over. */
  async fill(): Promise<boolean> {
    this.#giveBack();
    while (!this.#isOver) {
      const shelf = await this.#crew.shelf();
      const end = await this.#put(shelf);
      this.line.shelf = shelf;
      this.#next = 0;
      this.#end = end;
      const bytes = Buffer.from(this.#shared(shelf)).subarray(0, end);
      const isPlain = isAscii(bytes);
      this.#text = bytes.toString('latin1');
      this.#scanner.load(bytes, this.#text, isPlain);
      const isThere = this.next();
      // Where a file begins with its run, the run says by how much its clock is moved.
      const { event } = this.facts;
      const { file } = this.line;
      if (isThere && event?.type === 'run' && file !== undefined)
        this.line.shiftMs = event.clock?.aheadMs ?? 0;
      this.#crew.load({ shelf, bytes: end, isPlain, file, shiftMs: this.line.shiftMs });
      if (isThere) return true;
      this.#giveBack();
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#plain?.close();
    await this.#chunks?.return?.();
  }

  #giveBack(): void {
    if (this.line.shelf >= 0) this.#crew.giveBack(this.line.shelf);
    this.line.shelf = -1;
  }

  #shared(shelf: number): SharedArrayBuffer {
    const shared = this.#crew.shelves[shelf];
    if (shared === undefined) throw new Error(`no shelf ${shelf}`);
    return shared;
  }

  /** Whole lines are put on the shelf; how many bytes they are. */
  async #put(shelf: number): Promise<number> {
    if (this.#plain === undefined && this.#chunks === undefined) await this.#open();
    const bytes = Buffer.from(this.#shared(shelf));
    let end = this.#carry.copy(bytes);
    let last = -1;
    while (last === -1) {
      if (end === bytes.length) throw new Unusual('a line is longer than a shelf');
      const room = bytes.subarray(end, end < PIECE_BYTES ? PIECE_BYTES : bytes.length);
      const count = this.#plain?.read(room) ?? (await this.#copied(room));
      if (count === 0) {
        this.#isOver = true;
        return this.#lastLine(bytes, end);
      }
      last = bytes.subarray(end, end + count).lastIndexOf(NEWLINE);
      if (last !== -1) last += end;
      end += count;
    }
    this.#carry = Buffer.from(bytes.subarray(last + 1, end));
    return last + 1;
  }

  async #open(): Promise<void> {
    this.#plain = await this.#bytes.plain?.();
    if (this.#plain === undefined) this.#chunks = this.#bytes.chunks()[Symbol.asyncIterator]();
  }

  /** From the pieces that come; 0 at the end. */
  async #copied(room: Buffer): Promise<number> {
    while (this.#chunk.length === 0) {
      const { value, done = false } = (await this.#chunks?.next()) ?? { value: undefined, done: true };
      if (done) return 0;
      this.#chunk = value as Buffer;
    }
    const count = this.#chunk.copy(room);
    this.#chunk = this.#chunk.subarray(count);
    return count;
  }

  /** A last line without a line end is whole when it parses, and torn when it does not. */
  #lastLine(bytes: Buffer, end: number): number {
    this.#carry = Buffer.alloc(0);
    this.torn = this.#bytes.torn;
    const line = bytes.toString('utf8', 0, end);
    if (line.trim() === '') return 0;
    try {
      JSON.parse(line);
    } catch {
      this.torn = true;
      return 0;
    }
    return end;
  }
}
