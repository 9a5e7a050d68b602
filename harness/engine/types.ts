/** What both engines take and give back. */

import type { Leftovers } from '../base/leftovers.ts';
import type { ScriptException } from '../model/verdict.ts';
import type { SegmentOptions } from '../model/segment.ts';

/** What a run needs. The script is loaded as it is, by either engine. */
export interface EngineOptions {
  /** Absolute path of a k6 script (`.ts` or `.js`). */
  readonly script: string;
  /** The script's `__ENV`, and nothing else of this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Like k6's flags: each one but `vus` beside another replaces all scenarios of the script. */
  readonly overrides?: EngineOverrides;
  /**
   * Every history line that the script logs: a string that starts with `{"` and ends with `}`, as it is.
   * What it throws ends the run and is thrown by it.
   */
  readonly onLine: (line: string) => void;
  /** All other output of the script and the engine's own warnings, one text a call. */
  readonly onLog?: (level: string, text: string) => void;
  /** Ends the run early; teardown and handleSummary still run. */
  /** `host` (any port) or `host:port`: nothing is sent elsewhere, whatever script and answers say. Absent: anywhere. */
  readonly allowedHosts?: readonly string[];
  /** Told once for each origin to which nothing was sent. Embedded engine only: k6 logs it. */
  readonly onRefusedHost?: (origin: string) => void;
  readonly signal?: AbortSignal;
  /** Ends it at once, with its iterations where they stand: its time is over. Teardown and handleSummary still run. */
  readonly cut?: AbortSignal;
  readonly leftovers?: Leftovers;
  /** The largest body of an answer, packed and unpacked; more is a failed request. The embedded engine only. Default 64 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * So long a script may run without giving its thread back, in ms; after that it is ended, with exit code 102. The
   * embedded engine only. Default 30 s.
   */
  readonly stallMs?: number;
  /** Called about four times a second. */
  readonly onProgress?: (progress: EngineProgress) => void;
}

export interface EngineOverrides {
  readonly vus?: number;
  /** A k6 duration, e.g. `30s`. */
  readonly duration?: string;
  readonly iterations?: number;
  /** Iterations a second, by a constant-arrival-rate scenario. */
  readonly rate?: number;
  /** Which part of the test this process does. */
  readonly segment?: SegmentOptions;
}

export interface EngineProgress {
  readonly elapsedMs: number;
  readonly iterations: number;
  /** VUs that are running now. */
  readonly vus: number;
  /** Requests sent and not answered yet. */
  readonly inFlight: number;
  readonly requests: number;
  readonly dropped: number;
}

/** A run as both engines report it. `exitCode` is k6's: 0, 99 thresholds, 102 stuck, 104 config, 105 signal, 107 exception, 108 abort, 110 fail. */
export interface EngineResult {
  readonly engine: 'embedded' | 'k6';
  readonly exitCode: number;
  /** Why the exit code is not 0, in one line. */
  readonly reason?: string;
  readonly iterations: number;
  readonly dropped: number;
  readonly thresholds: readonly ThresholdResult[];
  readonly checks: readonly CheckResult[];
  /** Metric (or `metric{tag:value}`) to its aggregates: count, rate, value, avg, min, med, max, p(90), p(95). */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What handleSummary wrote to its `stdout`. */
  readonly stdout?: string;
  /** What the script's own code threw, one for each message and place; absent when nothing. */
  readonly exceptions?: readonly ScriptException[];
  /** How close together requests with a `together` tag left; absent when none did (and with the real k6). */
  readonly spreads?: SpreadResult;
}

export interface ThresholdResult {
  /** The metric's name as the threshold has it, with its tags. */
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
  /** What was compared; absent where there was nothing to compare (a Rate without samples) or k6 does not say. */
  readonly value?: number;
}

export interface CheckResult {
  readonly name: string;
  readonly passes: number;
  readonly fails: number;
}

/** Time between the first and the last last byte of a group, in microseconds, measured at the sockets' writes. */
export interface SpreadResult {
  /** Groups that left complete. */
  readonly groups: number;
  /** Groups that the guard let go incomplete, or that lost a member before the release. */
  readonly brokenUp: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

/** k6's exit codes (k6 `errext/exitcodes`). */
export const EXIT = {
  ok: 0,
  thresholds: 99,
  setupTimeout: 100,
  teardownTimeout: 101,
  stuck: 102,
  config: 104,
  signal: 105,
  exception: 107,
  aborted: 108,
  failed: 110,
} as const;
