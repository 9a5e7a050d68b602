/**
 * What the store and the core judge by, from a contract. A row that the contract leaves open behaves as in the
 * `seed` profile.
 */

import { tombstoneEndMs, type Contract } from '../harness/model/contract.ts';
import type { KeyRules, Payload } from './store.ts';

const DEFAULT_TTL_MS = 86_400_000;

/** The store's part of a contract. */
export function rulesOf(contract: Contract): KeyRules {
  const ttlMs = contract.ttlMs === 'unspecified' ? DEFAULT_TTL_MS : contract.ttlMs;
  const detectsDuplicates = contract.duplicateIntent !== 'uncovered';
  return {
    ttlMs,
    tombstoneMs: Math.max(ttlMs, tombstoneEndMs({ ...contract, ttlMs })),
    detectsDuplicates,
    duplicateWindowMs: detectsDuplicates ? contract.duplicateWindowMs : 0,
  };
}

/** The parsed, known members in one fixed order: member order, white space and number form do not count. */
export function fingerprintOf({ customer, reward, points, type, clientRedemptionId }: Payload): string {
  return JSON.stringify([customer, reward, points, type ?? null, clientRedemptionId ?? null]);
}
