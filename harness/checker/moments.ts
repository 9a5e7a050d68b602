/** Counts the moments that a customer's requests met, from what happened to them and never from intentions. */

import type { ArrivalEvent } from '../history/events.ts';
import { atServer } from './at-server.ts';
import type { CustomerCase } from './case.ts';
import { isDefinite, isOk, isOwn, overlap, type Attempt, type Intent } from './customer.ts';
import type { Findings } from './findings.ts';
import { coverKey } from './key-moments.ts';
import type { Histogram } from './latency.ts';
import { wasShort } from './shortage.ts';
import { measureSpread } from './spread.ts';

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

/** A 2xx that says "done": one that says "accepted" comes before the work. */
function isSuccess({ answer, isPending }: ArrivalEvent): boolean {
  return answer !== undefined && answer >= 200 && answer < 300 && isPending !== true;
}
