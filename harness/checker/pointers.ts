/** Pointers of a config that never found anything: what would have been read by them was not judged, and data is not lost. */

import type { CompleteEvent, InvokeEvent, ObserveEvent, RunEvent } from '../history/events.ts';
import type { Contract } from '../model/contract.ts';
import { REFUSAL_ROWS, refusalOf } from '../model/refusals.ts';
import type { Findings } from './findings.ts';

/** Of an answer's members the one that a pointer fills. */
const IN_ANSWER = {
  'answer.redemption': 'redemption',
  'answer.customer': 'customer',
  'answer.balance': 'balance',
} as const;

/** Of a listed redemption's. */
const IN_LIST = {
  'redemptions.redemption': 'redemption',
  'redemptions.clientRedemptionId': 'clientRedemptionId',
  'redemptions.reward': 'reward',
  'redemptions.points': 'points',
} as const;

export class PointerLog {
  /** Those that have found nothing yet, with how often they could have. */
  readonly #pending = new Map<string, number>();
  #pointers: RunEvent['pointers'] = {};
  #contract: Contract | undefined;
  #sendsNames = false;

  run({ pointers = {} }: RunEvent, contract: Contract): void {
    this.#pointers = pointers;
    this.#contract = contract;
    for (const name of Object.keys(pointers)) this.#pending.set(name, 0);
  }

  /** A list can show the client's own names only where the requests hold some. */
  sent({ clientRedemptionId }: InvokeEvent): void {
    if (clientRedemptionId !== undefined) this.#sendsNames = true;
  }

  answered(complete: CompleteEvent): void {
    if (this.#pending.size === 0 || complete.by !== 'server') return;
    // An answer without a body has nothing to point into.
    if (complete.outcome === 'ok' && complete.bodyHash !== undefined)
      for (const [name, member] of Object.entries(IN_ANSWER))
        this.#note(name, complete[member] !== undefined);
    if (complete.outcome === 'fail' && this.#promisesCode(complete.status))
      this.#note('answer.code', complete.code !== undefined);
  }

  listed(read: ObserveEvent): void {
    if (this.#pending.size === 0 || read.what !== 'redemptions') return;
    for (const item of read.value)
      for (const [name, member] of Object.entries(IN_LIST))
        if (member !== 'clientRedemptionId' || this.#sendsNames)
          this.#note(name, item[member] !== undefined && item[member] !== '');
  }

  /** What has found nothing yet, with how often it could have. */
  pending(): readonly (readonly [string, number])[] {
    return [...this.#pending];
  }

  /** The pending ones of others that saw the rest of the run: what one of them found is found. */
  join(others: readonly (readonly (readonly [string, number])[])[]): void {
    const counts = others.map((pending) => new Map(pending));
    for (const [name, count] of [...this.#pending]) {
      if (counts.some((each) => !each.has(name))) this.#pending.delete(name);
      else
        this.#pending.set(
          name,
          counts.reduce((sum, each) => sum + (each.get(name) ?? 0), count),
        );
    }
  }

  /** Somebody else saw that the requests hold names of the client's own. */
  sentNames(): void {
    this.#sendsNames = true;
  }

  doubt(findings: Findings): void {
    const lost = [...this.#pending].filter(([, count]) => count > 0).map(([name]) => name);
    const [first] = lost;
    if (first === undefined) return;
    const shown = lost.map((name) => `${name} (${this.#pointers?.[name]})`).join(', ');
    findings.doubt('pointer', shown);
  }

  #note(name: string, isFound: boolean): void {
    const count = this.#pending.get(name);
    if (count === undefined) return;
    if (isFound) this.#pending.delete(name);
    else this.#pending.set(name, count + 1);
  }

  #promisesCode(status: number | undefined): boolean {
    const contract = this.#contract;
    if (contract === undefined) return false;
    return REFUSAL_ROWS.some((row) => {
      const refusal = refusalOf(contract, row);
      return refusal?.status === status && refusal?.code !== undefined;
    });
  }
}

/** A list none of whose rows has an id was read by a wrong pointer: it says nothing of what is there. */
export function isNameless(read: ObserveEvent): boolean {
  return (
    read.what === 'redemptions' &&
    read.value.length > 0 &&
    read.value.every(({ redemption }) => redemption === '')
  );
}
