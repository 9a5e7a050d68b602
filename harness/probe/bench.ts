/** What the rows of a probe work with: customers, keys, a clock, handlers that fail, and one careful client. */

import { coversDuplicates } from '../model/contract.ts';
import { CustomerGone } from '../audit/read-back.ts';
import { uuidFrom } from '../model/decide.ts';
import type { Target } from '../model/target.ts';
import { Account } from './account.ts';
import type { BenchOptions, Desk } from './desk.ts';
import { booksOf, type Books } from './books.ts';
import { Unseen } from './row.ts';
import { Sender } from './sender.ts';

export interface AccountAsked {
  readonly points?: number;
  readonly isAlone?: boolean;
}

/** A customer that is made gets points for so many redemptions. */
const REDEMPTIONS = 40;
/** A customer that exists has to have points for so many. */
const LEAST_REDEMPTIONS = 3;
/** A window in which two redemptions look like one is waited out so long. ms */
const MOST_WINDOW_MS = 10_000;

export class Bench implements Desk {
  readonly options: BenchOptions;
  readonly sender: Sender;
  readonly accounts: Account[] = [];
  /** Requests that were sent, reads included. */
  requestCount = 0;
  readonly #shared = new Map<string, Promise<unknown>>();
  readonly #usedAt = new Map<string, number>();
  #keys = 0;
  #names = 0;
  #nextAt = 0;

  constructor(options: BenchOptions) {
    this.options = options;
    this.sender = new Sender({ ...options, turn: () => this.turn() });
  }

  /** In the order of their prices. */
  get rewards(): Target['rewards'] {
    return this.options.target.rewards.toSorted((one, other) => one.points - other.points);
  }

  key(): string {
    return uuidFrom('probe', this.options.runId, (this.#keys += 1));
  }

  name(): string {
    return `${this.options.runId}-${(this.#names += 1)}`;
  }

  /** A look that several rows share is made once. */
  async once<T>(name: string, look: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(name) ?? look();
    this.#shared.set(name, known);
    return (await known) as T;
  }

  /** One request after the other, no faster than the endpoint's owner allows. Throws `Unseen` after Ctrl-C. */
  async turn(): Promise<void> {
    const { now, sleep, requestsPerSecond, signal } = this.options;
    if (signal.aborted) throw new Unseen('the probe was interrupted');
    const at = Math.max(now(), this.#nextAt);
    this.#nextAt = at + 1000 / requestsPerSecond;
    this.requestCount += 1;
    const ms = at - now();
    if (ms >= 1) await sleep(ms);
  }

  /**
   * A customer of its own, or the one of the list that was idle for longest; `isAlone`: nothing that it did before looks like
   * what comes now, named or not. Exact points only where it is made.
   */
  async account({ points, isAlone = false }: AccountAsked = {}): Promise<Account> {
    const { provision, tokenFor } = this.options;
    if (provision === undefined) {
      if (points !== undefined)
        throw new Unseen('no customer with chosen points can be made: hooks.provision');
      return await this.#listed(isAlone);
    }
    const id = `cust_${this.options.runId}_p${this.accounts.length + 1}`;
    const price = Math.max(...this.rewards.map((reward) => reward.points));
    await this.turn();
    const own = await provision(id, points ?? REDEMPTIONS * price).catch((error: unknown) => {
      throw new Unseen(`hooks.provision: ${error instanceof Error ? error.message : String(error)}`);
    });
    return await this.#opened(id, await tokenFor(id), own);
  }

  /** A second customer beside one. */
  async other(than: Account): Promise<Account> {
    const { provision, customers } = this.options;
    if (provision !== undefined) return await this.account();
    const id = customers.find((customer) => customer !== than.id);
    if (id === undefined) throw new Unseen('there is only one customer');
    return await this.#opened(id, await this.options.tokenFor(id), undefined);
  }

  /** All that can be read of a customer; one that is not known has nothing. */
  async books(customer: string): Promise<Books> {
    const { capabilities, read, now } = this.options;
    const { balance, redemptions, ledger } = capabilities;
    const kinds = [balance, redemptions, ledger].filter(Boolean).length;
    if (kinds === 0) return {};
    for (let index = 0; index < kinds; index++) await this.turn();
    try {
      return booksOf(await read.read(customer, now));
    } catch (error) {
      if (error instanceof CustomerGone) return booksOf(error.events);
      throw new Unseen(`the books cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Nobody used the customer after it: what comes into its books now is its own. */
  isLast(account: Account): boolean {
    return this.accounts.findLast(({ id }) => id === account.id) === account;
  }

  close(): void {
    this.sender.close();
  }

  async #listed(isAlone: boolean): Promise<Account> {
    const { customers, tokenFor, now, sleep, contract, target } = this.options;
    const price = this.rewards[0]?.points ?? 1;
    const idle = customers.toSorted((one, other) => this.#used(one) - this.#used(other));
    for (const id of idle) {
      const books = await this.books(id);
      if (books.balance !== undefined && books.balance < LEAST_REDEMPTIONS * price) continue;
      const isNamed = target.sendsClientRedemptionId && !isAlone;
      const windowMs = coversDuplicates(contract) && !isNamed ? contract.duplicateWindowMs : 0;
      const waitMs = this.#used(id) + Math.min(windowMs, MOST_WINDOW_MS) - now();
      if (waitMs > 0) await sleep(waitMs);
      return await this.#opened(id, await tokenFor(id), undefined);
    }
    throw new Unseen(`no listed customer has points for ${LEAST_REDEMPTIONS} redemptions`);
  }

  #used(customer: string): number {
    return this.#usedAt.get(customer) ?? 0;
  }

  async #opened(id: string, token: string, own: string | undefined): Promise<Account> {
    const account = new Account(this, id, token, own, await this.books(id));
    this.accounts.push(account);
    this.#usedAt.set(id, this.options.now());
    return account;
  }

  /** Whoever uses a listed customer says when. */
  used(customer: string): void {
    this.#usedAt.set(customer, this.options.now());
  }
}
