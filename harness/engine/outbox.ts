/**
 * What an engine's thread says, in a ring of shared memory: whatever was put in is there for the main thread, in order,
 * even when the engine's thread is ended a moment later.
 */

/** Enough for some ten thousand history lines; a writer waits when it is full. */
const RING_BYTES = 4 * 1024 * 1024;
/** A text is handed over in parts of so many UTF-16 units at most. */
const PART_UNITS = 64 * 1024;
/** UTF-8 takes so many bytes at most for one UTF-16 unit. */
const MOST_BYTES = 3;
/** How long a writer waits for the reader at a time: a wake-up cannot be missed for longer. */
const WAIT_MS = 100;
/** The writer is told of free room after so many bytes. */
const NOTIFY_BYTES = RING_BYTES / 8;

const HEADER_BYTES = 4;
const LENGTH_BITS = 24;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;
/** Nothing more before the end of the ring: it goes on at its start. */
const WRAP = 0xffffffff;
/** The text goes on in the next frame. */
const MORE = 0x80;

const READ = 0;
const WRITE = 1;
const AWAKE = 2;

/** History lines, and everything else that the engine says. */
export const KINDS = ['line', 'log'] as const;
export type OutboxKind = (typeof KINDS)[number];

/** What both threads hold of it. */
export interface OutboxMemory {
  readonly bytes: SharedArrayBuffer;
  readonly state: SharedArrayBuffer;
}

export function outboxMemory(): OutboxMemory {
  return { bytes: new SharedArrayBuffer(RING_BYTES), state: new SharedArrayBuffer(16) };
}

export class OutboxWriter {
  private readonly bytes: Buffer;
  private readonly words: Uint32Array;
  private readonly state: Int32Array;
  private readonly wake: () => void;
  private at = 0;

  /** `wake` makes the other thread read: it is called when there is something after there was nothing. */
  constructor({ bytes, state }: OutboxMemory, wake: () => void) {
    this.bytes = Buffer.from(bytes);
    this.words = new Uint32Array(bytes);
    this.state = new Int32Array(state);
    this.wake = wake;
  }

  /** Once it returns, the text will be read, come what may. Waits while the ring is full. */
  put(kind: OutboxKind, text: string): void {
    const number = KINDS.indexOf(kind);
    let from = 0;
    while (text.length - from > PART_UNITS) {
      let to = from + PART_UNITS;
      // A pair of surrogates stays together.
      if ((text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to--;
      this.frame(number | MORE, text.slice(from, to));
      from = to;
    }
    this.frame(number, from === 0 ? text : text.slice(from));
    if (Atomics.exchange(this.state, AWAKE, 1) === 0) this.wake();
  }

  private frame(mark: number, text: string): void {
    const at = this.room(HEADER_BYTES + text.length * MOST_BYTES);
    const written = this.bytes.write(text, at + HEADER_BYTES, 'utf8');
    this.words[at >> 2] = ((mark << LENGTH_BITS) | written) >>> 0;
    this.at = aligned(at + HEADER_BYTES + written);
    Atomics.store(this.state, WRITE, this.at);
  }

  /** Where so many bytes in a row are free; the last word of the ring stays free for the mark at its end. */
  private room(need: number): number {
    const bytes = aligned(need);
    for (;;) {
      const read = Atomics.load(this.state, READ);
      if (this.at < read) {
        if (read - this.at > bytes) return this.at;
      } else if (RING_BYTES - this.at > bytes) return this.at;
      else if (read > bytes) {
        this.words[this.at >> 2] = WRAP;
        this.at = 0;
        Atomics.store(this.state, WRITE, 0);
        return 0;
      }
      if (Atomics.exchange(this.state, AWAKE, 1) === 0) this.wake();
      Atomics.wait(this.state, READ, read, WAIT_MS);
    }
  }
}

export class OutboxReader {
  private readonly bytes: Buffer;
  private readonly words: Uint32Array;
  private readonly state: Int32Array;
  private at = 0;
  private part = '';

  constructor({ bytes, state }: OutboxMemory) {
    this.bytes = Buffer.from(bytes);
    this.words = new Uint32Array(bytes);
    this.state = new Int32Array(state);
  }

  /**
   * Hands over all that is there, and gives whether there was something: then the writer wakes nobody before the next call,
   * since to wake the other thread costs more than a line. What `take` throws is thrown on; its text is lost, those after
   * it are not.
   */
  drain(take: (kind: OutboxKind, text: string) => void): boolean {
    if (this.readAll(take)) return true;
    Atomics.store(this.state, AWAKE, 0);
    // What came just before that has woken nobody.
    return this.readAll(take);
  }

  private readAll(take: (kind: OutboxKind, text: string) => void): boolean {
    const from = this.at;
    let told = from;
    try {
      while (this.at !== Atomics.load(this.state, WRITE)) {
        const header = this.words[this.at >> 2] ?? 0;
        if (header === WRAP) {
          this.move(0);
          continue;
        }
        this.frame(header, take);
        if (Math.abs(this.at - told) < NOTIFY_BYTES) continue;
        told = this.at;
        Atomics.notify(this.state, READ);
      }
    } finally {
      Atomics.notify(this.state, READ);
    }
    return this.at !== from;
  }

  private frame(header: number, take: (kind: OutboxKind, text: string) => void): void {
    const mark = header >>> LENGTH_BITS;
    const from = this.at + HEADER_BYTES;
    const to = from + (header & LENGTH_MASK);
    const text = this.part + this.bytes.toString('utf8', from, to);
    this.move(aligned(to));
    this.part = (mark & MORE) === 0 ? '' : text;
    if ((mark & MORE) === 0) take(KINDS[mark] ?? 'log', text);
  }

  private move(at: number): void {
    this.at = at;
    Atomics.store(this.state, READ, at);
  }
}

function aligned(bytes: number): number {
  return (bytes + 3) & ~3;
}
