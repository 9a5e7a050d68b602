/** What is asked of a run, before it is known what its target can do. */

import type { ResolvedConfig } from '../config/resolve.ts';
import type { Balancer } from '../environment/balancer.ts';
import type { ResolvedSchedule } from '../faults/schedule.ts';
import type { ClientPolicy, KeyShape } from './plan.ts';

export interface RunRequest {
  readonly config?: ResolvedConfig;
  /** Where the config was read from. */
  readonly configFile?: string;
  /** A schedule's name, or a file. */
  readonly faults: string;
  /** A schedule that was resolved before, of a plan that is run again; `faults` is then only its name. */
  readonly schedule?: ResolvedSchedule;
  readonly engine: 'auto' | 'embedded' | 'k6';
  readonly proxy: string;
  readonly store: string;
  readonly lb?: Balancer;
  readonly replicas?: number;
  readonly profile?: string;
  readonly defect?: string;
  readonly client: ClientPolicy;
  readonly keyShape: KeyShape;
  readonly seed: number;
  /** `host` or `host:port` of the command line, beside those of the config. */
  readonly allowHosts?: readonly string[];
  readonly runId?: string;
  readonly duration?: string;
  /** The longest that one scenario may take, settling included, e.g. `5m`. */
  readonly maxTime?: string;
  /** So long a script may run without giving its thread back, e.g. `2m` (embedded engine; default 30 s). */
  readonly maxStall?: string;
  readonly vus?: number;
  readonly rate?: number;
  readonly intents?: number;
  /** Part `i/n` (from 1) of a run that n processes make together. */
  readonly segment?: string;
}
