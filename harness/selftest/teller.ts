/** Decides to whom which lie is told, and tells it: real answers and reads in, what the harness gets to see out. No input or output. */

import type { LedgerConfig } from '../config/define.ts';
import type { Contract } from '../model/contract.ts';
import { uniform } from '../model/decide.ts';
import type { Target } from '../model/target.ts';
import type { Done, Forgery, Lie, Moment } from './forgery.ts';
import type { Call, Wanted } from './wire-calls.ts';
import { isRefusal, redemptionIn, type Told } from './wire-edits.ts';

/** To so many customers of a run each lie is told. */
const QUOTA = 2;

interface Customer {
  readonly done: Map<string, Done>;
  forgery?: Forgery;
  lie?: Lie;
  /** Answers and reads since the lie began. */
  answers: number;
  lists: number;
  balances: number;
}

export interface TellerOptions {
  readonly target: Target;
  readonly contract: Contract;
  /** Customers come back in later iterations: none is left alone on purpose. */
  readonly isListed: boolean;
}

export class Teller {
  readonly #options: TellerOptions;
  readonly #customers = new Map<string, Customer>();
  #wanted: readonly Forgery[] = [];
  #told = new Map<Forgery, string[]>();
  #names = 0;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** From now on these lies are told; customers of before are forgotten. An empty list: the truth. */
  want(forgeries: readonly Forgery[]): void {
    this.#wanted = forgeries;
    this.#told = new Map();
    this.#customers.clear();
  }

  /** The customers to whom each lie was told since. */
  get told(): ReadonlyMap<Forgery, readonly string[]> {
    return this.#told;
  }

  /** A redeem request of this customer was really answered so. */
  answer(customer: string, wanted: Wanted, told: Told): Told {
    const one = this.#customer(customer);
    const moment = this.#momentOf(one, wanted, told);
    if (moment === 'first' && wanted.key !== undefined) one.done.set(wanted.key, this.#doneOf(wanted, told));
    if (one.lie === undefined && moment !== undefined) this.#begin(customer, one, moment, wanted, told);
    if (one.lie?.answer === undefined) return told;
    one.answers += 1;
    return one.lie.answer(told, { key: wanted.key, nth: one.answers });
  }

  read({ kind, customer }: Call, told: Told): Told {
    const one = this.#customers.get(customer);
    if (one?.lie === undefined || told.status !== 200) return told;
    if (kind === 'list') return one.lie.list?.(told, ++one.lists) ?? told;
    return one.lie.balance?.(told, ++one.balances) ?? told;
  }

  ledger(customer: string, ledger: LedgerConfig): LedgerConfig {
    return this.#customers.get(customer)?.lie?.ledger?.(ledger) ?? ledger;
  }

  #customer(name: string): Customer {
    const known = this.#customers.get(name);
    if (known) return known;
    const one: Customer = { done: new Map(), answers: 0, lists: 0, balances: 0 };
    this.#customers.set(name, one);
    return one;
  }

  #momentOf({ done }: Customer, { key, hasManyKeys }: Wanted, told: Told): Moment | undefined {
    const { target, contract } = this.#options;
    const isOk = told.status >= 200 && told.status < 300;
    if (hasManyKeys) return undefined;
    if (isOk && key !== undefined) return done.has(key) ? 'replay' : 'first';
    if (isOk || done.size === 0) return undefined;
    const is = (row: unknown): boolean => isRefusal(target, told, row);
    if (key === undefined) return is(contract.missingKey) ? 'missing-key' : undefined;
    if (!done.has(key) && is(contract.malformedKey)) return 'malformed-key';
    if (done.has(key) && is(contract.otherPayload)) return 'other-payload';
    if (done.has(key) && is(contract.expiredKey)) return 'expired';
    return !done.has(key) && is(contract.duplicateIntent) ? 'second-key' : undefined;
  }

  #doneOf({ key = '', reward }: Wanted, told: Told): Done {
    const { target } = this.#options;
    const redemption = redemptionIn(target, told);
    const points = target.rewards.find(({ id }) => id === reward)?.points ?? target.rewards[0]?.points ?? 0;
    return { key, told, points, ...(redemption !== undefined && { redemption }) };
  }

  #begin(name: string, one: Customer, moment: Moment, { key }: Wanted, told: Told): void {
    if (!this.#isOpen(name, moment)) return;
    const candidates = this.#wanted
      .filter((forgery) => forgery.moment === moment && this.#toldTo(forgery).length < QUOTA)
      .toSorted((a, b) => this.#toldTo(a).length - this.#toldTo(b).length);
    const done = one.done.get(key ?? '') ?? [...one.done.values()][0];
    if (done === undefined) return;
    for (const forgery of candidates) {
      const { target, contract } = this.#options;
      this.#names += 1;
      const newName = `${done.redemption ?? 'redemption'}-${this.#names}`;
      const lie = forgery.begin({ target, contract, key, told, done, other: this.#otherOf(name), newName });
      if (lie === undefined) continue;
      one.forgery = forgery;
      one.lie = lie;
      this.#told.set(forgery, [...this.#toldTo(forgery), name]);
      return;
    }
  }

  /**
   * A third of the customers is left alone: nothing may be found at them. A third waits for the rare moments, which come
   * after a first redemption: whoever is lied to about that one meets them no more.
   */
  #isOpen(name: string, moment: Moment): boolean {
    const share = uniform('selftest', name);
    const isCommon = moment === 'first';
    if (this.#options.isListed) return true;
    return isCommon ? share < 1 / 3 : share < 2 / 3;
  }

  #toldTo(forgery: Forgery): readonly string[] {
    return this.#told.get(forgery) ?? [];
  }

  #otherOf(name: string): { readonly customer: string; readonly done: Done } | undefined {
    for (const [customer, { done, lie }] of this.#customers) {
      const [first] = done.values();
      if (customer !== name && lie === undefined && first !== undefined) return { customer, done: first };
    }
    return undefined;
  }
}
