/** Toxiproxy's seven toxics as stubs. Where they differ from the original, differences.ts says so. */
import type { Numbers } from './attributes.ts';
import { ToxicStub, type Draw, type EndKind, type StubOutput } from './stub.ts';
import { LONGEST_MS, TimedQueue } from './timed-queue.ts';

/** Held bytes at which a pacing toxic stops the source. */
const HELD_BYTES = 64 * 1024;
/** Toxiproxy's latency buffers 1024 chunks of at most 32 KiB. */
const LATENCY_CHUNKS = 1024;
const LATENCY_BYTES = 32 * 1024 * 1024;

/** Builds the stub of a toxic type; undefined for a type that is not one of Toxiproxy's. */
export function createStub(
  type: string,
  out: StubOutput,
  attributes: Numbers,
  draw: Draw,
): ToxicStub | undefined {
  const Kind = STUBS[type];
  return Kind === undefined ? undefined : new Kind(out, attributes, draw);
}

/** noop {}: passes everything on. */
class Noop extends ToxicStub {
  push(data: Buffer): void {
    this.out.chunk(data);
  }
}

/** latency {latency, jitter} ms: each chunk leaves latency ± jitter after it came, in order. An end of stream is not delayed by itself. */
class Latency extends ToxicStub {
  readonly #queue = new TimedQueue(this.out);

  push(data: Buffer): void {
    const now = performance.now();
    this.#queue.add(data, Math.max(this.#queue.lastAt, now + this.#delay()), now);
  }

  override end(kind: EndKind): void {
    this.#queue.end(kind);
  }

  override update(attributes: Numbers): void {
    super.update(attributes);
    let last = 0;
    this.#queue.reschedule(({ arrivedAt }) => (last = Math.max(last, arrivedAt + this.#delay())));
  }

  override release(): void {
    this.#queue.flush();
  }

  override destroy(): void {
    this.#queue.destroy();
  }

  override get isFull(): boolean {
    return this.#queue.length >= LATENCY_CHUNKS || this.#queue.bytes >= LATENCY_BYTES;
  }

  #delay(): number {
    const jitter = this.value('jitter');
    return this.value('latency') + (jitter > 0 ? (this.draw() * 2 - 1) * jitter : 0);
  }
}

/** bandwidth {rate} KB/s (1000 bytes): in pieces of at most 100 ms. 0 = no limit. */
class Bandwidth extends ToxicStub {
  readonly #queue = new TimedQueue(this.out);
  #freeAt = 0;

  push(data: Buffer): void {
    const rate = this.value('rate');
    if (rate <= 0) {
      if (this.#queue.length === 0) this.out.chunk(data);
      else this.#queue.add(data, 0);
      return;
    }
    const piece = Math.max(1, Math.floor(rate * 100));
    for (let from = 0; from < data.length; from += piece) {
      const part = data.subarray(from, from + piece);
      this.#queue.add(part, this.#take(part.length, rate));
    }
  }

  override end(kind: EndKind): void {
    this.#queue.end(kind);
  }

  override update(attributes: Numbers): void {
    super.update(attributes);
    const rate = this.value('rate');
    this.#freeAt = 0;
    this.#queue.reschedule(({ data }) => (rate <= 0 ? 0 : this.#take(data.length, rate)));
  }

  override release(): void {
    this.#queue.flush();
  }

  override destroy(): void {
    this.#queue.destroy();
  }

  override get isFull(): boolean {
    return this.#queue.bytes >= HELD_BYTES;
  }

  /** Idle time is not saved up. */
  #take(bytes: number, rate: number): number {
    this.#freeAt = Math.max(this.#freeAt, performance.now()) + bytes / rate;
    return this.#freeAt;
  }
}

/** slow_close {delay} ms: the end of the stream passes on so much later. */
class SlowClose extends ToxicStub {
  #timer: NodeJS.Timeout | undefined;
  #waiting: EndKind | undefined;

  push(data: Buffer): void {
    this.out.chunk(data);
  }

  override end(kind: EndKind): void {
    clearTimeout(this.#timer);
    this.#waiting = kind;
    this.#timer = setTimeout(() => this.release(), Math.min(this.value('delay'), LONGEST_MS));
  }

  override update(attributes: Numbers): void {
    super.update(attributes);
    if (this.#waiting !== undefined) this.end(this.#waiting);
  }

  override release(): void {
    clearTimeout(this.#timer);
    const kind = this.#waiting;
    this.#waiting = undefined;
    if (kind !== undefined) this.out.end(kind);
  }

  override destroy(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
  }
}

/** timeout {timeout} ms: drops all data, closes after so long; 0 = never. Its removal closes, since bytes are missing. */
class Timeout extends ToxicStub {
  #timer: NodeJS.Timeout | undefined;

  constructor(out: StubOutput, attributes: Numbers, draw: Draw) {
    super(out, attributes, draw);
    this.#arm();
  }

  push(): void {}

  override end(kind: EndKind): void {
    this.destroy();
    this.out.end(kind);
  }

  override update(attributes: Numbers): void {
    super.update(attributes);
    this.#arm();
  }

  override release(): void {
    this.destroy();
    this.out.end('closed');
  }

  override destroy(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const timeout = this.value('timeout');
    if (timeout > 0) this.#timer = setTimeout(() => this.out.end('closed'), Math.min(timeout, LONGEST_MS));
  }
}

/** reset_peer {timeout} ms: so long after the first data (or end) both sockets are reset. What came meanwhile is held, and passes on if the toxic goes. */
class ResetPeer extends ToxicStub {
  #timer: NodeJS.Timeout | undefined;
  #held: Buffer[] = [];
  #bytes = 0;
  #ending: EndKind | undefined;

  push(data: Buffer): void {
    this.#held.push(data);
    this.#bytes += data.length;
    this.#arm();
  }

  override end(kind: EndKind): void {
    this.#ending = kind;
    this.#arm();
  }

  override update(attributes: Numbers): void {
    super.update(attributes);
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#arm();
  }

  override release(): void {
    clearTimeout(this.#timer);
    for (const data of this.#held.splice(0)) this.out.chunk(data);
    if (this.#ending !== undefined) this.out.end(this.#ending);
  }

  override destroy(): void {
    clearTimeout(this.#timer);
    this.#held = [];
  }

  override get isFull(): boolean {
    return this.#bytes >= HELD_BYTES;
  }

  #arm(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#held = [];
        this.#ending = undefined;
        this.out.end('reset');
      },
      Math.min(this.value('timeout'), LONGEST_MS),
    );
  }
}

/** slicer {average_size, size_variation, delay µs}: many small packets, each at least so long after the one before it left. No average size: nothing is sliced. */
class Slicer extends ToxicStub {
  readonly #queue = new TimedQueue(this.out, {
    onePerTurn: true,
    spacingMs: () => this.value('delay') / 1000,
  });

  push(data: Buffer): void {
    for (const slice of this.#slices(data)) this.#queue.add(slice, 0);
  }

  override end(kind: EndKind): void {
    this.#queue.end(kind);
  }

  override update(attributes: Numbers): void {
    this.#queue.flush();
    super.update(attributes);
  }

  override release(): void {
    this.#queue.flush();
  }

  override destroy(): void {
    this.#queue.destroy();
  }

  override get isFull(): boolean {
    return this.#queue.bytes >= HELD_BYTES;
  }

  /** Halves until a piece is near the average, as the original does, but never outside the piece. */
  #slices(data: Buffer): Buffer[] {
    const average = this.value('average_size');
    const variation = this.value('size_variation');
    if (average < 1 || data.length <= 1 || data.length - average <= variation) return [data];
    const swing = variation > 0 ? Math.floor((this.draw() * 2 - 1) * variation) : 0;
    const middle = Math.min(Math.max(1, Math.floor(data.length / 2) + swing), data.length - 1);
    return [...this.#slices(data.subarray(0, middle)), ...this.#slices(data.subarray(middle))];
  }
}

/** limit_data {bytes}: passes so many, then closes. The count stays over an update. */
class LimitData extends ToxicStub {
  #passed = 0;

  push(data: Buffer): void {
    const rest = Math.max(0, this.value('bytes') - this.#passed);
    const part = data.length <= rest ? data : data.subarray(0, rest);
    this.#passed += part.length;
    if (part.length > 0) this.out.chunk(part);
    if (this.#passed >= this.value('bytes')) this.out.end('closed');
  }
}

const STUBS: Readonly<Record<string, new (out: StubOutput, attributes: Numbers, draw: Draw) => ToxicStub>> = {
  noop: Noop,
  latency: Latency,
  bandwidth: Bandwidth,
  slow_close: SlowClose,
  timeout: Timeout,
  reset_peer: ResetPeer,
  slicer: Slicer,
  limit_data: LimitData,
};
