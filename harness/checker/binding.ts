/** What a key is bound to by the contract, and which other request is the same redemption by it. */

import type { Contract } from '../model/contract.ts';
import type { InvokeEvent } from '../history/events.ts';

/** Requests of one key that have this text in common ask for the same, by the contract. */
export function bindingOf({ fingerprint }: Contract, { payloadHash, bodyHash }: InvokeEvent): string {
  if (fingerprint === 'none') return '';
  // Absent: the payload's plain writing.
  return fingerprint === 'bytes' ? `${payloadHash} ${bodyHash ?? ''}` : payloadHash;
}
