/** Requests that leave together: all but the last body byte is written, then all last bytes in one turn of the event loop. */
import { TrendSink } from './trend.ts';

/** How long a group waits for its missing members before it leaves without them. */
export const GUARD_MS = 1_000;
/** Between the last head on its way and the release: time for the heads to be read by a server nearby. */
const SETTLE_MS = 5;

/** Measured spreads of a run, in microseconds. */
export class Spreads {
  groups = 0;
  brokenUp = 0;
  readonly microseconds = new TrendSink();
}

/** Where the requests of one VU gather, by the size of group that they asked for. */
export class Gate {
  private readonly spreads: Spreads;
  private readonly open = new Map<number, Group>();

  constructor(spreads: Spreads) {
    this.spreads = spreads;
  }

  /** A seat in the group of `size` that is filling up. */
  join(size: number): Seat {
    let group = this.open.get(size);
    if (group === undefined) {
      group = new Group(size, this.spreads, () => this.open.delete(size));
      this.open.set(size, group);
    }
    return group.join();
  }
}

/** So many requests as were asked for, or those of them that came in time. */
class Group {
  private readonly size: number;
  private readonly spreads: Spreads;
  private readonly onFull: () => void;
  private readonly seats: Seat[] = [];
  private readonly guard: NodeJS.Timeout;
  private readyCount = 0;
  private lostCount = 0;
  private leftCount = 0;
  private isReleased = false;
  private isSettling = false;
  private isBroken = false;
  private firstAt = 0;
  private lastAt = 0;

  constructor(size: number, spreads: Spreads, onFull: () => void) {
    this.size = size;
    this.spreads = spreads;
    this.onFull = onFull;
    this.guard = setTimeout(() => this.release(), GUARD_MS);
  }

  join(): Seat {
    const seat = new Seat(this);
    this.seats.push(seat);
    // The next request of that size opens a new group.
    if (this.seats.length === this.size) this.onFull();
    return seat;
  }

  ready(): void {
    this.readyCount++;
    this.check();
  }

  /** A member that will never leave: its connection failed, its time was up, or the script was stopped. */
  lost(wasReady: boolean): void {
    if (this.isReleased) {
      this.breakUp();
      return;
    }
    if (wasReady) this.readyCount--;
    this.lostCount++;
    this.check();
  }

  /** A member's last byte was handed to its socket at `at` (performance.now). */
  left(at: number): void {
    this.firstAt = this.leftCount === 0 ? at : Math.min(this.firstAt, at);
    this.lastAt = Math.max(this.lastAt, at);
    this.leftCount++;
    if (this.leftCount !== this.size) return;
    this.spreads.groups++;
    this.spreads.microseconds.add((this.lastAt - this.firstAt) * 1_000);
  }

  get hasLeft(): boolean {
    return this.isReleased;
  }

  private check(): void {
    if (this.isReleased || this.isSettling) return;
    if (this.seats.length < this.size && !this.isAbandoned) return;
    if (this.readyCount + this.lostCount < this.seats.length) return;
    this.isSettling = true;
    clearTimeout(this.guard);
    if (this.isAbandoned) this.release();
    else setTimeout(() => this.release(), SETTLE_MS);
  }

  /** Counted once, however many are missing. */
  private breakUp(): void {
    if (!this.isBroken) this.spreads.brokenUp++;
    this.isBroken = true;
  }

  private get isAbandoned(): boolean {
    return this.lostCount === this.seats.length;
  }

  private release(): void {
    clearTimeout(this.guard);
    this.isReleased = true;
    this.onFull();
    if (this.readyCount < this.size) this.breakUp();
    for (const seat of this.seats) seat.go();
  }
}

/** One member's place in its group. */
export class Seat {
  private readonly group: Group;
  private resume: (() => void) | undefined = undefined;
  private isReady = false;
  private isOver = false;

  constructor(group: Group) {
    this.group = group;
  }

  /** All but the last byte is on its way: `resume` is called when all leave. */
  hold(resume: () => void): void {
    if (this.group.hasLeft || this.isOver) {
      resume();
      return;
    }
    this.resume = resume;
    this.isReady = true;
    this.group.ready();
  }

  /** The last byte was handed to the socket. */
  left(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.group.left(performance.now());
  }

  /** The request ended before it left. */
  lose(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.resume = undefined;
    this.group.lost(this.isReady);
  }

  go(): void {
    const { resume } = this;
    this.resume = undefined;
    resume?.();
  }
}

const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** A request body that keeps its last byte back until its group leaves. At least one byte long. */
export class HeldBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  private readonly bytes: Buffer;
  private readonly seat: Seat;
  private readonly onLeft: () => void;
  private step = 0;

  constructor(bytes: Buffer, seat: Seat, onLeft: () => void) {
    this.bytes = bytes;
    this.seat = seat;
    this.onLeft = onLeft;
    // With a single byte there is nothing to send before it.
    if (bytes.length === 1) this.step = 1;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.step++;
    if (this.step === 1) return Promise.resolve({ done: false, value: this.bytes.subarray(0, -1) });
    if (this.step === 2) return this.last();
    this.seat.left();
    this.onLeft();
    return Promise.resolve(DONE);
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.seat.lose();
    return Promise.resolve(DONE);
  }

  private last(): Promise<IteratorResult<Uint8Array>> {
    const value = this.bytes.subarray(-1);
    return new Promise((resolve) => {
      this.seat.hold(() => resolve({ done: false, value }));
    });
  }
}
