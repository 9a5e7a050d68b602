import type { EndKind, StubOutput } from './stub.ts';

interface Item {
  data: Buffer;
  readonly arrivedAt: number;
  /** When it is due, in ms of `performance.now()`. */
  at: number;
}

/** Node's timers take no longer wait (24.8 days), and would fire at once. */
export const LONGEST_MS = 2 ** 31 - 1;

/** Chunks that wait for their time. They leave in the order in which they came, never early. */
export class TimedQueue {
  readonly #out: StubOutput;
  /** Each chunk on a turn of its own, so that the socket does not join them into one packet. */
  readonly #onePerTurn: boolean;
  /** No chunk leaves sooner after the one before it, however late that was. */
  readonly #spacingMs: () => number;
  #leftAt = Number.NEGATIVE_INFINITY;
  #items: Item[] = [];
  /** Items before it have left; they are cut off now and then, since a cut for each would cost the square. */
  #head = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #ending: EndKind | undefined;

  constructor(out: StubOutput, { onePerTurn = false, spacingMs = (): number => 0 } = {}) {
    this.#out = out;
    this.#onePerTurn = onePerTurn;
    this.#spacingMs = spacingMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** When the last waiting chunk is due; -Infinity when none waits. */
  get lastAt(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : (this.#items.at(-1)?.at ?? 0);
  }

  add(data: Buffer, at: number, arrivedAt = performance.now()): void {
    this.#items.push({ data, at, arrivedAt });
    this.#bytes += data.length;
    this.#arm();
  }

  /** The end passes on behind the last chunk. */
  end(kind: EndKind): void {
    this.#ending = kind;
    this.#endIfEmpty();
  }

  /** Gives every waiting chunk a new time. */
  reschedule(dueAt: (item: { readonly data: Buffer; readonly arrivedAt: number }) => number): void {
    for (const item of this.#items.slice(this.#head)) item.at = dueAt(item);
    this.#disarm();
    this.#arm();
  }

  /** Hands everything over at once. */
  flush(): void {
    this.#disarm();
    const items = this.#items.slice(this.#head);
    this.#clear();
    for (const { data } of items) this.#out.chunk(data);
    this.#endIfEmpty();
  }

  destroy(): void {
    this.#disarm();
    this.#clear();
    this.#ending = undefined;
  }

  readonly #run = (): void => {
    this.#timer = undefined;
    this.#immediate = undefined;
    const now = performance.now();
    for (
      let item = this.#items[this.#head];
      item !== undefined && this.#dueAt(item) <= now;
      item = this.#items[this.#head]
    ) {
      this.#head += 1;
      this.#bytes -= item.data.length;
      this.#leftAt = now;
      this.#out.chunk(item.data);
      if (this.#onePerTurn) break;
    }
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    this.#arm();
    this.#endIfEmpty();
  };

  #dueAt(item: Item): number {
    return Math.max(item.at, this.#leftAt + this.#spacingMs());
  }

  #arm(): void {
    const head = this.#items[this.#head];
    if (head === undefined || this.#timer !== undefined || this.#immediate !== undefined) return;
    const wait = this.#dueAt(head) - performance.now();
    // Timers count whole milliseconds; what is due sooner takes the next turn instead.
    if (wait < 1) this.#immediate = setImmediate(this.#run);
    else this.#timer = setTimeout(this.#run, Math.floor(Math.min(wait, LONGEST_MS)));
  }

  #clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #endIfEmpty(): void {
    if (this.#ending === undefined || this.length > 0) return;
    const kind = this.#ending;
    this.#ending = undefined;
    this.#out.end(kind);
  }
}
