/** What a command that runs scenarios is given, and what it gives back. */

import type { RunRequest } from '../plan/request.ts';
import type { ProgressSnapshot } from '../report/progress.ts';
import type { ReportKind } from '../report/kinds.ts';
import type { LeftOut } from '../plan/scenario-order.ts';
import { type Verdict, type VerdictWord } from '../model/verdict.ts';

export interface SuiteOptions extends RunRequest {
  /** Names of bundled scenarios or paths of scripts; empty: every bundled one. */
  readonly scenarios: readonly string[];
  /** Folder under which each run gets its own. */
  readonly out: string;
  readonly report: readonly ReportKind[];
  /** The time that all scenarios together may take, e.g. `5m`: the best that fit are run. */
  readonly budget?: string;
  /** Ends the run early: it is healed, audited and judged all the same. */
  readonly signal: AbortSignal;
  readonly progress: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly onProgress?: (progress: ProgressSnapshot) => void;
  readonly say: (text: string) => void;
  /** Whether what is said may have colours. */
  readonly colour: boolean;
}

export interface RunResult {
  readonly verdict: Verdict;
  readonly dir: string;
}

export interface SuiteResult {
  readonly verdict: VerdictWord;
  readonly runs: readonly RunResult[];
  readonly harnessFailures: readonly { readonly scenario: string; readonly message: string }[];
  /** What a budget had no time for: nothing is known of it. */
  readonly left: readonly LeftOut[];
  /** The page over all runs, where there was more than one. */
  readonly indexFile?: string;
}
