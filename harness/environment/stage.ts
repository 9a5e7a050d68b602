/** Where a run plays: the bundled reference server with its surroundings, or one's own endpoint, in one shape. */

import type { HookLog } from '../config/hook-log.ts';
import type { Limits } from '../config/limits.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import type { ArrivalEvent, Capabilities } from '../history/events.ts';
import type { Contract } from '../model/contract.ts';
import type { Target } from '../model/target.ts';
import type { Balancer } from './balancer.ts';
import type { Persistence } from './persistence.ts';
import type { Environment } from './types.ts';

export interface StageOptions {
  readonly config?: ResolvedConfig;
  readonly proxy: string;
  readonly store: string;
  readonly lb?: Balancer;
  /** What a Redis of our own keeps; absent: everything. */
  readonly persistence?: Persistence;
  readonly replicas?: number;
  readonly profile?: string;
  readonly defect?: string;
  /** Doors that read the store's protocol, for a sweep. */
  readonly hasStoreDoors?: boolean;
  readonly seed: number;
  readonly runId: string;
  /** The run's own folder: server log and run file go there. */
  readonly dir: string;
}

export interface Stage {
  readonly environment: Environment;
  readonly contract: Contract;
  /** As the scripts see it: base URL is the hop's. */
  readonly target: Target;
  readonly capabilities: Capabilities;
  readonly hooksUrl?: string;
  readonly hooksToken?: string;
  /** How long a reading by the hooks may take, waiting for its turn included, ms. Absent: what an attempt may take. */
  readonly hooksTimeoutMs?: number;
  /** What the endpoint is called, where nothing can be sent there directly. */
  readonly endpointUrl?: string;
  /** How the config's hooks fare. */
  readonly hookLog?: HookLog;
  /** Throws when a request could not be signed. */
  readonly assertSigned?: () => void;
  /** Base URLs without anything of ours between. */
  readonly directUrls: readonly string[];
  readonly customers: readonly { readonly id: string; readonly token?: string }[];
  readonly tokenFor: (customer: string) => Promise<string>;
  /** Token for all customers; empty where each has its own. */
  readonly token: string;
  readonly timeoutMs: number;
  readonly backoffFactor: number;
  readonly settleMs: number;
  /** The largest body of an answer that is read. bytes */
  readonly maxAnswerBytes: number;
  /** What the endpoint's owner allows; absent: the bundled server takes what comes. */
  readonly limits?: Limits;
  readonly parts: { readonly server: string; readonly proxy: string; readonly store: string };
  /** Arrivals go there from now on. */
  readonly followArrivals: (take: (arrival: ArrivalEvent) => void) => void;
  close(): Promise<void>;
}

export /** How clients wait for a server on this machine: for an answer, and what the seed's 1 s, 2 s, 4 s are multiplied by. */
const LOCAL_PATIENCE = { timeoutMs: 1000, backoffFactor: 0.02 } as const;
