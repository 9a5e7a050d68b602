/**
 * What is left of a customer whose books are closed: 40 bytes, of at most 65,536 of them, drawn by the seed beyond that.
 * A later reading is compared with it.
 */

import { uniform } from '../model/decide.ts';
import type { Customer } from './customer.ts';
import { holdsPoints } from '../model/protocol.ts';

export interface Statement {
  /** Debits in the ledger and redemptions in the list. */
  readonly count: number;
  /** Order-free hash of their ids. */
  readonly ids: number;
  /** NaN: not read. */
  readonly balance: number;
  /** Something of it may lawfully have come later: a request that nobody could settle. */
  readonly isOpen: boolean;
  /**
   * Intents that may still be finished by the server itself: an attempt of theirs got no answer, and no answer said
   * "no effect" (that the key has expired does not say it). At most 4,095, with all their points.
   */
  readonly unfinished: Unfinished;
}

export interface Unfinished {
  readonly count: number;
  readonly points: number;
}

const MOST = 65_536;
/** Points beside a count in one cell: together below 2^53. */
const POINTS_LIMIT = 2 ** 40;
const COUNT_LIMIT = 4095;
/** Twice as many places as statements, so that a free one is near. */
const PLACES = 2 * MOST;
const WIDTH = 5;

export class Statements {
  #cells = new Float64Array(0);
  #size = 0;
  /** Names whose number is below it are kept. */
  #share = 1;

  put(seed: string, name: string, { count, ids, balance, isOpen, unfinished }: Statement): void {
    const number = numberOf(seed, name);
    if (number >= this.#share) return;
    if (this.#cells.length === 0) this.#cells = new Float64Array(PLACES * WIDTH);
    this.#set(number, count, ids, balance, packed(isOpen, unfinished));
    if (this.#size > MOST) this.#halve();
  }

  get(seed: string, name: string): Statement | undefined {
    if (this.#size === 0) return undefined;
    const number = numberOf(seed, name);
    const at = this.#placeOf(number);
    if (this.#cells[at] !== number) return undefined;
    const [count = 0, ids = 0, balance = NaN, open = 0] = this.#cells.subarray(at + 1, at + WIDTH);
    return { count, ids, balance, ...unpacked(open) };
  }

  /** Cell by cell: a list for each of them is what a long run would pay most for here. */
  #set(number: number, count: number, ids: number, balance: number, open: number): void {
    const cells = this.#cells;
    const at = this.#placeOf(number);
    if (cells[at] === 0) this.#size += 1;
    cells[at] = number;
    cells[at + 1] = count;
    cells[at + 2] = ids;
    cells[at + 3] = balance;
    cells[at + 4] = open;
  }

  #placeOf(number: number): number {
    let place = Math.floor((number * 0x1_0000_0000) % PLACES);
    for (;;) {
      const found = this.#cells[place * WIDTH];
      if (found === 0 || found === number) return place * WIDTH;
      place = (place + 1) % PLACES;
    }
  }

  #halve(): void {
    const old = this.#cells;
    this.#share /= 2;
    this.#cells = new Float64Array(PLACES * WIDTH);
    this.#size = 0;
    for (let at = 0; at < old.length; at += WIDTH) {
      const number = old[at] ?? 0;
      if (number === 0 || number >= this.#share) continue;
      const [count = 0, ids = 0, balance = NaN, open = 0] = old.subarray(at + 1, at + WIDTH);
      this.#set(number, count, ids, balance, open);
    }
  }
}

/** What its last readings say. */
export function statementOf({
  lastList,
  lastLedger,
  balances,
}: Customer): Omit<Statement, 'isOpen' | 'unfinished'> {
  let count = 0;
  let ids = 0;
  for (const item of lastList?.value ?? []) {
    if (!holdsPoints(item)) continue;
    count += 1;
    ids = (ids + hashOf(item.redemption)) >>> 0;
  }
  // Another factor, so that a row and a debit do not stand for each other.
  for (const debit of lastLedger?.value ?? []) {
    count += 1;
    ids = (ids + Math.imul(hashOf(debit.redemption_id), 0x9e3779b1)) >>> 0;
  }
  return { count, ids, balance: balances.at(-1)?.value ?? NaN };
}

/** Count and points, and the sign for what is open. */
function packed(isOpen: boolean, { count, points }: Unfinished): number {
  const cell = Math.min(count, COUNT_LIMIT) * POINTS_LIMIT + Math.min(points, POINTS_LIMIT - 1);
  return isOpen ? -1 - cell : cell;
}

function unpacked(open: number): Pick<Statement, 'isOpen' | 'unfinished'> {
  const cell = open < 0 ? -1 - open : open;
  const points = cell % POINTS_LIMIT;
  return { isOpen: open < 0, unfinished: { count: (cell - points) / POINTS_LIMIT, points } };
}

/** In (0, 1): 0 marks a free place. */
function numberOf(seed: string, name: string): number {
  return uniform(seed, 'late', name) || Number.EPSILON;
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
