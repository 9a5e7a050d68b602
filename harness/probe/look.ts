/** A row of the probe: one thing that is asked of an endpoint, how it is looked at, and what a contract promises there. */

import type { Contract } from '../model/contract.ts';
import type { Bench } from './bench.ts';
import type { Did, Group, Promised, Seen } from './row.ts';

export interface Row {
  /** Stable, for `--skip` and programs. */
  readonly name: string;
  readonly group: Group;
  /** What is sent, in words. */
  readonly sends: string;
  /** Throws `Unseen` where it cannot be seen here. */
  readonly look: (bench: Bench) => Promise<Seen>;
  /** Undefined: the contract says nothing of it. */
  readonly promised: (contract: Contract) => Promised | undefined;
  /** Rows of the contract that this observation writes. */
  readonly writes?: (did: Did) => Partial<Contract>;
  /** No config can make it visible everywhere: where it was not seen, nothing is missing. */
  readonly isExtra?: true;
  /** Rows of the contract that stay open where this was not seen. */
  readonly opens?: readonly (keyof Contract)[];
}
