import type { FaultKind } from '../history/events.ts';
import type { Place, TimedAction } from './fault-rule.ts';

/** One timed fault of a run: plain data. */
export interface TimedFault {
  /** `<rule>#<n>`, n from 1; the `id` of its events. */
  readonly id: string;
  readonly name: string;
  readonly kind: FaultKind;
  readonly action: TimedAction;
  readonly where: Place;
  /** Which replica, from 1; absent for the store, and where it is about all of them. */
  readonly replica?: number;
  /** After the nemesis' start, ms. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly stream?: 'upstream' | 'downstream';
  readonly detail: Readonly<Record<string, unknown>>;
  /** As the rule says it. */
  readonly overlap?: boolean;
}
