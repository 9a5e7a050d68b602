/** Whether what the audit read last is what its digest tells of: the reading before it, which stands in the history. */

import type { ObserveEvent } from '../history/events.ts';
import { digestOf } from '../history/reading-digest.ts';
import type { Customer } from './customer.ts';

export function isReadAgain({ audited, isGone }: Customer, again: string): boolean {
  // What was read before a customer went is no reading of one that is gone.
  if (isGone) return true;
  const events = Object.values(audited).filter((event): event is ObserveEvent => event !== undefined);
  // Where a credential was taken out, the digest is of what stood there.
  return digestOf(events) === again || JSON.stringify(events).includes('[redacted]');
}
