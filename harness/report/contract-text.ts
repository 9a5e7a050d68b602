/** A contract in words: its profile, and what it says otherwise than that. Pure. */

import { PROFILES, isProfileName, type Contract, type Refusal } from '../model/contract.ts';
import { duration, listed } from './format.ts';

type Row = Exclude<keyof Contract, 'profile'>;
type Words = { readonly [K in Row]?: (row: Contract[K]) => string | undefined };

/** Rows that are told in a sentence; the others by name and value. */
const WORDS: Words = {
  keyScope: (row) =>
    row === 'customer'
      ? "a key is its customer's own"
      : row === 'unspecified'
        ? undefined
        : `keys are shared by ${row === 'global' ? 'all customers' : 'all requests to one path'}`,
  fingerprint: (row) =>
    row === 'unspecified'
      ? undefined
      : {
          members: 'a key is bound to what was asked',
          bytes: 'a key is bound to the very bytes',
          none: 'a key is bound to no payload',
        }[row],
  waitsFirst: (row) => (row ? 'waits before it refuses as in flight' : 'refuses as in flight at once'),
  replayState: (row) =>
    row === 'latest'
      ? 'a replay shows the latest state'
      : row === 'first'
        ? 'a replay shows the first answer'
        : undefined,
  tombstoneFrom: (row) => `a tombstone counts from the ${row}`,
  leaseMs: (row) => (row === 'unspecified' ? undefined : `a lease of ${duration(row)}`),
  storesRefusals: (row) =>
    row === 'unspecified' ? undefined : row ? 'refusals are stored' : 'refusals are not stored',
  tryAgain: (row) =>
    row === 'never'
      ? 'no 5xx of its own'
      : row === 'unspecified'
        ? undefined
        : `${listed(row.statuses.map(String))} of its own with Retry-After, at most ${row.max} for a key, within ${duration(row.withinMs)}`,
  duplicateIntent: (row) =>
    row === 'replay' ? 'a second key for one redemption is answered with the original' : undefined,
  clockScope: (row) => (row === 'common' ? 'all customers have one clock' : 'each customer has a clock'),
};

/** `seed`, or `seed; keys are shared by all customers; ttlMs 5000`. A verdict of an earlier version may lack rows. */
export function contractText(contract: Contract): string {
  const { profile } = contract;
  if (!isProfileName(profile)) return profile;
  const base: Contract = PROFILES[profile];
  const rows = (Object.keys(base) as (keyof Contract)[]).filter(
    (row): row is Row => row !== 'profile' && differs(contract[row], base[row]),
  );
  return [profile, ...rows.map((row) => rowText(contract, row))].join('; ');
}

function rowText(contract: Contract, row: Row): string {
  const value = contract[row];
  // Each row's words take just this row's values: the table's type says so.
  const words = WORDS[row] as ((row: unknown) => string | undefined) | undefined;
  return words?.(value) ?? `${row} ${shown(value)}`;
}

/** A refusal whose code is not promised is the same refusal. */
function differs(own: unknown, base: unknown): boolean {
  if (own === undefined) return false;
  if (isRefusal(own) && isRefusal(base) && own.code === undefined) return own.status !== base.status;
  return JSON.stringify(own) !== JSON.stringify(base);
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'status' in value;
}

function shown(value: unknown): string {
  if (isRefusal(value))
    return value.code === undefined ? String(value.status) : `${value.status} ${value.code}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
