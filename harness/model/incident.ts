/**
 * Incidents: violations of one likely cause, told as one. The words for what was going on are counted from the evidence;
 * what usually causes it is a guess, and is worded as one (see the report's table).
 */

import type { SweepKind } from './stand.ts';

/** What was going on around a redemption; of several the first in this order, but for a race that explains a debit too many. */
export const CIRCUMSTANCES = [
  'no-key',
  'odd-key',
  'other-customer',
  'other-payload',
  'two-keys',
  'expired',
  'server-down',
  'store-down',
  'overlap',
  'answer-lost',
  'retried',
  'rivals',
  'alone',
] as const;
export type Circumstance = (typeof CIRCUMSTANCES)[number];

/** Each as a sentence part. */
export const CIRCUMSTANCE_TEXT: Readonly<Record<Circumstance, string>> = {
  'no-key': 'a request had no key',
  'odd-key': 'a key was malformed',
  'other-customer': 'the key came from another customer, too',
  'other-payload': 'the key came with another payload, too',
  'two-keys': 'one redemption was sent under two keys',
  expired: 'the key had expired, or a clock had been moved, between two attempts',
  'server-down': 'a server went down meanwhile',
  'store-down': 'the store could not be reached meanwhile',
  overlap: 'two requests of it were at the server together',
  'answer-lost': 'an attempt had no answer, and the client came again',
  retried: 'the client came again, one attempt after the other',
  rivals: 'another redemption of the customer was under way',
  alone: 'there was one request, and nothing else',
};

/** Violations that look like one cause: the same leading rule under the same circumstances, at the same kind of stand. */
export interface Incident<Rule extends string = string> {
  /** Rule, circumstance and kind of stand: the same in every run, so that a baseline can compare by it. */
  readonly name: string;
  /** The rule that says most. */
  readonly rule: Rule;
  /** All that were broken in it. */
  readonly rules: readonly Rule[];
  readonly circumstance: Circumstance;
  /** Of a sweep: what was done at the message. */
  readonly stand?: SweepKind;
  /** Redemptions (or customers, where it is no single one) that it befell. */
  readonly cases: number;
  readonly violations: number;
  /** Cases whose requests reached more than one replica; of the others nothing or one was seen. */
  readonly onSeveralReplicas: number;
  /** The case with the fewest requests: its story is told first. */
  readonly smallest: {
    readonly intent?: string;
    readonly customer?: string;
    readonly requests: number;
  };
}

/** Whether a text can be the name of an incident: what a file holds may come from anywhere. */
export function isIncidentName(name: unknown): name is string {
  return typeof name === 'string' && /^[a-z0-9-]+(\/[a-z0-9-]+){1,2}$/.test(name);
}
