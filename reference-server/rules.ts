/**
 * What the store and the core judge by, from a contract. A row that the contract leaves open behaves as in the
 * `seed` profile.
 */

import { createHash } from 'node:crypto';
import { tombstoneEndMs, type Contract } from '../harness/model/contract.ts';
import type { KeyRules, Payload } from './store.ts';

const DEFAULT_TTL_MS = 86_400_000;

/** The store's part of a contract. */
export function rulesOf(contract: Contract): KeyRules {
  const ttlMs = contract.ttlMs === 'unspecified' ? DEFAULT_TTL_MS : contract.ttlMs;
  const detectsDuplicates = contract.duplicateIntent !== 'uncovered';
  const keepsRefusals = contract.storesRefusals === true;
  return {
    ttlMs,
    tombstoneMs: Math.max(ttlMs, tombstoneEndMs({ ...contract, ttlMs })),
    detectsDuplicates,
    duplicateWindowMs: detectsDuplicates ? contract.duplicateWindowMs : 0,
    // A key that was answered with another one's redemption is that payload's from then on.
    keepsDuplicates: keepsRefusals || contract.duplicateIntent === 'replay',
    keepsUnknownReward: keepsRefusals,
  };
}

/** Two requests with one fingerprint ask for the same; `body` is the request's, as it was sent. */
export function fingerprintBy({ fingerprint }: Contract): (payload: Payload, body: string) => string {
  if (fingerprint === 'none') return () => '';
  if (fingerprint === 'bytes')
    return (_payload, body) => createHash('sha256').update(body).digest('base64url');
  return fingerprintOf;
}

/** The parsed, known members in one fixed order: member order, white space and number form do not count. */
export function fingerprintOf({ customer, reward, points, type, clientRedemptionId }: Payload): string {
  return JSON.stringify([customer, reward, points, type ?? null, clientRedemptionId ?? null]);
}
