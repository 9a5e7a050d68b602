/**
 * Whether the names that a target shows are ours: a ledger may keep keys, or rewards, under names of its own. Then a
 * strange one says nothing; where others are as they were sent, it does. Known only when the whole run has been seen.
 */

import type { Findings } from './findings.ts';

/** `keys` are only looked at as long as nothing has been found in the whole run. */
export type Namespace = 'keys' | 'rewards';

/** A name of a space, and the place of the history at which it was looked at. */
export interface Named {
  readonly space: Namespace;
  readonly place: number;
}

/** Of many strange names the first are kept. */
export const KEPT_STRANGE = 100;

export class Namespaces {
  /** Where in the history we are. */
  place = 0;
  readonly #ours = new Map<Namespace, number>();
  readonly #strange: (Named & { readonly tell: (findings: Findings) => void })[] = [];

  /** A name was found as it had been sent. */
  known(space: Namespace): void {
    if (!this.#ours.has(space)) this.#ours.set(space, this.place);
  }

  /** One was not; told once others were. */
  strange(space: Namespace, tell: (findings: Findings) => void): void {
    if (this.#strange.length < KEPT_STRANGE) this.#strange.push({ space, place: this.place, tell });
  }

  tell(findings: Findings): void {
    for (const { space, tell } of this.#strange) if (this.#ours.has(space)) tell(findings);
  }

  /** The strange one of this number, whatever is known here of its space. */
  tellOne(index: number, findings: Findings): void {
    this.#strange[index]?.tell(findings);
  }

  /** What a part of the customers has shown; the strange ones by their numbers. */
  part(): { readonly ours: readonly Named[]; readonly strange: readonly Named[] } {
    return {
      ours: [...this.#ours].map(([space, place]) => ({ space, place })),
      strange: this.#strange.map(({ space, place }) => ({ space, place })),
    };
  }
}
