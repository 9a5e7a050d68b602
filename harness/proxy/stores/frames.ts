/** What a protocol of frames with a length in front says about its frames. */
export interface FrameRules {
  readonly headerBytes: number;
  /** Length of the payload behind this header; NaN when this is no header of the protocol. */
  lengthOf(header: Buffer): number;
  /** A header is whole; `start` is its first byte's offset. Gives back how much of the payload is wanted at the end. */
  begin(header: Buffer, start: number): number;
  /** The frame from `start` is whole, and ends before `end`. */
  end(header: Buffer, payload: Buffer, start: number, end: number): void;
  /** What came is not of the protocol; the reader has stopped. */
  lost(): void;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Finds frames in a stream that comes in any pieces; copies only what is wanted of them. */
export class FrameReader {
  readonly #rules: FrameRules;
  #received = 0;
  #isStopped = false;
  #header: Buffer = NOTHING;
  /** Of the frame whose header is whole. */
  #payloadLeft = 0;
  #captureLeft = 0;
  #captured: Buffer[] = [];
  #isInPayload = false;
  #frameStart = 0;

  constructor(rules: FrameRules) {
    this.#rules = rules;
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
    const missing = this.#rules.headerBytes - this.#header.length;
    const piece = bytes.subarray(at, at + missing);
    const header = this.#header.length === 0 ? piece : Buffer.concat([this.#header, piece]);
    this.#header = header;
    if (header.length < this.#rules.headerBytes) return at + piece.length;
    const length = this.#rules.lengthOf(header);
    if (Number.isNaN(length)) {
      this.#isStopped = true;
      this.#rules.lost();
      return bytes.length;
    }
    this.#isInPayload = true;
    this.#payloadLeft = length;
    this.#captureLeft = Math.min(length, this.#rules.begin(header, this.#frameStart));
    return at + piece.length;
  }

  #takePayload(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#payloadLeft);
    if (this.#captureLeft > 0) {
      const piece = bytes.subarray(at, Math.min(end, at + this.#captureLeft));
      this.#captureLeft -= piece.length;
      this.#captured.push(piece);
    }
    this.#payloadLeft -= end - at;
    return end;
  }

  #finish(end: number): void {
    const header = this.#header;
    const payload =
      this.#captured.length === 1 ? (this.#captured[0] as Buffer) : Buffer.concat(this.#captured);
    this.#header = NOTHING;
    this.#captured = [];
    this.#isInPayload = false;
    const start = this.#frameStart;
    this.#frameStart = end;
    this.#rules.end(header, payload, start, end);
  }
}
