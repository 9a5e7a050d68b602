/** What an endpoint did at a row of the probe, what a contract promises there, and whether the two are the same. Pure data. */

import type { Refusal } from '../model/contract.ts';
import type { Sent } from './sender.ts';

/** What an endpoint did, so that it can be compared. */
export type Did =
  /** A 2xx with a redemption of its own. */
  | { readonly did: 'executed' }
  /** A 2xx with the first one's redemption. */
  | { readonly did: 'replayed' }
  /** 4xx. */
  | ({ readonly did: 'refused' } & Refusal)
  /** 5xx, or any other status that is neither done nor refused. */
  | ({ readonly did: 'failed' } & Refusal)
  /** Something that was measured or compared. */
  | { readonly did: 'is'; readonly value: string | number | boolean };

/** What was seen, with the requests that show it: the last one is the one that the row is about. */
export interface Seen {
  readonly did: Did;
  /** In words. */
  readonly text: string;
  readonly shown: readonly Sent[];
  /** What the books say against the answer. A row with it keeps no contract. */
  readonly trouble?: string;
}

/** Nothing was seen, and why. */
export interface NotSeen {
  readonly why: string;
  readonly shown: readonly Sent[];
}

/** What a contract promises at a row: each of `anyOf` keeps it. */
export interface Promised {
  readonly text: string;
  readonly anyOf: readonly Did[];
}

export const GROUPS = [
  'keys',
  'replay',
  'payload',
  'scope',
  'in flight',
  'refusals',
  'errors',
  'duplicates',
  'time',
] as const;
export type Group = (typeof GROUPS)[number];

/** A row cannot be seen here: not a fault of the endpoint, nor of ours. */
export class Unseen extends Error {
  override readonly name = 'Unseen';
}

/** There is nothing to be seen: the endpoint's requests have no such thing. */
export class Nowhere extends Unseen {}

export const EXECUTED: Did = { did: 'executed' };
export const REPLAYED: Did = { did: 'replayed' };

export function is(value: string | number | boolean): Did {
  return { did: 'is', value };
}

/** Codes are compared where both sides have one: not every config says where they are. */
export function isSame(one: Did, other: Did): boolean {
  if ((one.did === 'refused' || one.did === 'failed') && one.did === other.did)
    return (
      one.status === other.status &&
      (one.code === undefined || other.code === undefined || one.code === other.code)
    );
  if (one.did === 'is' && other.did === 'is')
    return String(one.value).toLowerCase() === String(other.value).toLowerCase();
  return one.did === other.did;
}

/** `redeemed`, `the first answer again`, `409 duplicate_request`, or the value. */
export function didText(did: Did): string {
  if (did.did === 'executed') return 'redeemed';
  if (did.did === 'replayed') return 'the first answer again';
  if (did.did === 'is') return String(did.value);
  return did.code === undefined ? String(did.status) : `${did.status} ${did.code}`;
}

/** A refusal that a row of the contract names, or one of its words; undefined: nothing is promised. */
export function promisedRefusal(
  row: Refusal | string,
  words: Readonly<Record<string, Did>> = {},
): Promised | undefined {
  if (typeof row !== 'string') {
    const did: Did = { did: 'refused', ...row };
    return { text: didText(did), anyOf: [did] };
  }
  const did = words[row];
  return did === undefined ? undefined : { text: didText(did), anyOf: [did] };
}

/** The same, one thing alone. */
export function promise(did: Did): Promised {
  return { text: didText(did), anyOf: [did] };
}

/** As a row of the contract that is a refusal or a word. */
export function refusalRow(did: Did): Refusal | undefined {
  if (did.did !== 'refused') return undefined;
  return { status: did.status, ...(did.code !== undefined && { code: did.code }) };
}

/** Time as it is promised, exact: `1 day`, `7 days`, `5 s`, `1,500 ms`. */
export function timeText(ms: number): string {
  for (const [unit, size] of UNITS) {
    const count = ms / size;
    if (Number.isInteger(count) && count > 0)
      return `${count} ${unit}${unit === 'day' && count > 1 ? 's' : ''}`;
  }
  return `${ms.toLocaleString('en-US')} ms`;
}

const UNITS = [
  ['day', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A promise of a time. */
export function promiseTime(ms: number): Promised {
  return { text: timeText(ms), anyOf: [is(ms)] };
}
