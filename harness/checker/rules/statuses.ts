/** unexpected-status: what the server itself may not say, by the contract, in the situation that it was in. */

import type { Contract } from '../../model/contract.ts';
import { bindingOf } from '../binding.ts';
import type { CustomerCase } from '../case.ts';
import { completedAt, isOwn, mayBeRefused, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { isConfirming, type KeyLife } from '../key-lives.ts';
import { outcomeOf } from '../../model/outcome.ts';
import { isOnly, refusalOf, REFUSAL_ROWS, rowsOf, shownAnswer } from '../../model/refusals.ts';
import { carriedOutOn, HANDLER_FAILS } from '../../history/events.ts';
import { pointsLeftAt } from '../points-left.ts';
import { about } from './rule.ts';

/** Connections to a store come back a moment after the store does, ms. */
const GRACE_MS = 1000;

/** Below 500 these say nothing about a redemption: HTTP's own, and a rate limiter's. */
const TRANSPORT: ReadonlySet<number> = new Set([408, 425, 429, 499]);

export function judgeStatuses(theCase: CustomerCase, findings: Findings): void {
  for (const attempt of theCase.customer.attempts) {
    const { complete } = attempt;
    // An answer in a proxy's own name says nothing of the server.
    if (complete?.status === undefined || complete.by === 'proxy' || complete.outcome === 'ok') continue;
    // Accepted, and nobody has heard how it ended: whether it ends is the rule `stuck`'s to say.
    if (complete.status < 300 || mayBeRefused(attempt)) continue;
    if (mayAskAgain(attempt, theCase)) judgeAskedAgain(attempt, theCase, findings);
    else if (complete.status >= 500) judgeServerError(attempt, theCase, findings);
    else if (complete.outcome === 'fail' || !TRANSPORT.has(complete.status))
      judgeRefusal(attempt, theCase, findings);
  }
  for (const life of theCase.keys.values()) judgeFinishedKey(life, theCase, findings);
}

/** An answer by which the contract lets an endpoint send its clients away for a while. */
function mayAskAgain({ complete }: Attempt, { run }: CustomerCase): boolean {
  const { tryAgain } = run.contract;
  if (complete?.by === 'proxy') return false;
  const status = complete?.status ?? 0;
  if (typeof tryAgain === 'object') return tryAgain.statuses.includes(status);
  return tryAgain === 'unspecified' && status >= 500;
}

/** Not without a time to come back at, not more often than the contract says, and not for longer. */
function judgeAskedAgain(attempt: Attempt, theCase: CustomerCase, findings: Findings): void {
  const { tryAgain } = theCase.run.contract;
  const { complete } = attempt;
  if (typeof tryAgain !== 'object' || complete === undefined || isExcused(attempt, theCase)) return;
  if (complete.retryAfterMs === undefined) {
    // A rate limiter that stands before the endpoint is none of its own.
    if (complete.status !== 429)
      report(attempt, 'Retry-After with it', 'the server failed by itself', findings);
    return;
  }
  const sameKey = theCase.keys.get(attempt.key)?.attempts ?? [{ attempt }];
  const asked = sameKey.filter(
    ({ attempt: other }) =>
      other.seq <= attempt.seq && mayAskAgain(other, theCase) && !isExcused(other, theCase),
  );
  const sinceMs = attempt.invoke.at - Math.min(...sameKey.map(({ attempt: { invoke } }) => invoke.at));
  if (asked.length > tryAgain.max)
    report(
      attempt,
      `at most ${tryAgain.max} such answers to one key`,
      'asked to try again too often',
      findings,
    );
  else if (sinceMs > tryAgain.withinMs)
    report(
      attempt,
      `none ${tryAgain.withinMs} ms after the key's first request`,
      'asked to try again for too long',
      findings,
    );
}

function judgeServerError(attempt: Attempt, theCase: CustomerCase, findings: Findings): void {
  if (isExcused(attempt, theCase)) return;
  report(
    attempt,
    `no 5xx: nothing was wrong between server and store`,
    'the server failed by itself',
    findings,
  );
}

function isExcused(attempt: Attempt, { run, keys }: CustomerCase): boolean {
  if (wasFaulty(attempt, run.faults) || wasMadeToFail(attempt, keys)) return true;
  if (run.contract.storesServerErrors === false) return false;
  // A stored 5xx comes back long after the fault that made it.
  const sameKey = keys.get(attempt.key)?.attempts ?? [];
  return sameKey.some((other) => other.attempt.seq < attempt.seq && wasFaulty(other.attempt, run.faults));
}

/** The handler was told to fail at this key before the answer came: which of its requests it hit, nobody knows. */
function wasMadeToFail(attempt: Attempt, keys: CustomerCase['keys']): boolean {
  const sameKey = keys.get(attempt.key)?.attempts ?? [{ attempt }];
  return sameKey.some(({ attempt: { arrivals } }) =>
    arrivals.some(
      (arrival) =>
        arrival.at <= completedAt(attempt) &&
        carriedOutOn(arrival).some((name) => name.startsWith(HANDLER_FAILS)),
    ),
  );
}

function wasFaulty(attempt: Attempt, faults: CustomerCase['run']['faults']): boolean {
  return faults.wasOn('backend', attempt.invoke.at, completedAt(attempt), GRACE_MS);
}

function judgeRefusal(attempt: Attempt, theCase: CustomerCase, findings: Findings): void {
  const { complete } = attempt;
  const { contract } = theCase.run;
  if (complete === undefined) return;
  // Keys that are none have rules of their own, unless nothing is promised for them, or they are accepted.
  if (attempt.keyKind === 'malformed') return;
  if (attempt.keyKind === 'missing' && contract.missingKey !== 'accept') return;
  const rows = rowsOf(contract, complete);
  if (rows.length === 0) {
    if (!promisesEverything(contract)) return;
    report(attempt, expectedAnswers(contract), 'an answer outside the contract', findings);
    return;
  }
  if (rows.length > 1 || !isOwn(attempt)) return;
  if (contract.waitsFirst && rows[0] === 'inFlight') judgeWait(attempt, findings);
  if (isOnly(contract, complete, 'insufficientPoints')) {
    const left = pointsLeftAt(attempt, theCase);
    if (left !== undefined && left >= attempt.invoke.points)
      report(
        attempt,
        `a redemption: at least ${left} points were there`,
        'refused for too few points',
        findings,
      );
  } else if (isGroundless(attempt, theCase))
    report(
      attempt,
      'the redemption to be carried out, as others of this customer were',
      'a groundless refusal',
      findings,
    );
}

/** What is answered sooner cannot have waited for anything, ms: client and hop see the whole wait, and the way. */
const SHORTEST_WAIT_MS = 5;

function judgeWait(attempt: Attempt, findings: Findings): void {
  const [only, ...others] = attempt.arrivals;
  // The hop is nearer to the server than the client is.
  const atHopMs = only?.endedAt !== undefined && others.length === 0 ? only.endedAt - only.at : Infinity;
  const tookMs = Math.min(completedAt(attempt) - attempt.invoke.at, atHopMs);
  if (tookMs >= SHORTEST_WAIT_MS) return;
  report(
    attempt,
    'a wait for the first attempt before the refusal',
    `refused as in flight after ${Math.round(tookMs * 10) / 10} ms`,
    findings,
  );
}

/** A row that is left open may be answered with any refusal. */
function promisesEverything(contract: Contract): boolean {
  return REFUSAL_ROWS.every((row) => contract[row] !== 'unspecified');
}

function expectedAnswers(contract: Contract): string {
  const statuses = new Set<number>();
  for (const row of REFUSAL_ROWS) {
    const refusal = refusalOf(contract, row);
    if (refusal) statuses.add(refusal.status);
  }
  return `200 or one of the contract's refusals (${[...statuses].sort((one, two) => one - two).join(', ')})`;
}

const ABOUT_THE_CUSTOMER = [
  'unknownCustomer',
  'badToken',
  'otherCustomersData',
  'unknownReward',
  'badBody',
  'unsupportedMediaType',
] as const;

/** Unknown, unauthorised or ill-formed, while the very same was right for another request of this customer. */
function isGroundless(attempt: Attempt, { customer, run, keys }: CustomerCase): boolean {
  const { complete, invoke } = attempt;
  // A stored refusal comes back after its ground has gone.
  const sameKey = keys.get(attempt.key)?.attempts ?? [];
  if (run.contract.storesRefusals !== false && sameKey.length > 1) return false;
  if (complete === undefined || !ABOUT_THE_CUSTOMER.some((row) => isOnly(run.contract, complete, row)))
    return false;
  return customer.attempts.some(
    (other) =>
      other.complete?.outcome === 'ok' &&
      isOwn(other) &&
      other.invoke.reward === invoke.reward &&
      other.invoke.points === invoke.points,
  );
}

/** A live key that was finished before the request was sent must replay. */
function judgeFinishedKey({ attempts }: KeyLife, theCase: CustomerCase, findings: Findings): void {
  if (attempts.length < 2) return;
  const { contract } = theCase.run;
  const bindings = new Set(attempts.map(({ attempt }) => bindingOf(contract, attempt.invoke)));
  if (bindings.size > 1) return;
  let finishedAt = Infinity;
  for (const { attempt } of attempts) finishedAt = Math.min(finishedAt, confirmedAt(attempt));
  for (const { attempt, phase, life } of attempts) {
    const { complete } = attempt;
    if (phase !== 'live' || life !== 0 || mayBeRefused(attempt)) continue;
    if (complete?.outcome !== 'fail' || complete.by === 'proxy') {
      judgeUnheard(attempt, finishedAt, findings);
      continue;
    }
    if (attempt.invoke.at <= finishedAt) continue;
    // Rules of their own tell of these; that a key which is bound to no payload met another one is told here.
    if (isOnly(contract, complete, 'expiredKey')) continue;
    if (isOnly(contract, complete, 'otherPayload') && contract.fingerprint !== 'none') continue;
    report(attempt, 'a replay: the key was finished before', 'a finished key was refused', findings);
  }
}

/** The client got no answer, and the hop saw one. */
function judgeUnheard(attempt: Attempt, finishedAt: number, findings: Findings): void {
  // One in an unusual shape may be refused, whoever heard it.
  if (attempt.complete?.outcome === 'ok' || attempt.invoke.mayRefuse === true) return;
  const refused = attempt.arrivals.find(
    ({ at, answer }) =>
      at > finishedAt && answer !== undefined && answer !== 423 && outcomeOf(answer) === 'fail',
  );
  if (refused === undefined) return;
  findings.violate({
    rule: 'unexpected-status',
    summary: `a finished key was refused: ${refused.answer}, which was lost on the way`,
    ...about(attempt.intent, [attempt]),
    expected: 'a replay: the key was finished before',
    found: String(refused.answer),
  });
}

/** When a 2xx to it was there, for the client or for the hop alone. */
function confirmedAt({ complete, arrivals }: Attempt): number {
  let at = complete?.outcome === 'ok' ? complete.at : Infinity;
  for (const arrival of arrivals)
    if (arrival.endedAt !== undefined && isConfirming(arrival) && arrival.isPending !== true)
      at = Math.min(at, arrival.endedAt);
  return at;
}

function report(attempt: Attempt, expected: string, summary: string, findings: Findings): void {
  findings.violate({
    rule: 'unexpected-status',
    summary: `${summary}: ${shownAnswer(attempt.complete)}`,
    ...about(attempt.intent, [attempt]),
    expected,
    found: shownAnswer(attempt.complete),
  });
}
