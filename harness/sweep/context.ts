/** What every schedule of a sweep works with. */

import type { ReadBack } from '../audit/read-back.ts';
import type { Stage } from '../environment/stage.ts';
import type { HistoryEvent } from '../history/events.ts';
import type { SweepClient } from './client.ts';
import type { Spots } from './spots.ts';

export interface SweepContext {
  readonly stage: Stage;
  readonly spots: Spots;
  readonly client: SweepClient;
  readonly endpoint: ReadBack;
  readonly emit: (event: HistoryEvent) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly seed: string;
  readonly runId: string;
  /** Base URLs by replica; the first gets the request that is stood at. */
  readonly replicas: readonly string[];
  readonly patience: Patience;
}

export interface Patience {
  /** How long a client waits for an answer, ms. */
  readonly answerMs: number;
  /** How long a client waits that is to give up while its request stands, ms. */
  readonly shortMs: number;
  /** How long another request may take while the first one is held, before it is told as serialised. ms */
  readonly otherMs: number;
  /** How long a held request waits for its lease to lapse, ms. */
  readonly leaseMs: number;
  /** How long it may take until a process is back, ms. */
  readonly restartMs: number;
}

/** Where a retry and the other request go when they go elsewhere: the second replica, else the only one. */
export function elsewhere({ replicas }: SweepContext): string {
  return replicas[1] ?? replicas[0] ?? '';
}

export function here({ replicas }: SweepContext): string {
  return replicas[0] ?? '';
}
