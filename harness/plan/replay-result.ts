/** What running a plan again showed. */

import type { Verdict } from '../model/verdict.ts';

/**
 * `reproduced`: a try violated the same rule on the same intent. `fixed`: every try was valid. `not-reproduced`:
 * anything else, so also another violation, an unknown verdict, or fewer tries than were asked for.
 */
export type ReplayOutcome = 'reproduced' | 'fixed' | 'not-reproduced';

/** What is compared between runs: names that differ with the run id are taken out. */
export interface Finding {
  readonly rule: string;
  /** The intent; for a violation that belongs to none the customer, with `*` for the run id. */
  readonly subject: string;
}

export interface ReplayTry {
  readonly dir: string;
  readonly verdict: Verdict;
  /** Findings of the replayed run that this try has too. */
  readonly same: readonly Finding[];
}

export interface ReplayResult {
  readonly schema: 1;
  readonly outcome: ReplayOutcome;
  /** The run that was replayed. */
  readonly dir: string;
  readonly runId: string;
  readonly wanted: readonly Finding[];
  /** How many tries were asked for; fewer were made after the first REPRODUCED or an interruption. */
  readonly triesWanted: number;
  readonly tries: readonly ReplayTry[];
  readonly isInterrupted: boolean;
}
