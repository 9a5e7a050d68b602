/** Counts the moments that a customer's requests met, from what happened to them and never from intentions. */

import { tombstoneEndMs } from '../model/contract.ts';
import type { ArrivalEvent } from '../history/events.ts';
import type { CustomerCase } from './case.ts';
import { completedAt, isOwn, overlap, type Attempt, type Intent } from './customer.ts';
import type { Findings } from './findings.ts';
import type { AgedAttempt, KeyLife } from './key-lives.ts';
import type { Histogram } from './latency.ts';
import { wasShort } from './shortage.ts';

/** Requests that left at most so far apart were meant to be simultaneous, ms. */
const TOGETHER_MS = 5;

export function coverMoments(theCase: CustomerCase, findings: Findings, spread: Histogram): void {
  const { customer } = theCase;
  for (const intent of customer.intents.values()) coverIntent(intent, theCase, findings);
  for (const life of theCase.keys.values()) coverKey(life, theCase, findings);
  for (const attempt of customer.attempts) coverAttempt(attempt, theCase, findings);
  coverTwoKeys(theCase, findings);
  coverLastPoints(theCase, findings);
  measureSpread(customer.attempts, spread);
}

function coverIntent(intent: Intent, theCase: CustomerCase, findings: Findings): void {
  if (intent.attempts.some(isOk)) findings.cover('intent-completed');
  const hasLost = intent.attempts.some((attempt) => wasLostAfterDebit(attempt));
  if (!hasLost && !leftUnseenEffect(intent, theCase)) return;
  findings.cover('answer-lost-after-debit');
  if (wasKilledMeanwhile(intent, theCase)) findings.cover('crash-between-debit-and-reply');
}

/** The one attempt that can have made the effect was at the server, and got no answer, when a server was ended. */
function wasKilledMeanwhile(intent: Intent, { run, effectsOf }: CustomerCase): boolean {
  if (!effectsOf.has(intent)) return false;
  const unanswered = intent.attempts.filter(
    ({ complete }) => complete === undefined || complete.outcome === 'info',
  );
  const [only] = unanswered;
  if (only === undefined || unanswered.length > 1 || only.arrivals.some(isSuccess)) return false;
  return atServer(only, run).some(({ from, until }) => run.faults.startedIn('crash', from, until));
}

/** The server answered 2xx on the wire, and the client never had that answer. */
function wasLostAfterDebit(attempt: Attempt): boolean {
  if (attempt.complete !== undefined && attempt.complete.outcome !== 'info') return false;
  return attempt.arrivals.some(isSuccess);
}

/** There is an effect, and no attempt has an answer that could be the one of the execution itself. */
function leftUnseenEffect(intent: Intent, { effectsOf, run }: CustomerCase): boolean {
  const hasMarker = run.contract.replayMarker !== 'none' && run.contract.replayMarker !== 'unspecified';
  if (!hasMarker || !effectsOf.has(intent)) return false;
  if (!intent.attempts.some(({ complete }) => complete === undefined || complete.outcome === 'info'))
    return false;
  return intent.attempts.every((attempt) => !isOk(attempt) || attempt.complete?.replayed === true);
}

/** Faults that a request meets when it is at the server while they are on. */
const MET_BY_REQUESTS = [
  ['server-down', 'server-down-in-flight'],
  ['store-down', 'store-down-in-flight'],
  ['rolling-restart', 'restart-in-flight'],
  ['skew', 'skewed-clock'],
] as const;

/** When the attempt, or a copy of it, was on its way to the server or there: as the hop saw it, else as the client did. */
function atServer(attempt: Attempt, { capabilities }: CustomerCase['run']): Interval[] {
  if (capabilities.arrivals)
    return attempt.arrivals
      .filter(reachedServer)
      .map(({ at, endedAt }) => ({ from: at, until: endedAt ?? at }));
  // Without an answer nobody knows how long it was there.
  const { complete, invoke } = attempt;
  return [{ from: invoke.at, until: complete?.at ?? invoke.at }];
}

function coverAttempt(attempt: Attempt, theCase: CustomerCase, findings: Findings): void {
  const { run } = theCase;
  const { arrivals } = attempt;
  if (isDefinite(attempt)) {
    if (attempt.keyKind === 'missing') findings.cover('missing-key');
    if (attempt.keyKind === 'malformed') findings.cover('malformed-key');
  }
  if (!isOwn(attempt)) findings.cover('other-customer');
  if (wasShort(attempt, theCase)) findings.cover('points-ran-out');
  const spans = atServer(attempt, run);
  for (const [scope, moment] of MET_BY_REQUESTS)
    if (spans.some(({ from, until }) => run.faults.wasOn(scope, from, until))) findings.cover(moment);
  let originals = 0;
  for (const arrival of arrivals) {
    if (arrival.copy === 0) originals += 1;
    else findings.cover('duplicate-delivered');
  }
  if (originals > 1) {
    findings.cover('hidden-resend', originals - 1);
    findings.count('hiddenResends', originals - 1);
  }
}

function coverKey({ attempts }: KeyLife, theCase: CustomerCase, findings: Findings): void {
  coverRetries(attempts, findings);
  coverPayloads(attempts, findings);
  coverAges(attempts, theCase, findings);
  coverArrivals(attempts, theCase, findings);
  coverLease(attempts, theCase, findings);
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
  if (leaseMs === 'unspecified' || !run.capabilities.arrivals) return;
  let first: ArrivalEvent | undefined;
  for (const { attempt } of attempts)
    for (const arrival of attempt.arrivals)
      if (reachedServer(arrival) && (first === undefined || arrival.at < first.at)) first = arrival;
  if (first?.endedAt !== undefined && first.endedAt - first.at > leaseMs) findings.cover('lease-outlasted');
}

/** A request that the hop lost is an arrival at the hop only. */
function reachedServer({ upstream, answer }: ArrivalEvent): boolean {
  return upstream !== undefined || answer !== undefined;
}

function isLate(arrival: ArrivalEvent, attempts: readonly AgedAttempt[]): boolean {
  return (
    arrival.copy > 0 && attempts.some(({ attempt }) => isOk(attempt) && completedAt(attempt) < arrival.at)
  );
}

interface Interval {
  readonly from: number;
  readonly until: number;
}

function hasOverlap(intervals: Interval[]): boolean {
  intervals.sort((one, two) => one.from - two.from);
  let until = -Infinity;
  for (const interval of intervals) {
    if (interval.from < until) return true;
    until = Math.max(until, interval.until);
  }
  return false;
}

function intervalOf(attempt: Attempt): Interval {
  return { from: attempt.invoke.at, until: completedAt(attempt) };
}

/** One intent, or one of the client's own names for it, under two keys. */
function coverTwoKeys({ customer, keys: lives }: CustomerCase, findings: Findings): void {
  if (lives.size < 2) return;
  const keys = new Map<string, Set<string>>();
  for (const { invoke, keyKind, key } of customer.attempts) {
    if (keyKind !== 'key') continue;
    const name = invoke.clientRedemptionId ?? `intent ${invoke.intent}`;
    const known = keys.get(name);
    if (known) known.add(key);
    else keys.set(name, new Set([key]));
  }
  for (const known of keys.values()) if (known.size > 1) findings.cover('two-keys-one-intent');
}

/** Distinct intents in flight together, of which one was confirmed and another was told that points ran out. */
function coverLastPoints(theCase: CustomerCase, findings: Findings): void {
  const { customer } = theCase;
  const isRefused = (attempt: Attempt) => wasShort(attempt, theCase);
  if (!customer.attempts.some(isRefused)) return;
  const contenders = customer.attempts.filter((attempt) => isOk(attempt) || isRefused(attempt));
  contenders.sort((one, two) => one.invoke.at - two.invoke.at);
  let inFlight: Attempt[] = [];
  for (const attempt of contenders) {
    inFlight = inFlight.filter((other) => overlap(other, attempt));
    const isRace = inFlight.some((other) => other.intent !== attempt.intent && isOk(other) !== isOk(attempt));
    if (isRace) {
      findings.cover('race-for-last-points');
      return;
    }
    inFlight.push(attempt);
  }
}

/** How far apart the first and the last of simultaneous requests came in at the server, in µs; faults apart. */
function measureSpread(attempts: readonly Attempt[], spread: Histogram): void {
  if (attempts.length < 2) return;
  let group: number[] = [];
  let from = -Infinity;
  let until = Infinity;
  const close = () => {
    if (group.length > 1) spread.record((Math.max(...group) - Math.min(...group)) * 1000);
    group = [];
    until = Infinity;
  };
  for (const attempt of [...attempts].sort((one, two) => one.invoke.at - two.invoke.at)) {
    const { at } = attempt.invoke;
    if (at - from > TOGETHER_MS || at > until) close();
    if (group.length === 0) from = at;
    until = Math.min(until, completedAt(attempt));
    const arrival = attempt.arrivals.find(({ copy }) => copy === 0);
    if (arrival && (arrival.faults ?? []).length === 0) group.push(arrival.at);
  }
  close();
}

function isOk({ complete }: Attempt): boolean {
  return complete?.outcome === 'ok';
}

function isDefinite({ complete }: Attempt): boolean {
  return complete?.outcome === 'ok' || complete?.outcome === 'fail';
}

/** A 2xx that says "done": one that says "accepted" comes before the work. */
function isSuccess({ answer, isPending }: ArrivalEvent): boolean {
  return answer !== undefined && answer >= 200 && answer < 300 && isPending !== true;
}
