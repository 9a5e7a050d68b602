/** What the auditor holds of a customer whose books are not closed yet. */

import type { InvokeEvent } from '../history/events.ts';

export interface OpenCustomer {
  readonly name: string;
  /** When something was last written of it, ms. */
  usedAt: number;
  readonly intents: Map<string, OpenIntent>;
  queued: boolean;
  /** What was last read of it when it was being closed, and when that began. */
  reading?: { readonly digest: string; readonly since: number };
}

export interface OpenIntent {
  readonly customer: OpenCustomer;
  readonly id: string;
  /** The highest attempt number so far. */
  attempts: number;
  decided: boolean;
  /** Refusals that no row of the contract explains. */
  ambiguousCount: number;
  last?: InvokeEvent;
}
