/**
 * A customer's debits in time: each lies between the first request that can have made it and the answer that says that
 * it is there. What must have been taken by a moment, and what may have been, follows from that.
 */

import { isOwn, type Attempt } from './customer.ts';
import type { CustomerCase } from './case.ts';
import type { Claim } from './claims.ts';
import { coversDuplicates, type Contract } from '../model/contract.ts';
import { saysNoEffect } from '../model/refusals.ts';

export interface TimedDebit {
  readonly points: number;
  /** The first request that can have made it; -Infinity where nobody knows which. */
  readonly from: number;
  /** The first answer that named it; Infinity: no answer did, so that it may never have been. */
  readonly until: number;
  /** After that it cannot be seen any more: what was undone, or never came to be. Infinity: it stays. */
  readonly goneAt: number;
}

export interface TimedDebits {
  readonly debits: readonly TimedDebit[];
  /** By the redemption's name; an answer without one: by its key. */
  readonly named: ReadonlyMap<string, TimedDebit>;
}

/** Undefined where the price of a debit is not known, or where nobody can count how many there may have been. */
export function timedDebitsOf(theCase: CustomerCase): TimedDebits | undefined {
  const debits: TimedDebit[] = [];
  const named = new Map<string, TimedDebit>();
  const canRead = theCase.hasLedger || theCase.hasList;
  for (const claim of theCase.claims) {
    if (!(canRead ? addRead(claim, theCase, debits, named) : addTold(claim, theCase, debits, named)))
      return undefined;
  }
  for (const { debits: count, debitedPoints, points } of theCase.orphans) {
    const each = debitedPoints > 0 && count > 0 ? debitedPoints / count : points;
    if (each === undefined) return undefined;
    for (let debit = 0; debit < Math.max(1, count); debit++)
      debits.push({ points: each, from: -Infinity, until: Infinity, goneAt: Infinity });
  }
  return { debits, named };
}

/** The name by which an answer's redemption is known here; undefined: it is no 2xx of the endpoint to its own customer. */
export function toldName({ complete, key }: Attempt): string | undefined {
  return complete?.redemption ?? (key === '' ? undefined : `key ${key}`);
}

/** Claims whose effects can be read: these are they. A claim without any may have had one for a while. */
function addRead(
  claim: Claim,
  theCase: CustomerCase,
  debits: TimedDebit[],
  named: Map<string, TimedDebit>,
): boolean {
  const from = firstRequest(claim);
  if (claim.effects.length === 0) {
    const goneAt = lastAnswer(claim);
    for (const points of pricesOf(claim)) debits.push({ points, from, until: Infinity, goneAt });
    return true;
  }
  for (const effect of claim.effects) {
    const count = Math.max(1, effect.debits);
    const each =
      effect.debitedPoints > 0 && effect.debits > 0 ? effect.debitedPoints / effect.debits : effect.points;
    const points = each ?? claim.attempts[0]?.invoke.points;
    if (points === undefined) return false;
    const first = { points, from, until: firstTold(claim, effect.redemption), goneAt: Infinity };
    debits.push(first);
    named.set(effect.redemption, first);
    // An answer that names none tells of its key's.
    for (const { key } of claim.attempts)
      if (key !== '' && !named.has(`key ${key}`)) named.set(`key ${key}`, first);
    for (let more = 1; more < count; more++) debits.push({ points, from, until: Infinity, goneAt: Infinity });
  }
  return true;
}

/** Where only a balance can be read: what the answers say, and one debit a key that may have been carried out. */
function addTold(
  claim: Claim,
  { keys, run }: CustomerCase,
  debits: TimedDebit[],
  named: Map<string, TimedDebit>,
): boolean {
  const from = firstRequest(claim);
  const open = new Map<string, { readonly points: number; left: number }>();
  for (const attempt of claim.attempts) {
    const { key, keyKind, invoke, complete } = attempt;
    if (keyKind === 'missing' && run.contract.missingKey !== 'accept' && complete?.outcome !== 'ok') continue;
    // Whatever else may be carried out without a key of its own can be so any number of times.
    if (keyKind !== 'key' || !isOwn(attempt)) {
      if (complete?.by === 'server' && complete.outcome === 'fail') continue;
      return false;
    }
    const lives = keys.get(key)?.maxLives ?? 1;
    if (!Number.isFinite(lives)) return false;
    if (!open.has(key)) open.set(key, { points: invoke.points, left: lives });
    const name = isTold(attempt) ? toldName(attempt) : undefined;
    if (name === undefined || named.has(name)) continue;
    // Of the answers to one redemption those that name nothing tell of what another names.
    if (complete?.redemption === undefined && isToldElsewhere(attempt, claim, named, run.contract)) continue;
    const debit = { points: invoke.points, from, until: firstToldAs(claim, name), goneAt: Infinity };
    named.set(name, debit);
    if (lives === 1) named.set(`key ${key}`, debit);
    debits.push(debit);
    const life = open.get(key);
    if (life) life.left -= 1;
  }
  for (const [key, { points, left }] of open) {
    const isRefused = claim.attempts.every(
      ({ key: own, complete, arrivals }) =>
        own !== key ||
        (complete !== undefined && arrivals.length < 2 && saysNoEffect(run.contract, complete)),
    );
    if (isRefused) continue;
    for (let more = 0; more < left; more++) debits.push({ points, from, until: Infinity, goneAt: Infinity });
  }
  return true;
}

/** Whether another 2xx tells of the same debit: one of its key that names it, or of another key that gets the original. */
function isToldElsewhere(
  { key }: Attempt,
  { attempts }: Claim,
  named: ReadonlyMap<string, TimedDebit>,
  contract: Contract,
): boolean {
  return attempts.some(
    (other) =>
      isTold(other) &&
      (other.key === key
        ? other.complete?.redemption !== undefined
        : coversDuplicates(contract) && named.has(toldName(other) ?? '')),
  );
}

/** A 2xx that the endpoint itself gave to this customer. */
export function isTold(attempt: Attempt): boolean {
  const { complete } = attempt;
  return complete?.outcome === 'ok' && complete.by === 'server' && isOwn(attempt);
}

function firstRequest({ attempts }: Claim): number {
  let from = Infinity;
  for (const { invoke } of attempts) if (invoke.at < from) from = invoke.at;
  return from;
}

/** What was refused can have been undone by then; what was said to be done, or never answered, at any time. */
function lastAnswer({ attempts }: Claim): number {
  let until = -Infinity;
  for (const { complete } of attempts)
    until = Math.max(until, complete?.outcome === 'fail' ? complete.at : Infinity);
  return until;
}

function firstTold({ attempts }: Claim, redemption: string): number {
  let until = Infinity;
  for (const attempt of attempts)
    if (isTold(attempt) && attempt.complete?.redemption === redemption)
      until = Math.min(until, attempt.complete.at);
  return until;
}

function firstToldAs({ attempts }: Claim, name: string): number {
  let until = Infinity;
  for (const attempt of attempts)
    if (isTold(attempt) && toldName(attempt) === name)
      until = Math.min(until, attempt.complete?.at ?? Infinity);
  return until;
}

/** What it would have cost, by each payload that it came with. */
function pricesOf({ attempts }: Claim): Set<number> {
  return new Set(attempts.map(({ invoke }) => invoke.points));
}
