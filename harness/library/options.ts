/** What a program may ask for, with the defaults of the command line. */

import type { OnceproofConfig } from '../config/define.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import type { Balancer } from '../environment/balancer.ts';
import type { ProfileName } from '../model/contract.ts';
import type { ClientPolicy, KeyShape } from '../plan/plan.ts';
import type { ProgressSnapshot } from '../report/progress.ts';
import type { ReportKind } from '../report/kinds.ts';
import type { SweepProgress } from '../runs/sweep-recording.ts';

/** Common to all that attacks an endpoint. */
export interface AttackOptions {
  /**
   * The endpoint: a config, or the path of a config file. Absent: the bundled reference server, also where a config file
   * lies here.
   */
  readonly target?: string | OnceproofConfig;
  /** Store of the bundled server: `auto`, `memory`, `redis`, or `redis://host:port`. Default `auto`. */
  readonly store?: string;
  /** Replicas of the bundled server. Default 2. */
  readonly replicas?: number;
  /** Contract profile of the bundled server. */
  readonly profile?: ProfileName;
  /** A named wrong edition of the bundled server. */
  readonly defect?: string;
  /** Seed of every decision. Default 1. */
  readonly seed?: number;
  /** Name of this run. Default: a new one. */
  readonly runId?: string;
  /** Folder under which each run gets its own. Default `results`. */
  readonly out?: string;
  /** Reports beside `verdict.json`. Default: html, junit, markdown. */
  readonly report?: readonly ReportKind[];
  /** `host` or `host:port` that may be sent requests beside those of the config. */
  readonly allowHosts?: readonly string[];
  /** Ends it early: it is healed, audited and judged all the same, and then at most `unknown`. */
  readonly signal?: AbortSignal;
  /** The environment that `{ env }` members of the config read. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface RunOptions extends AttackOptions {
  /** Names of bundled scenarios or paths of scripts. Default: every bundled one, in sequence. */
  readonly scenarios?: string | readonly string[];
  /** A schedule's name, or a file. Default `light`. */
  readonly faults?: string;
  readonly engine?: 'auto' | 'embedded' | 'k6';
  /** `auto`, `embedded`, `toxiproxy`, or the URL of a Toxiproxy. Default `auto`. */
  readonly proxy?: string;
  readonly lb?: Balancer;
  readonly client?: ClientPolicy;
  readonly keyShape?: KeyShape;
  /** Run for a time instead of a number of iterations, e.g. `30s`. */
  readonly duration?: string;
  /** The longest that one scenario may take, settling included, e.g. `5m`. */
  readonly maxTime?: string;
  /** So long a script may run without giving its thread back, e.g. `2m` (embedded engine; default 30 s). */
  readonly maxStall?: string;
  /**
   * The time that all scenarios together may take, e.g. `5m`: those that find most a second, as many as fit. One that was
   * named and left out makes the verdict `unknown`.
   */
  readonly budget?: string;
  readonly vus?: number;
  /** Iterations started per second; needs `duration`. */
  readonly rate?: number;
  /** Iterations; each owns one customer. */
  readonly intents?: number;
  /** Part `i/n` of a run that n processes make together; needs `runId`, the same for all. Judge them with `check`. */
  readonly segment?: string;
  /** Told several times a second. What it throws is ignored. */
  readonly onProgress?: (progress: ProgressSnapshot) => void;
}

export interface SweepOptions extends AttackOptions {
  /** 2: also two stands at once, the second at the retry. Default 1. */
  readonly depth?: 1 | 2;
  /** Takes the best stands that fit into this time, e.g. `60s`. */
  readonly budget?: string;
  /** Ends at the first stand that breaks a rule. */
  readonly first?: boolean;
  /** Told after each stand. What it throws is ignored. */
  readonly onProgress?: (progress: SweepProgress) => void;
}

export interface CheckOptions {
  /** Reports to write beside the first history. Default: none. */
  readonly report?: readonly ReportKind[];
  /** Threads that judge, each some of the customers; the verdict is the same. Default: one a core, 1 for small histories. */
  readonly workers?: number;
}

export interface ReplayOptions {
  /** Runs at most; the first that reproduces ends it. Default 3. */
  readonly tries?: number;
  /** Path of a config, instead of the plan's own. */
  readonly target?: string;
  /** Store instead of the plan's own: a plan holds no password. */
  readonly store?: string;
  /** Proxy instead of the plan's own. */
  readonly proxy?: string;
  /** Use the script, config, store and proxy that the plan names, although it was not written here. */
  readonly trust?: boolean;
  readonly allowHosts?: readonly string[];
  readonly out?: string;
  readonly report?: readonly ReportKind[];
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A target with its file, as the runs take it. */
export interface LoadedTarget {
  readonly config: ResolvedConfig;
  readonly configFile?: string;
}
