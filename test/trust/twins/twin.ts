/** What a twin is: a right endpoint that looks like a wrong one, or like none that we know. */

import type { OnceproofConfig } from '../../../harness/config/define.ts';
import type { Contract } from '../../../harness/model/contract.ts';
import type { Edge, EdgeOptions } from '../../../reference-server/liars/edge.ts';

export interface Twin {
  readonly name: string;
  /** What is unusual about it, as a sentence without a subject. */
  readonly description: string;
  /** Bundled scenarios that it is judged by, in turn. */
  readonly scenarios: readonly [string, ...string[]];
  /** Rows of the contract by which it plays, and which its config says. */
  readonly rows?: Partial<Contract>;
  /** Fresh state of its own for each edge. */
  readonly edge?: () => Omit<EdgeOptions, 'contract' | 'customers'>;
  /** Its config, where the usual one does not describe it. */
  readonly config?: (usual: OnceproofConfig, edge: Edge) => OnceproofConfig;
  /** What goes on beside the run; gives what ends it. */
  readonly beside?: (edge: Edge) => () => void;
}

/** Enough of everything: keys in flight, copies, expiry, reuse, points that run out. */
export const ALL_SCENARIOS = [
  'soak',
  'duplicated-requests',
  'retry-storm',
  'near-zero',
  'key-expiry',
  'key-reuse',
] as const;
