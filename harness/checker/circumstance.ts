/** What was going on around some attempts: from what happened to them, never from what was planned. */

import { coversDuplicates } from '../model/contract.ts';
import { CIRCUMSTANCES, type Circumstance } from '../model/incident.ts';
import type { CustomerCase } from './case.ts';
import { completedAt, isOwn, overlap, type Attempt } from './customer.ts';

export interface Surroundings {
  /** All that applies, in the order of `CIRCUMSTANCES`. */
  readonly circumstances: readonly Circumstance[];
  /** Requests on the wire, as far as anybody saw them. */
  readonly requests: number;
  readonly isOnSeveralReplicas: boolean;
}

/** Of the attempts of one claim; of a customer as a whole where a violation belongs to no claim. */
export function surroundingsOf(attempts: readonly Attempt[], theCase: CustomerCase): Surroundings {
  const arrivals = attempts.flatMap((attempt) => attempt.arrivals);
  const upstreams = new Set(arrivals.flatMap(({ upstream }) => (upstream === undefined ? [] : [upstream])));
  return {
    circumstances: CIRCUMSTANCES.filter((one) => APPLIES[one](attempts, theCase)),
    requests: Math.max(attempts.length, arrivals.length),
    isOnSeveralReplicas: upstreams.size > 1,
  };
}

type Test = (attempts: readonly Attempt[], theCase: CustomerCase) => boolean;

const APPLIES: Readonly<Record<Circumstance, Test>> = {
  'no-key': (attempts) => attempts.some(({ keyKind }) => keyKind === 'missing'),
  'odd-key': (attempts) => attempts.some(({ keyKind }) => keyKind === 'malformed'),
  'other-customer': (attempts) => attempts.some((attempt) => !isOwn(attempt) || attempt.isKeyForeign),
  'other-payload': hasOtherPayload,
  // Where each key is a redemption of its own, a second one is nothing out of the way.
  'two-keys': (attempts, { run }) =>
    coversDuplicates(run.contract) && new Set(attempts.map(({ key }) => key)).size > 1,
  expired: wasClockMoved,
  'server-down': (attempts, theCase) => wasDown('server-down', attempts, theCase),
  'store-down': (attempts, theCase) => wasDown('store-down', attempts, theCase),
  overlap: wasTogether,
  'answer-lost': (attempts) => attempts.length > 1 && attempts.some(isUnanswered),
  retried: (attempts) => attempts.length > 1,
  rivals: hasRivals,
  alone: () => true,
};

function hasOtherPayload(attempts: readonly Attempt[]): boolean {
  const payloads = new Map<string, string>();
  return attempts.some(({ key, invoke }) => {
    const first = payloads.get(key) ?? invoke.payloadHash;
    payloads.set(key, first);
    return first !== invoke.payloadHash;
  });
}

/** A key of them was over its time at an attempt, or the customer's clock was moved between the first and the last. */
function wasClockMoved(attempts: readonly Attempt[], { keys }: CustomerCase): boolean {
  const wanted = new Set(attempts);
  return attempts.some(({ key }) =>
    keys
      .get(key)
      ?.attempts.some(
        ({ attempt, clockMoved, phase }) =>
          wanted.has(attempt) && (clockMoved || phase === 'expired' || phase === 'new'),
      ),
  );
}

function wasDown(
  scope: 'server-down' | 'store-down',
  attempts: readonly Attempt[],
  { run }: CustomerCase,
): boolean {
  return spansOf(attempts).some(({ from, until }) => run.faults.wasOn(scope, from, until));
}

/** Where a request was on its way or at the server; of one that nobody saw end only its begin is known. */
function spansOf(attempts: readonly Attempt[]): { readonly from: number; readonly until: number }[] {
  return attempts.flatMap((attempt) => {
    const { arrivals, invoke, complete } = attempt;
    if (arrivals.length === 0) return [{ from: invoke.at, until: complete?.at ?? invoke.at }];
    return arrivals.map(({ at, endedAt }) => ({ from: at, until: endedAt ?? at }));
  });
}

function wasTogether(attempts: readonly Attempt[], { run }: CustomerCase): boolean {
  if (!run.capabilities.arrivals)
    return attempts.some((one, index) => attempts.slice(index + 1).some((two) => overlap(one, two)));
  const spans = attempts
    .flatMap((attempt) => attempt.arrivals)
    .filter(({ upstream, answer }) => upstream !== undefined || answer !== undefined)
    .map(({ at, endedAt }) => ({ from: at, until: endedAt ?? Infinity }))
    .toSorted((one, two) => one.from - two.from);
  let until = -Infinity;
  return spans.some((span) => {
    const isTogether = span.from < until;
    until = Math.max(until, span.until);
    return isTogether;
  });
}

function isUnanswered({ complete }: Attempt): boolean {
  return complete === undefined || complete.outcome === 'info';
}

/** Another redemption of the customer was under way at the same time. */
function hasRivals(attempts: readonly Attempt[], { customer }: CustomerCase): boolean {
  const from = Math.min(...attempts.map(({ invoke }) => invoke.at));
  const until = Math.max(...attempts.map(completedAt));
  const own = new Set(attempts);
  return customer.attempts.some(
    (other) => !own.has(other) && other.invoke.at <= until && completedAt(other) >= from,
  );
}
