/** What a protocol of frames with a length in front says about its frames. */
export interface FrameRules {
  readonly headerBytes: number;
  /** Length of the payload behind the header at this place; NaN when this is no header of the protocol. */
  lengthOf(bytes: Buffer, at: number): number;
  /** The header at this place is whole; `start` is its offset in the stream. Gives back how much of the payload is wanted. */
  begin(bytes: Buffer, at: number, start: number): number;
  /** The frame from `start` is whole, and ends before `end`; `payload` is what was wanted of it. */
  end(payload: Buffer, start: number, end: number): void;
  /** What came is not of the protocol; the reader has stopped. */
  lost(): void;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Finds frames in a stream that comes in any pieces; copies only what is wanted of them. */
export class FrameReader {
  readonly #rules: FrameRules;
  readonly #header: Buffer;
  #headerBytes = 0;
  #received = 0;
  #isStopped = false;
  /** Of the frame whose header is whole. */
  #payloadLeft = 0;
  #wantedLeft = 0;
  #payload = NOTHING;
  #isInPayload = false;
  #frameStart = 0;

  constructor(rules: FrameRules) {
    this.#rules = rules;
    this.#header = Buffer.alloc(rules.headerBytes);
  }

  get received(): number {
    return this.#received;
  }

  /** Where the frame begins whose end has not come, or the offset behind the last byte. */
  get frameStart(): number {
    return this.#isStopped ? this.#received : this.#frameStart;
  }

  /** Frames begin behind so many bytes that were read by others. */
  startAt(offset: number): void {
    this.#received = offset;
    this.#frameStart = offset;
  }

  /** Reads nothing more; what comes is only counted. */
  stop(): void {
    this.#isStopped = true;
  }

  take(bytes: Buffer): void {
    const base = this.#received;
    this.#received += bytes.length;
    let at = 0;
    while (at < bytes.length && !this.#isStopped) {
      at = this.#isInPayload ? this.#takePayload(bytes, at) : this.#takeHeader(bytes, at);
      if (this.#isInPayload && this.#payloadLeft === 0) this.#finish(base + at);
    }
  }

  #takeHeader(bytes: Buffer, at: number): number {
    const size = this.#rules.headerBytes;
    if (this.#headerBytes === 0 && bytes.length - at >= size) {
      this.#begin(bytes, at);
      return at + size;
    }
    // It came in pieces.
    const end = Math.min(bytes.length, at + size - this.#headerBytes);
    bytes.copy(this.#header, this.#headerBytes, at, end);
    this.#headerBytes += end - at;
    if (this.#headerBytes === size) {
      this.#headerBytes = 0;
      this.#begin(this.#header, 0);
    }
    return end;
  }

  #begin(bytes: Buffer, at: number): void {
    const length = this.#rules.lengthOf(bytes, at);
    if (Number.isNaN(length)) {
      this.#isStopped = true;
      this.#rules.lost();
      return;
    }
    this.#isInPayload = true;
    this.#payloadLeft = length;
    this.#wantedLeft = Math.min(length, this.#rules.begin(bytes, at, this.#frameStart));
  }

  #takePayload(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#payloadLeft);
    if (this.#wantedLeft > 0) {
      const piece = bytes.subarray(at, Math.min(end, at + this.#wantedLeft));
      this.#wantedLeft -= piece.length;
      this.#payload = this.#payload.length === 0 ? piece : Buffer.concat([this.#payload, piece]);
    }
    this.#payloadLeft -= end - at;
    return end;
  }

  #finish(end: number): void {
    const [payload, start] = [this.#payload, this.#frameStart];
    this.#payload = NOTHING;
    this.#isInPayload = false;
    this.#frameStart = end;
    this.#rules.end(payload, start, end);
  }
}
