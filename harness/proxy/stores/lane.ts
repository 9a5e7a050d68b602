import type { Socket } from 'node:net';

/** Withheld bytes beyond this make the sender wait. */
const MAX_WAITING_BYTES = 48 * 1024 * 1024;

/** One direction of a connection: passes bytes in order up to a limit, at once where the limit lets them. */
export class Lane {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #passed = 0;
  #limit = Number.POSITIVE_INFINITY;
  #isFinished = false;
  #isClosed = false;
  #isSinkFull = false;

  constructor(source: Socket, sink: Socket) {
    this.#source = source;
    this.#sink = sink;
    sink.on('drain', () => {
      this.#isSinkFull = false;
      this.#regulate();
    });
  }

  /** Bytes passed so far, which is also the offset of the first one that was not. */
  get passed(): number {
    return this.#passed;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  push(bytes: Buffer): void {
    if (this.#isClosed || bytes.length === 0) return;
    if (this.#waitingBytes === 0 && this.#passed + bytes.length <= this.#limit) {
      this.#write(bytes);
    } else {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      this.#flush();
    }
    this.#regulate();
  }

  /** Bytes from this offset on wait. */
  limitTo(offset: number): void {
    this.#limit = offset;
    if (this.#waitingBytes === 0) return;
    this.#flush();
    this.#regulate();
  }

  /** The source has no more: the sink is told so behind the last byte that waits. */
  finish(): void {
    this.#isFinished = true;
    if (this.#waitingBytes === 0 && !this.#isClosed) this.#sink.end();
  }

  /** Passes nothing more; what comes now is read and forgotten, so that the end behind it is seen. */
  discard(): void {
    this.#isClosed = true;
    this.#isSinkFull = false;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#regulate();
  }

  #flush(): void {
    while (this.#waitingBytes > 0 && this.#passed < this.#limit) {
      const first = this.#waiting[0] as Buffer;
      const room = this.#limit - this.#passed;
      if (first.length > room) {
        this.#waiting[0] = first.subarray(room);
        this.#waitingBytes -= room;
        this.#write(first.subarray(0, room));
        return;
      }
      this.#waiting.shift();
      this.#waitingBytes -= first.length;
      this.#write(first);
    }
    if (this.#waitingBytes === 0 && this.#isFinished) this.#sink.end();
  }

  #write(bytes: Buffer): void {
    this.#passed += bytes.length;
    if (!this.#sink.writable) return;
    if (!this.#sink.write(bytes)) this.#isSinkFull = true;
  }

  #regulate(): void {
    const mustWait = this.#isSinkFull || this.#waitingBytes > MAX_WAITING_BYTES;
    if (mustWait === this.#source.isPaused() || this.#source.destroyed) return;
    if (mustWait) this.#source.pause();
    else this.#source.resume();
  }
}
