/** What the checker says: verdict.json, schema 1. Members are added, never renamed. */

import type { Contract } from './contract.ts';
import type { Incident } from './incident.ts';
import type { StandOutcome, SweepFacts, SweepStand } from './stand.ts';

/** The rules, by name: a promise to users. docs/rules.md tells when each is violated. */
export const RULES = [
  'double-debit',
  'lost-debit',
  'conservation',
  'overdraft',
  'same-answer',
  'replay-marker',
  'refused-but-done',
  'key-scope',
  'payload-binding',
  'key-syntax',
  'missing-key',
  'expiry',
  'duplicate-intent',
  'false-duplicate',
  'stuck',
  'unexpected-status',
  'stale-read',
  'process-death',
] as const;
export type Rule = (typeof RULES)[number];

/** `unknown` never passes: the evidence is too thin. */
export type VerdictWord = 'valid' | 'invalid' | 'unknown';

export interface Violation {
  readonly rule: Rule;
  /** One sentence a person can read. */
  readonly summary: string;
  readonly intent?: string;
  readonly customer?: string;
  readonly key?: string;
  /** The attempts that are the evidence, in order. */
  readonly attempts: readonly string[];
  readonly expected: string;
  readonly found: string;
  /** When it could first be seen, ms since the epoch. */
  readonly at?: number;
}

/** One kind of exception that the script's own code threw. */
export interface ScriptException {
  /** Name and message. */
  readonly message: string;
  /** `function (file:line:column)` in the script's own files, where it is known. */
  readonly place?: string;
  readonly count: number;
}

export interface CoverageCount {
  readonly name: string;
  readonly count: number;
  readonly required: boolean;
  /** What to change when it is required and 0. */
  readonly advice?: string;
}

/** `unstable`: the request did not come by in three tries; `unreached`: the sweep ended before. */
export type StandState = StandOutcome | 'unstable' | 'unreached';

/** How far a sweep came: `met` of `chosen` stands, out of `known` ones. */
export interface SweepSummary {
  readonly depth: number;
  readonly chosen: number;
  readonly known: number;
  readonly met: number;
  readonly serialised: number;
  readonly unstable: number;
  readonly unreached: number;
  /** In the order in which they were taken; `broken`: the rules that a schedule violated. */
  readonly stands: readonly (SweepStand & {
    readonly state: StandState;
    readonly broken?: readonly string[];
  })[];
  readonly ways: SweepFacts['ways'];
  readonly left: SweepFacts['left'];
}

export interface Verdict {
  readonly schema: 1;
  readonly verdict: VerdictWord;
  /** Why it is unknown, one sentence each; empty otherwise. */
  readonly reasons: readonly string[];
  /** The first 100; `violationCount` counts all. */
  readonly violations: readonly Violation[];
  readonly violationCount: number;
  /** The violations by likely cause; absent in a verdict of an earlier edition, or where there is none. */
  readonly incidents?: readonly Incident<Rule>[];
  /** What the script threw: iterations that ended so did not do all that was planned. Absent when nothing. */
  readonly exceptions?: readonly ScriptException[];
  readonly coverage: readonly CoverageCount[];
  readonly counts: {
    readonly intents: number;
    readonly attempts: number;
    readonly ok: number;
    readonly fail: number;
    readonly info: number;
    readonly arrivals: number;
    readonly debits: number;
    readonly [more: string]: number;
  };
  /** ms over the attempts that were answered. */
  readonly latency: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
  readonly unjudged: readonly {
    readonly rule: string;
    readonly why: string;
    /** For these customers only, at most 100 of them; absent: for the whole run, and then the rule is not violated. */
    readonly customers?: readonly string[];
  }[];
  readonly run: {
    readonly runId: string;
    readonly seed: string;
    readonly scenario: string;
    readonly engine: string;
    readonly proxy: string;
    readonly store: string;
    readonly contract: Contract;
    readonly durationMs: number;
    readonly faults: string;
    readonly client: string;
    readonly defect?: string;
    readonly target: string;
    /** Where the traces of attempts are shown: a URL with `{trace_id}`. */
    readonly traceUrl?: string;
    /** Where several processes made it, or one made a part of it. */
    readonly processes?: {
      readonly count: number;
      /** Which parts (`from:to` of 0 to 1) they did, where they shared it out. */
      readonly parts?: readonly string[];
      readonly clocks: {
        /** How far apart their clocks were, ms: brought to one before anything was compared. */
        readonly spreadMs: number;
        /** What is left: by so much every comparison between two of them was widened, ms. */
        readonly uncertaintyMs: number;
        /** How many never asked a common clock: theirs were taken as they are. */
        readonly unasked: number;
      };
    };
  };
  /** Of a sweep only. */
  readonly sweep?: SweepSummary;
}

/** Several verdicts as one: invalid before unknown before valid. */
export function worstOf(words: readonly VerdictWord[]): VerdictWord {
  if (words.includes('invalid')) return 'invalid';
  return words.includes('unknown') || words.length === 0 ? 'unknown' : 'valid';
}
