/**
 * In which order a sweep takes its stands, and how long each takes. Data: what found most so far comes first. The figures
 * come from the wrong editions of the reference server and of the examples; the order decides what a budget leaves out.
 */

import type { SweepKind, SweepWay } from '../model/stand.ts';

/** Kinds, best first; all messages of one before the next, the last message first. */
export const KIND_ORDER: readonly SweepKind[] = [
  'same-key-elsewhere',
  'cut-before',
  'same-key',
  'kill-after',
  'cut-after',
  'last-points',
  'other-key',
  'kill-before',
  'client-retries',
  'past-lease',
  'other-payload',
  'paused',
  'past-expiry',
  'reply-held',
  'read',
];

/** Ways after the first use, best first. */
export const WAY_ORDER: readonly SweepWay[] = ['fresh', 'recovery', 'replay', 'refusal', 'expired'];

/** Kinds that are worth standing at a way that has no effect of its own. */
export const KINDS_OF_OTHER_WAYS: readonly SweepKind[] = ['cut-before', 'cut-after', 'kill-after'];

/** Kinds of the second stand, and of the retry after a crash. */
export const KINDS_OF_RECOVERY: readonly SweepKind[] = [
  'same-key-elsewhere',
  'same-key',
  'cut-before',
  'cut-after',
];

/** About how long one schedule takes with settling and reading back, ms. */
export const ESTIMATE_MS: Readonly<Record<SweepKind, number>> = {
  'same-key-elsewhere': 150,
  'same-key': 350,
  'cut-before': 150,
  'cut-after': 150,
  'kill-before': 1500,
  'kill-after': 1500,
  'last-points': 250,
  'other-key': 250,
  'client-retries': 700,
  'past-lease': 1500,
  'other-payload': 250,
  paused: 1200,
  'past-expiry': 300,
  'reply-held': 1500,
  read: 150,
};
