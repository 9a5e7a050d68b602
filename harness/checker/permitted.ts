/** How many debits the contract lets a claim have, whatever was answered. */

import type { Capabilities } from '../history/events.ts';
import { coversDuplicates, type Contract } from '../model/contract.ts';
import type { StoreClock } from './clocks.ts';
import type { Asked } from './claims.ts';
import { isOwn, type Attempt } from './customer.ts';
import type { KeyLife } from './key-lives.ts';

/** What it rests on. */
export interface PermittedBy {
  readonly run: {
    readonly contract: Contract;
    readonly capabilities: Capabilities;
    readonly client: string;
    readonly storeClock: StoreClock;
  };
  readonly keys: ReadonlyMap<string, KeyLife>;
}

/** Upper bound of the debits that the contract lets a claim have; Infinity where nothing is promised. */
export function permittedDebits(claim: Asked, by: PermittedBy): number {
  const { run } = by;
  const { contract } = run;
  let permitted = 0;
  for (const key of keysOf(claim.attempts)) permitted += by.keys.get(key)?.maxLives ?? 1;
  for (const attempt of claim.attempts) permitted += permittedWithoutKey(attempt, by);
  if (permitted <= 1 || !coversDuplicates(contract)) return permitted;
  // What the endpoint may do is not what the customer wanted: the literal client's new key is judged as the client's doing.
  if (run.client === 'seed-literal' && hasNewKeyAfterRefusal(claim)) return 1;
  // The client's own name for the redemption protects it for good, whatever happens to its keys.
  if (claim.attempts.every(({ invoke }) => invoke.clientRedemptionId !== undefined)) return 1;
  return isInsideWindow(claim, by) ? 1 : permitted;
}

/** "409 and the key does not match: generate a new key and retry", as the seed's text has it. */
function hasNewKeyAfterRefusal({ attempts }: Asked): boolean {
  return attempts.some(
    ({ complete, key }) =>
      complete?.status === 409 &&
      attempts.some((later) => later.key !== key && later.invoke.at >= complete.at),
  );
}

/** A request without a key of its own is protected by nothing. */
export function permittedWithoutKey(attempt: Attempt, { run }: PermittedBy): number {
  if (attempt.keyKind === 'key' || !isOwn(attempt)) return 0;
  const row = attempt.keyKind === 'missing' ? run.contract.missingKey : run.contract.malformedKey;
  if (row === 'unspecified') return Infinity;
  if (row !== 'accept') return 0;
  // Each arrival is a redemption of its own; without a hop nobody knows how many there were.
  return run.capabilities.arrivals ? Math.max(1, attempt.arrivals.length) : Infinity;
}

/** Without a client's name the fallback holds: the same payload again within the window is the same redemption. */
function isInsideWindow(claim: Asked, { run, keys }: PermittedBy): boolean {
  const windowMs = run.contract.duplicateWindowMs;
  if (windowMs <= 0 || claim.intents.length > 1 || claim.attempts.some(({ keyKind }) => keyKind !== 'key'))
    return false;
  for (const key of keysOf(claim.attempts)) {
    const life = keys.get(key);
    if (life === undefined || life.maxLives > 1 || life.attempts.some(({ clockMoved }) => clockMoved))
      return false;
  }
  return isWithin(claim.attempts, windowMs, run.storeClock) && !hasClockMove(claim, keys);
}

function hasClockMove(claim: Asked, keys: ReadonlyMap<string, KeyLife>): boolean {
  for (const key of keysOf(claim.attempts))
    if (keys.get(key)?.attempts.some(({ clockMoved }) => clockMoved)) return true;
  return false;
}

/** From the first request to the last answer, by the store's clock. */
function isWithin(attempts: readonly Attempt[], windowMs: number, clock: StoreClock): boolean {
  let first = Infinity;
  let last = -Infinity;
  for (const { invoke, complete } of attempts) {
    first = Math.min(first, invoke.at);
    last = Math.max(last, complete?.at ?? Infinity);
  }
  return last - first < windowMs && !clock.canHaveJumped(first, last);
}

/** Keys of the customer's own. */
export function keysOf(attempts: readonly Attempt[]): Set<string> {
  const keys = new Set<string>();
  for (const attempt of attempts) if (attempt.keyKind === 'key' && isOwn(attempt)) keys.add(attempt.key);
  return keys;
}
