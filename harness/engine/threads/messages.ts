/** What the engine's thread and that of a VU say to each other. Plain data: it is copied from one to the other. */
import type { MessagePort } from 'node:worker_threads';

import type { JarEntry } from '../k6/cookie-jar.ts';
import type { StatusRange } from '../k6/expected-statuses.ts';
import type { MetricContains, MetricType, SubMetric } from '../k6/metrics.ts';
import type { RequestPlan } from '../k6/request-plan.ts';
import type { Answer } from '../k6/answer.ts';
import type { RunCounts } from '../k6/run-state.ts';
import type { ScenarioState } from '../k6/vu-context.ts';
import type { SetCookie } from '../k6/set-cookie.ts';
import type { BuiltScript } from '../script-bundle.ts';
import type { ScriptOptions } from '../script-options.ts';
import type { PlainError, WrittenSummary } from '../worker-task.ts';

/** An array that all VUs share: each item as JSON, one after the other, in shared memory. */
export interface PackedItems {
  readonly bytes: SharedArrayBuffer;
  /** Where each of them ends. */
  readonly ends: SharedArrayBuffer;
}

/** What the thread of a VU is started with. */
export interface ThreadTask {
  readonly built: BuiltScript;
  readonly env: Readonly<Record<string, string>>;
  readonly options: Omit<ScriptOptions, 'stripes'>;
  readonly id: number;
  readonly globalId: number;
  /** Which samples a threshold asks for, by metric. */
  readonly subs: ReadonlyMap<string, readonly Pick<SubMetric, 'name' | 'tags'>[]>;
  readonly sharedArrays: ReadonlyMap<string, PackedItems>;
  readonly pulse: SharedArrayBuffer;
  readonly flags: SharedArrayBuffer;
  /** Where the answers come in that the thread stands still for. */
  readonly answers: MessagePort;
}

export type PlainScenario = Omit<ScenarioState, 'progress' | 'nextIteration' | 'globalIteration'>;

export type ToThread =
  | { readonly kind: 'provide'; readonly setupJson: string }
  | { readonly kind: 'activate'; readonly scenario: PlainScenario; readonly startedAt: number }
  | { readonly kind: 'play'; readonly exec: string; readonly inInstance: number; readonly inTest: number }
  | {
      readonly kind: 'call';
      readonly name: 'setup' | 'teardown';
      readonly dataJson: string | undefined;
      readonly startedAt: number;
    }
  | { readonly kind: 'summarize'; readonly data: object; readonly startedAt: number }
  | { readonly kind: 'answered'; readonly id: number; readonly answered: Answered };

/** A request without what is the script's: its jar by its place among those of the message. */
export type PlainPlan = Omit<RequestPlan, 'jar' | 'expected' | 'body' | 'plainBody'> & {
  readonly jar: number;
  readonly expected: readonly StatusRange[] | null;
  readonly body: string | Uint8Array | null;
};

export type PlainAnswer = Omit<Answer, 'plan' | 'rawHeaders' | 'chunks'> & {
  /** One character a byte. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array | undefined;
};

/** Cookies that a jar was given, by its place among those of the message. */
export interface KeptCookies {
  readonly jar: number;
  readonly url: string;
  readonly cookies: readonly SetCookie[];
}

export interface Answered {
  readonly answers: readonly PlainAnswer[];
  /** In the order in which they came. */
  readonly kept: readonly KeptCookies[];
}

export interface Requests {
  readonly plans: readonly PlainPlan[];
  readonly jars: readonly (readonly JarEntry[])[];
  readonly isBatch: boolean;
}

/** How the run stands. */
export interface State {
  readonly counts: RunCounts;
  /** Of the VU's scenario, 0 to 1. */
  readonly progress: number;
}

/** What comes over the port for answers. */
export type Told = { readonly answered: Answered } | { readonly state: State };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: ThrownError }
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'log' | 'exception' | 'warn-once'; readonly level: string; readonly text: string }
  | {
      readonly kind: 'metric';
      readonly number: number;
      readonly name: string;
      readonly type: MetricType;
      readonly contains: MetricContains;
    }
  /** Number of the metric, value, how many sub-metrics it belongs to, and their places, one sample after the other. */
  | { readonly kind: 'samples'; readonly samples: readonly number[] }
  | { readonly kind: 'check'; readonly name: string; readonly group: string; readonly ok: boolean }
  /** Id 0: the thread stands still until it is answered. */
  | ({ readonly kind: 'requests'; readonly id: number; readonly isUnwinding: boolean } & Requests)
  | { readonly kind: 'ask' }
  | { readonly kind: 'cut' | 'cancel'; readonly ids: readonly number[] }
  | { readonly kind: 'close-idle' }
  | { readonly kind: 'ended'; readonly tags: ReadonlyMap<string, string | undefined> | undefined }
  | { readonly kind: 'returned'; readonly json: string | undefined }
  | { readonly kind: 'summarized'; readonly written: WrittenSummary }
  | { readonly kind: 'threw'; readonly error: ThrownError }
  | { readonly kind: 'abort'; readonly exitCode: number; readonly reason: string }
  | { readonly kind: 'mark-failed'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly error: PlainError };

/** What the script's code threw, told with places in its own files. */
export interface ThrownError extends PlainError {
  readonly described: string;
}

/** The words of `ThreadTask.flags`. */
export const FLAGS = {
  /** How often the thread was answered. */
  answered: 0,
  /** How many of its messages were read. */
  taken: 1,
} as const;

export function flagsMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}
