/** The moments that one key met: retries, other payloads, ages, copies, leases. */

import { tombstoneEndMs } from '../model/contract.ts';
import type { ArrivalEvent } from '../history/events.ts';
import { hasOverlap, reachedServer, type Interval } from './at-server.ts';
import type { CustomerCase } from './case.ts';
import { completedAt, isDefinite, isOk, type Attempt } from './customer.ts';
import type { CoverageName } from './coverage.ts';
import type { Findings } from './findings.ts';
import type { AgedAttempt, KeyLife } from './key-lives.ts';

/** A lease that nobody has named is taken to be no longer, ms. */
const LONG_WORK_MS = 1000;

export function coverKey({ attempts }: KeyLife, theCase: CustomerCase, findings: Findings): void {
  coverRetries(attempts, findings);
  coverPayloads(attempts, findings);
  coverAges(attempts, theCase, findings);
  coverArrivals(attempts, theCase, findings);
  coverLease(attempts, theCase, findings);
  coverWays(attempts, findings);
}

function coverRetries(attempts: readonly AgedAttempt[], findings: Findings): void {
  let firstEnd = Infinity;
  let firstOk = Infinity;
  let firstGivenUp = Infinity;
  for (const { attempt } of attempts) {
    const end = completedAt(attempt);
    firstEnd = Math.min(firstEnd, end);
    if (isOk(attempt)) firstOk = Math.min(firstOk, end);
    if (attempt.complete?.outcome === 'info' && !attempt.complete.status)
      firstGivenUp = Math.min(firstGivenUp, end);
  }
  let hasRetry = false;
  let wasAbandoned = false;
  if (retriedElsewhere(attempts)) findings.cover('retry-other-replica');
  for (const { attempt } of attempts) {
    const { at, via } = attempt.invoke;
    // Only the clients' own attempts are retries of the run: settling repeats by itself.
    hasRetry ||= via !== 'settle' && at > firstEnd;
    wasAbandoned ||= via !== 'settle' && at > firstGivenUp;
    if (!isOk(attempt)) continue;
    const { replayed } = attempt.complete ?? {};
    if (replayed === true || (replayed === undefined && at > firstOk)) findings.cover('replayed-answer');
  }
  if (hasRetry) findings.cover('retried');
  if (wasAbandoned) findings.cover('abandoned');
}

/** A client's attempt reached another replica than one that had ended before it was sent. Copies are not retries. */
function retriedElsewhere(attempts: readonly AgedAttempt[]): boolean {
  let last: Attempt | undefined;
  for (const { attempt } of attempts) {
    if (attempt.invoke.via === 'settle') continue;
    const [from, to] = [last && replicaOf(last), replicaOf(attempt)];
    const isRetry = last !== undefined && attempt.invoke.at > completedAt(last);
    if (isRetry && from !== undefined && to !== undefined && from !== to) return true;
    last = attempt;
  }
  return false;
}

function replicaOf({ arrivals }: Attempt): string | undefined {
  return arrivals.find(({ copy, upstream }) => copy === 0 && upstream !== undefined)?.upstream;
}

function coverPayloads(attempts: readonly AgedAttempt[], findings: Findings): void {
  if (attempts.length < 2) return;
  const first = attempts[0]?.attempt.invoke;
  const others = attempts.filter(({ attempt }) => attempt.invoke.payloadHash !== first?.payloadHash);
  findings.cover('other-payload', others.length);
  const bodies = new Map<string, string>();
  for (const { attempt } of attempts) {
    if (attempt.invoke.via === 'settle') continue;
    // Absent: the payload's plain writing.
    const { payloadHash, bodyHash = '' } = attempt.invoke;
    const known = bodies.get(payloadHash);
    if (known === undefined) bodies.set(payloadHash, bodyHash);
    else if (known !== bodyHash) findings.cover('reordered-payload');
  }
}

function coverAges(attempts: readonly AgedAttempt[], { run }: CustomerCase, findings: Findings): void {
  const { ttlMs } = run.contract;
  if (ttlMs === 'unspecified') return;
  const nearMs = Math.min(1000, ttlMs / 20);
  const end = Math.max(ttlMs, tombstoneEndMs(run.contract));
  for (const { attempt, age, clockMoved, clockRan } of attempts) {
    if (age === undefined || !clockMoved) continue;
    if (clockRan && isDefinite(attempt) && age.low >= ttlMs) findings.cover('expired-in-run');
    const isExact = isDefinite(attempt) && age.low === age.high;
    if (isExact && age.low === ttlMs) findings.cover('expiry-at');
    else if (isDefinite(attempt) && age.low >= ttlMs - nearMs && age.high < ttlMs)
      findings.cover('expiry-before');
    else if (isDefinite(attempt) && age.low > ttlMs) findings.cover('expiry-after');
    if (isDefinite(attempt) && age.low >= end) findings.cover('tombstone-end');
    if (age.low < ttlMs && age.high >= ttlMs) findings.cover('expiry-in-flight');
  }
}

/** Together in flight at the server: by what the hop saw; without a hop, by what the client saw. */
function coverArrivals(attempts: readonly AgedAttempt[], { run }: CustomerCase, findings: Findings): void {
  if (!run.capabilities.arrivals) {
    if (attempts.length > 1 && hasOverlap(attempts.map(({ attempt }) => intervalOf(attempt))))
      findings.cover('overlap');
    return;
  }
  const arrivals: ArrivalEvent[] = [];
  for (const { attempt } of attempts)
    for (const arrival of attempt.arrivals) if (reachedServer(arrival)) arrivals.push(arrival);
  if (arrivals.length < 2) return;
  if (hasOverlap(arrivals.map(({ at, endedAt }) => ({ from: at, until: endedAt ?? Infinity }))))
    findings.cover('overlap');
  const upstreams = new Set<string>();
  for (const { upstream } of arrivals) if (upstream !== undefined) upstreams.add(upstream);
  if (upstreams.size > 1) findings.cover('other-replica');
  findings.cover('late-duplicate', arrivals.filter((arrival) => isLate(arrival, attempts)).length);
}

/** The first request of a key was at the server for longer than a lease. Later ones may only have waited for it. */
function coverLease(attempts: readonly AgedAttempt[], { run }: CustomerCase, findings: Findings): void {
  const { leaseMs } = run.contract;
  if (!run.capabilities.arrivals) return;
  let first: ArrivalEvent | undefined;
  for (const { attempt } of attempts)
    for (const arrival of attempt.arrivals)
      if (reachedServer(arrival) && (first === undefined || arrival.at < first.at)) first = arrival;
  if (first?.endedAt === undefined) return;
  const heldMs = first.endedAt - first.at;
  if (leaseMs !== 'unspecified' && heldMs > leaseMs) findings.cover('lease-outlasted');
  // Nobody has said how long the lease is: most are no longer than this, and another attempt came while it may have lapsed.
  const lapsedAt = first.at + (leaseMs === 'unspecified' ? LONG_WORK_MS : leaseMs);
  const { endedAt } = first;
  const isOvertaken = attempts.some(({ attempt: { arrivals } }) =>
    arrivals.some(({ at }) => at > lapsedAt && at < endedAt),
  );
  if (isOvertaken) findings.cover('long-work');
}

const WAYS: Readonly<Record<string, CoverageName>> = {
  envelope: 'another-envelope',
  payload: 'changed-member',
  key: 'keys-alike',
  history: 'replayed-later',
  time: 'burst-at-instant',
};

/** Requests that were sent otherwise than the first, by the group of their way; each had an answer. */
function coverWays(attempts: readonly AgedAttempt[], findings: Findings): void {
  for (const { attempt } of attempts) {
    const { way } = attempt.invoke;
    if (way === undefined || !isDefinite(attempt)) continue;
    const moment = WAYS[way.split(':', 1)[0] ?? ''];
    if (moment !== undefined) findings.cover(moment);
  }
}

function isLate(arrival: ArrivalEvent, attempts: readonly AgedAttempt[]): boolean {
  return (
    arrival.copy > 0 && attempts.some(({ attempt }) => isOk(attempt) && completedAt(attempt) < arrival.at)
  );
}

function intervalOf(attempt: Attempt): Interval {
  return { from: attempt.invoke.at, until: completedAt(attempt) };
}
