/**
 * How the one thread that sees a whole history tells the others what to do, in the order of the history: many orders in a
 * parcel of plain numbers that point into shared memory, where the lines stand.
 */

/** What to do. Those with a line read it where it stands. */
export const ORDERS = {
  run: 1,
  invoke: 2,
  complete: 3,
  arrival: 4,
  observe: 5,
  fault: 6,
  clock: 7,
  credit: 8,
  audited: 9,
  /** Closes the books of the customer in a seat. */
  judge: 10,
  /** Whether the customer in a seat has finished a key: a `Question` in `more`. */
  ask: 11,
  /** What came of a question: a `Told` in `more`. */
  told: 12,
  /** A ledger tells of issued rewards somewhere. */
  rewards: 13,
  /** Requests hold names of the client's own. */
  names: 14,
  /** An event that came before its invoke: in `more`. */
  early: 15,
  /** As `ask`, of an attempt of the same part: an `Own` in `more`. */
  askOwn: 16,
} as const;
export type Order = (typeof ORDERS)[keyof typeof ORDERS];

/** Beside an order, in one number with it. */
export const MARKS = {
  /** The customer is opened by it. */
  opens: 1 << 8,
  /** It was judged and dropped before. */
  reopens: 1 << 9,
  /** The attempt is there already. */
  twice: 1 << 10,
  /** Its key is another customer's too. */
  foreign: 1 << 11,
  /** Copies have come for somebody whose books were closed. */
  hasLate: 1 << 12,
  /** What is left of the customer is still at hand. */
  remembered: 1 << 13,
  /** The history ended before it was read back. */
  unaudited: 1 << 14,
  /** The line tells of issued rewards. */
  tellsRewards: 1 << 15,
  /** The customer is of this part. */
  own: 1 << 16,
} as const;

export interface Question {
  readonly number: number;
  readonly key: string;
  /** When it was sent for another customer, ms. */
  readonly at: number;
}

export interface OwnQuestion extends Omit<Question, 'number'> {
  readonly attempt: string;
}

export interface Told {
  readonly attempt: string;
  readonly isFinished: boolean;
}

/** A piece of a file that lies in shared memory from now on. */
export interface Load {
  readonly shelf: number;
  readonly bytes: number;
  /** All of it is ASCII: a byte is a character. */
  readonly isPlain: boolean;
  /** Which of several files; undefined where there is only one. */
  readonly file: number | undefined;
  /** By how much its clock is moved, ms. */
  readonly shiftMs: number;
}

export interface Parcel {
  readonly number: number;
  readonly loads: readonly Load[];
  /** `WIDTH` numbers an order. */
  readonly orders: Int32Array;
  /** Place in the history and, of a line, the time in it: two an order. */
  readonly times: Float64Array;
  readonly more: readonly unknown[];
}

/** Order and marks, shelf, first byte, last byte, seat (or number in `more`), hash of names. */
export const WIDTH = 6;

/** A question's answer. */
export interface Answer {
  readonly number: number;
  readonly isFinished: boolean;
}

/** By what the reader of an invoke sees that he reads the names that were seen before: FNV-1a. */
export function namesHash(attempt: string, key: string | readonly string[] | undefined): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < attempt.length; index++)
    hash = Math.imul(hash ^ attempt.charCodeAt(index), 0x01000193);
  const text = typeof key === 'string' ? key : key === undefined ? '-' : key.join(',');
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}

/** One that is being put together. Grows. */
export class ParcelWriter {
  #orders = new Int32Array(WIDTH * 256);
  #times = new Float64Array(2 * 256);
  #loads: Load[] = [];
  #more: unknown[] = [];
  size = 0;

  load(load: Load): void {
    this.#loads.push(load);
  }

  /** Number of what is added, for the order that speaks of it. */
  add(more: unknown): number {
    return this.#more.push(more) - 1;
  }

  /** An order without a line has `shelf` -1. */
  put(order: number, line: Line, seat: number, hash: number, place: number): void {
    if ((this.size + 1) * WIDTH > this.#orders.length) this.#grow();
    const at = this.size * WIDTH;
    const orders = this.#orders;
    orders[at] = order;
    orders[at + 1] = line.shelf;
    orders[at + 2] = line.start;
    orders[at + 3] = line.end;
    orders[at + 4] = seat;
    orders[at + 5] = hash;
    this.#times[2 * this.size] = place;
    this.#times[2 * this.size + 1] = line.at;
    this.size += 1;
  }

  /** What was put together, and an empty one in its place. */
  take(number: number): Parcel {
    const parcel = {
      number,
      loads: this.#loads,
      orders: this.#orders.subarray(0, this.size * WIDTH).slice(),
      times: this.#times.subarray(0, this.size * 2).slice(),
      more: this.#more,
    };
    this.#loads = [];
    this.#more = [];
    this.size = 0;
    return parcel;
  }

  #grow(): void {
    const orders = new Int32Array(this.#orders.length * 2);
    orders.set(this.#orders);
    this.#orders = orders;
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
  }
}

/** Where a line stands, and its time by the writer's own clock. */
export interface Line {
  shelf: number;
  start: number;
  end: number;
  at: number;
}
