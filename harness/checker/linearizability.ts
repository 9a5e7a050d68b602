/**
 * Wing and Gong's search with Lowe's memo (G. Lowe, Testing for linearizability, 2017) for one customer: a register of
 * points with debits and reads. A second opinion for small histories; the rules judge large ones in linear time.
 */

import type { CustomerCase } from './case.ts';
import { completedAt } from './customer.ts';

/** Closed interval: a tie in time is concurrent. `until` Infinity: never answered. */
export interface Operation {
  readonly from: number;
  readonly until: number;
  /** Points that it takes, or the balance that it read. */
  readonly debit?: number;
  readonly read?: number;
  /** It may never have happened: both ways are right. */
  readonly isOptional?: boolean;
}

/** Orders tried before the search gives up. */
const MAX_STEPS = 200_000;

/**
 * Whether an order exists that respects time and explains every read; undefined when the bound was over first.
 * At most 64 operations: the set of those placed is a bitset of two words.
 */
export function isLinearizable(operations: readonly Operation[], opening: number): boolean | undefined {
  if (operations.length > 64) return undefined;
  return inSequence(operations, opening) || new Search(operations).run(opening);
}

/** Most small histories have nothing concurrent: then there is one order, and it is tried first. */
function inSequence(operations: readonly Operation[], opening: number): boolean {
  let until = -Infinity;
  let balance = opening;
  for (const operation of [...operations].sort((one, two) => one.from - two.from)) {
    if (operation.from <= until || operation.isOptional === true) return false;
    if (operation.read !== undefined && operation.read !== balance) return false;
    balance -= operation.debit ?? 0;
    if (balance < 0) return false;
    until = operation.until;
  }
  return true;
}

class Search {
  readonly #operations: readonly Operation[];
  readonly #seen = new Set<string>();
  #steps = 0;

  constructor(operations: readonly Operation[]) {
    this.#operations = [...operations].sort((one, two) => one.from - two.from);
  }

  run(opening: number): boolean | undefined {
    const found = this.#from(0, 0, opening);
    return this.#steps > MAX_STEPS && !found ? undefined : found;
  }

  /** `low` and `high`: which operations have been placed. */
  #from(low: number, high: number, balance: number): boolean {
    if (++this.#steps > MAX_STEPS) return false;
    const earliestEnd = this.#earliestEnd(low, high);
    // Only optional operations are left: none of them has to happen.
    if (earliestEnd === undefined) return true;
    const name = `${low >>> 0} ${high >>> 0} ${balance}`;
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    for (let index = 0; index < this.#operations.length; index++) {
      const operation = this.#operations[index];
      if (operation === undefined || isPlaced(low, high, index)) continue;
      // Whatever starts after another one has ended comes after it. They are in order of their starts.
      if (operation.from > earliestEnd) break;
      if (operation.read !== undefined && operation.read !== balance) continue;
      const next = balance - (operation.debit ?? 0);
      if (next < 0) continue;
      const [nextLow, nextHigh] = index < 32 ? [low | (1 << index), high] : [low, high | (1 << (index - 32))];
      if (this.#from(nextLow, nextHigh, next)) return true;
    }
    return false;
  }

  /** The earliest end of those that must happen and have not been placed. */
  #earliestEnd(low: number, high: number): number | undefined {
    let earliest: number | undefined;
    this.#operations.forEach((operation, index) => {
      if (operation.isOptional === true || isPlaced(low, high, index)) return;
      earliest = earliest === undefined ? operation.until : Math.min(earliest, operation.until);
    });
    return earliest;
  }
}

function isPlaced(low: number, high: number, index: number): boolean {
  return index < 32 ? (low & (1 << index)) !== 0 : (high & (1 << (index - 32))) !== 0;
}

/**
 * A customer's debits (one for each effect, over the attempts that can have made it) and balance reads. Undefined where
 * an effect has no intent, or nothing was read in between.
 */
export function operationsOf({ customer, effects }: CustomerCase): Operation[] | undefined {
  if (customer.balances.length < 3 || effects.size === 0) return undefined;
  const operations: Operation[] = customer.balances.map(({ at, until, value }) => ({
    from: at,
    until,
    read: value,
  }));
  for (const effect of effects.values()) {
    if (effect.debits === 0) continue;
    const attempts = effect.owner?.attempts;
    if (attempts === undefined || effect.points === undefined) return undefined;
    let from = Infinity;
    let until = Infinity;
    for (const attempt of attempts) {
      from = Math.min(from, attempt.invoke.at);
      const { complete } = attempt;
      if (complete?.outcome === 'ok' && complete.redemption === effect.redemption)
        until = Math.min(until, completedAt(attempt));
    }
    for (let debit = 0; debit < effect.debits; debit++)
      operations.push({
        from,
        until,
        debit: effect.debitedPoints > 0 ? effect.debitedPoints / effect.debits : effect.points,
      });
  }
  return operations;
}
