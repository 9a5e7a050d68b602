/**
 * The history: everything that a rule reads, one event a line (NDJSON), schema 1.
 * Times are ms since the epoch, fractions allowed. A file starts with `run` and ends with `end`.
 * Dependency-free: scripts import it, too; schemas and codec live in history-codec.ts.
 */

import type { ClockReading } from '../model/common-clock.ts';
import type { Contract, RecordedContract } from '../model/contract.ts';
import type { Outcome } from '../model/outcome.ts';
import type { LedgerDebit, ListedRedemption } from '../model/protocol.ts';
import type { SweepFacts } from '../model/stand.ts';

export const HISTORY_SCHEMA = 1;

/** What a target lets the harness do and read. A rule that needs what is absent is `unjudged`. */
export interface Capabilities {
  /** Balance can be read. */
  readonly balance: boolean;
  /** The list of redemptions can be read. */
  readonly redemptions: boolean;
  /** The ledger (and the issued rewards) can be read by a hook. */
  readonly ledger: boolean;
  /** A customer's clock can be frozen and set by a hook. */
  readonly clock: boolean;
  /** New customers with points can be made by a hook. */
  readonly provision: boolean;
  /** A customer can be given points by a hook. */
  readonly credit: boolean;
  /** A crash can be armed at a named point. */
  readonly crash: boolean;
  /** Replicas can be killed, paused and restarted (real processes). */
  readonly processes: boolean;
  /** The store can be killed, paused and restarted, or cut off. */
  readonly store: boolean;
  /** An HTTP-aware hop sees every arrival. */
  readonly arrivals: boolean;
  /** The handler can be made to fail at a request. */
  readonly failNext?: boolean;
  /** How many replicas stand behind the hop (1 where unknown). */
  readonly replicas: number;
  /** A load balancer before the replicas repeats requests by itself, POSTs too. */
  readonly resends?: boolean;
  /** False: requests say nothing in which two payloads could differ. */
  readonly otherPayload?: boolean;
}

/** A target that can do nothing and lets nothing be read. */
export const NO_CAPABILITIES: Capabilities = {
  balance: false,
  redemptions: false,
  ledger: false,
  clock: false,
  provision: false,
  credit: false,
  crash: false,
  processes: false,
  store: false,
  arrivals: false,
  replicas: 1,
};

/** A target on which everything can be done: two replicas of our own behind a hop. */
export const ALL_CAPABILITIES: Capabilities = {
  balance: true,
  redemptions: true,
  ledger: true,
  clock: true,
  provision: true,
  credit: true,
  crash: true,
  processes: true,
  store: true,
  arrivals: true,
  replicas: 2,
};

export interface RunEvent {
  readonly type: 'run';
  readonly schema: 1;
  readonly runId: string;
  readonly seed: string;
  readonly scenario: string;
  readonly engine: string;
  readonly proxy: string;
  readonly store: string;
  readonly contract: RecordedContract;
  /** Base URL of the endpoint. */
  readonly target: string;
  readonly capabilities: Capabilities;
  readonly startedAt: number;
  /** Name of the fault schedule, the kinds of fault in it, and what they do (`http_arm`, `kill`, …; absent: not known). */
  readonly faults: {
    readonly profile: string;
    readonly kinds: readonly FaultKind[];
    readonly names?: readonly string[];
    /** Faults were asked for, and this target can have none of them: why. */
    readonly impossible?: string;
  };
  /** What the redemption of the preflight did not show in: that reading may be described wrongly. Absent: nothing, or none was made. */
  readonly unshown?: readonly ('redemptions' | 'balance' | 'ledger')[];
  /** How long the endpoint's lists may lag behind its answers, as its owner says; absent: not at all. ms */
  readonly listLagMs?: number;
  /** JSON pointers by which a config reads answers and lists, by their names in it; absent: the bundled server's own. */
  readonly pointers?: Readonly<Record<string, string>>;
  /** Which parts (`from:to` of 0 to 1) of a run that several processes make together are in it; absent: the whole. */
  readonly segments?: readonly string[];
  /** Where the traces of its attempts are shown: a URL with `{trace_id}`. Absent: not told, or none was sent. */
  readonly traceUrl?: string;
  /** What its writer knew of a clock that all processes of the run can ask. Absent: nothing was asked. */
  readonly clock?: ClockReading;
  /** Of a history that was joined of several processes' ones: how many, and how well their clocks are known. */
  readonly joined?: JoinedClocks;
  /** Client policy: seed, seed-literal. */
  readonly client: string;
  /** A named wrong edition of the reference server, where one was started. */
  readonly defect?: string;
  /** How many processes of a `service` of the config were started. */
  readonly service?: number;
  /** Of a sweep: the stands that were chosen before it started. */
  readonly sweep?: SweepFacts;
}

/** The clocks of processes whose events stand in one history. */
export interface JoinedClocks {
  readonly processes: number;
  /** By how much the times of each were moved to bring them to one clock, ms. */
  readonly shiftsMs: readonly number[];
  /** Two events of two processes may be further apart, or nearer, by so much; ms. */
  readonly uncertaintyMs: number;
  /** How many of them never asked a common clock: of those nothing is known. */
  readonly unasked: number;
}

/** A run event whose contract has all rows, whenever it was written. */
export type WholeRun = RunEvent & { readonly contract: Contract };

/** Written BEFORE the request is sent. */
export interface InvokeEvent {
  readonly type: 'invoke';
  readonly at: number;
  /** `<intent>.<n>`, n from 1. */
  readonly attempt: string;
  readonly intent: string;
  /** As it was sent: absent, a text (also a malformed one), or several header values. */
  readonly key?: string | readonly string[];
  readonly customer: string;
  readonly reward: string;
  readonly points: number;
  readonly redemptionType?: string;
  readonly clientRedemptionId?: string;
  readonly payloadHash: string;
  /** Digest of the body that was sent, where it is another writing of the payload than the plain one. */
  readonly bodyHash?: string;
  /** Who sent it: the script, a raw connection outside the script, or the settling after it. */
  readonly via: 'script' | 'raw' | 'settle';
  /** Customer whose credentials were used, when it is another one than `customer`. */
  readonly actor?: string;
  /** How it was sent otherwise than its first attempt, `group: way`, e.g. `envelope: a query`; absent: as that was. */
  readonly way?: string;
  /** No row of a contract speaks of a request that is sent so: that it was refused says nothing of the endpoint. */
  readonly mayRefuse?: true;
}

export interface CompleteEvent {
  readonly type: 'complete';
  readonly at: number;
  readonly attempt: string;
  readonly outcome: Outcome;
  readonly status?: number;
  readonly code?: string;
  readonly redemption?: string;
  readonly customer?: string;
  readonly balance?: number;
  /** The answer was marked as a replay. Absent where the contract has no marker. */
  readonly replayed?: boolean;
  readonly bodyHash?: string;
  /** When the answer asked to try again: Retry-After, ms. */
  readonly retryAfterMs?: number;
  readonly by: 'server' | 'proxy';
  readonly error?: string;
  /** Of several calls that make an attempt, the one whose answer it is, when the last was not made. From 1. */
  readonly step?: number;
  /** Requests that asked how it ended, or for what was made, after the first answer. */
  readonly polls?: number;
  /** Values of another customer, key or payload that the sender found in this answer's body. */
  readonly leaks?: readonly string[];
}

/** One request, or one copy of it, as the HTTP-aware hop saw it. */
export interface ArrivalEvent {
  readonly type: 'arrival';
  /** When the last byte of the request had come. */
  readonly at: number;
  readonly hop: string;
  readonly attempt?: string;
  readonly key?: string;
  /** 0: the request itself, 1 and up: copies that the hop made. */
  readonly copy: number;
  readonly upstream?: string;
  /** When the upstream's answer had ended, or was given up. */
  readonly endedAt?: number;
  /** Status that the upstream gave; absent: none came. */
  readonly answer?: number;
  /** The answer said that it is still being worked on. */
  readonly isPending?: boolean;
  readonly replayed?: boolean;
  readonly redemption?: string;
  /** Names of the HTTP toxics that were decided for this request. */
  readonly faults?: readonly string[];
  /** Those of `faults` that could not be carried out, and why. */
  readonly undone?: Readonly<Record<string, string>>;
}

/** The faults that were decided for a request and carried out on it. */
export function carriedOutOn({ faults = [], undone = {} }: ArrivalEvent): readonly string[] {
  return faults.filter((name) => !(name in undone));
}

/** How the names of faults begin that let the endpoint's own handler fail. */
export const HANDLER_FAILS = 'handler-fails:';

/**
 * Where a fault stands: `edge` between client and server, `store-path` between server and store, `server` (kill,
 * pause, crash of a replica), `store` (kill, pause of the store), `clock`.
 */
export type FaultKind = 'edge' | 'store-path' | 'server' | 'store' | 'clock';

export interface FaultEvent {
  readonly type: 'fault';
  readonly at: number;
  readonly phase: 'start' | 'end';
  /** Pairs start with end: unique for each fault of a run. */
  readonly id: string;
  readonly name: string;
  readonly kind: FaultKind;
  readonly target: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** At its end: why it could not be carried out, or not be undone. */
  readonly error?: string;
}

export interface ClockEvent {
  readonly type: 'clock';
  readonly at: number;
  /** Absent: the store's clock of every customer. */
  readonly customer?: string;
  readonly valueMs: number;
  readonly frozen: boolean;
  /** A move is asked for: until the next event of this clock it stands or runs as it did, or like this. */
  readonly next?: { readonly valueMs: number; readonly frozen: boolean };
}

export interface CreditEvent {
  readonly type: 'credit';
  readonly at: number;
  readonly customer: string;
  readonly points: number;
  /** The customer was made with these points: what it has at first, no credit to it. */
  readonly made?: true;
  /** Asked for only: from now on it may be there. The event without this member that follows says that it is. */
  readonly asked?: true;
}

/** A read-back: the effect lies somewhere in [at, until]. `value` by `what`: number, ListedRedemption[], LedgerDebit[], or reward ids by redemption. */
export type ObserveEvent = {
  readonly type: 'observe';
  readonly at: number;
  readonly until: number;
  readonly customer: string;
  /** Who read: the script in its iteration, or the audit after settling. */
  readonly via: 'script' | 'audit';
} & (
  | { readonly what: 'balance'; readonly value: number }
  | { readonly what: 'redemptions'; readonly value: readonly ListedRedemption[] }
  | { readonly what: 'ledger'; readonly value: readonly LedgerDebit[] }
  | {
      readonly what: 'rewards';
      readonly value: readonly { readonly redemption: string; readonly reward: string }[];
    }
);

/** The script sends nothing more for this customer (its iteration is over). */
export interface RetireEvent {
  readonly type: 'retire';
  readonly at: number;
  readonly customer: string;
}

/** The audit has settled this customer's intents as far as the bound allowed, and has read everything back. */
export interface AuditedEvent {
  readonly type: 'audited';
  readonly at: number;
  readonly customer: string;
  /** The endpoint knew no such customer any more: the readings before say that nothing is left. */
  readonly gone?: true;
  /** A later reading that was equal to the one before it, as a digest: it is not written a second time. */
  readonly again?: string;
}

export interface EndEvent {
  readonly type: 'end';
  readonly at: number;
  /** `finished`, `interrupted`, or why the run was cut short. */
  readonly reason: string;
  /** What the script's own code threw. */
  readonly exceptions?: readonly {
    readonly message: string;
    readonly place?: string;
    readonly count: number;
  }[];
  readonly counts: Readonly<Record<string, number>>;
}

export type HistoryEvent =
  | RunEvent
  | InvokeEvent
  | CompleteEvent
  | ArrivalEvent
  | FaultEvent
  | ClockEvent
  | CreditEvent
  | ObserveEvent
  | RetireEvent
  | AuditedEvent
  | EndEvent;
