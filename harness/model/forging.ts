/** What a selftest says of one's own endpoint: which rules are alive for its config. selftest.json, schema 1. */

import type { DetectionWord } from './detection.ts';
import type { Rule, VerdictWord } from './verdict.ts';

/** One lie that was told in answers and reads. */
export interface ForgeryResult {
  readonly name: string;
  readonly rule: Rule;
  /** What it makes of the wire, as a sentence without a subject. */
  readonly text: string;
  /**
   * `fired`: its rule was found at one at least of the customers to whom it was told. `elsewhere`: only other rules were.
   * `silent`: nothing was found at any of them. `not-met`: the traffic had no moment for it. `impossible`: the config has
   * no place where it could be told.
   */
  readonly state: 'fired' | 'elsewhere' | 'silent' | 'not-met' | 'impossible';
  readonly why?: string;
  /** Customers to whom it was told, those at whom anything was found, and those at whom its own rule was. */
  readonly customers: number;
  readonly found: number;
  readonly fired: number;
  /** Rules that were found beside its own. */
  readonly otherRules: readonly string[];
}

/** `alive`: a lie of it was found by it. `dead`: one was told and nothing found. `unproved`: none could be told, or only other rules found it. */
export interface RuleResult {
  readonly rule: Rule;
  readonly state: 'alive' | 'dead' | 'unproved' | 'not-judgeable';
  readonly why?: string;
  readonly forgeries: readonly ForgeryResult[];
}

export interface UnforgedRun {
  readonly scenario: string;
  readonly verdict: VerdictWord;
  readonly why?: string;
}

export interface Forging {
  readonly schema: 1;
  readonly result: DetectionWord;
  readonly command: string;
  readonly node: string;
  /** Name of the config's file. */
  readonly config: string;
  readonly startedAt: number;
  readonly durationMs: number;
  /** The same traffic without a lie. */
  readonly unforged: readonly UnforgedRun[];
  readonly rules: readonly RuleResult[];
  /** Violations at customers to whom no lie was told, in runs in which others were lied to. */
  readonly strays: readonly string[];
}
