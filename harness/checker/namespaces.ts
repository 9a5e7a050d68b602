/**
 * Whether the names that a target shows are ours: a ledger may keep keys, or rewards, under names of its own. Then a
 * strange one says nothing; where others are as they were sent, it does. Known only when the whole run has been seen.
 */

import type { Findings } from './findings.ts';

export type Namespace = 'keys' | 'rewards';

/** Of many strange names the first are kept. */
const KEPT = 100;

export class Namespaces {
  readonly #ours = new Set<Namespace>();
  readonly #strange: { readonly space: Namespace; readonly tell: (findings: Findings) => void }[] = [];

  /** A name was found as it had been sent. */
  known(space: Namespace): void {
    this.#ours.add(space);
  }

  /** One was not; told once others were. */
  strange(space: Namespace, tell: (findings: Findings) => void): void {
    if (this.#strange.length < KEPT) this.#strange.push({ space, tell });
  }

  tell(findings: Findings): void {
    for (const { space, tell } of this.#strange) if (this.#ours.has(space)) tell(findings);
  }
}
