import type { EndKind, StageOutput } from './stage.ts';

interface Item {
  data: Buffer;
  readonly arrivedAt: number;
  /** When it is due, in ms of `performance.now()`. */
  at: number;
}

/** Chunks that wait for their time. They leave in the order in which they came, never early. */
export class TimedQueue {
  readonly #out: StageOutput;
  /** Each chunk on a turn of its own, so that the socket does not join them into one packet. */
  readonly #onePerTurn: boolean;
  #items: Item[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #ending: EndKind | undefined;

  constructor(out: StageOutput, { onePerTurn = false } = {}) {
    this.#out = out;
    this.#onePerTurn = onePerTurn;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length;
  }

  /** When the last waiting chunk is due; -Infinity when none waits. */
  get lastAt(): number {
    return this.#items.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
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
  reschedule(
    dueAt: (item: { readonly data: Buffer; readonly arrivedAt: number }, index: number) => number,
  ): void {
    for (const [index, item] of this.#items.entries()) item.at = dueAt(item, index);
    this.#disarm();
    this.#arm();
  }

  /** Hands everything over at once. */
  flush(): void {
    this.#disarm();
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    for (const { data } of items) this.#out.chunk(data);
    this.#endIfEmpty();
  }

  destroy(): void {
    this.#disarm();
    this.#items = [];
    this.#bytes = 0;
    this.#ending = undefined;
  }

  readonly #run = (): void => {
    this.#timer = undefined;
    this.#immediate = undefined;
    const now = performance.now();
    for (let head = this.#items[0]; head !== undefined && head.at <= now; head = this.#items[0]) {
      this.#items.shift();
      this.#bytes -= head.data.length;
      this.#out.chunk(head.data);
      if (this.#onePerTurn) break;
    }
    this.#arm();
    this.#endIfEmpty();
  };

  #arm(): void {
    const head = this.#items[0];
    if (head === undefined || this.#timer !== undefined || this.#immediate !== undefined) return;
    const wait = head.at - performance.now();
    // Timers count whole milliseconds; what is due sooner takes the next turn instead.
    if (wait < 1) this.#immediate = setImmediate(this.#run);
    else this.#timer = setTimeout(this.#run, Math.floor(wait));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #endIfEmpty(): void {
    if (this.#ending === undefined || this.#items.length > 0) return;
    const kind = this.#ending;
    this.#ending = undefined;
    this.#out.end(kind);
  }
}
