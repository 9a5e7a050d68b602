/**
 * Two witnesses of one thing that say different things of it: the client and the hop, an answer's status and what it was
 * taken for, the requests of one intent, the ledger's key and the ones that were sent. Somebody is wrong, and nobody knows
 * who: such a history proves nothing.
 */

import { readKey } from '../../model/contract.ts';
import { outcomeOf } from '../../model/outcome.ts';
import type { CustomerCase } from '../case.ts';
import type { Attempt, Intent } from '../customer.ts';
import type { Findings } from '../findings.ts';

export function judgeWitnesses(theCase: CustomerCase, findings: Findings): void {
  for (const intent of theCase.customer.intents.values()) {
    if (intent.attempts.length > 1 && wantsTwoThings(intent))
      findings.doubt('contradiction', `the requests of ${intent.id} ask for different things`);
    for (const attempt of intent.attempts) {
      const contradiction = contradictionOf(attempt, theCase);
      if (contradiction !== undefined) findings.doubt('contradiction', `${attempt.id}: ${contradiction}`);
    }
  }
  if (theCase.hasLedger) judgeLedgerKeys(theCase, findings);
}

/** An intent is what a customer wants once: another payload is another intent. */
function wantsTwoThings({ attempts: [first, ...others] }: Intent): boolean {
  return others.some(({ invoke }) => invoke.payloadHash !== first?.invoke.payloadHash);
}

function contradictionOf({ complete, arrivals, invoke, keyKind, key }: Attempt, { run }: CustomerCase) {
  // A 202 that nothing came of is no answer yet.
  const isOpen = complete?.status === 202 && complete.outcome === 'info';
  if (complete !== undefined && !isOpen && outcomeOf(complete.status, complete.by) !== complete.outcome)
    return `status ${complete.status ?? 'none'} was taken for "${complete.outcome}"`;
  if (arrivals.length === 0) return undefined;
  for (const arrival of arrivals) {
    // The text itself is the common case.
    if (arrival.key === undefined || arrival.key === invoke.key) continue;
    const seen = readKey(run.contract, arrival.key);
    // White space round a key is taken off on the way, which can make a proper one of it.
    const isSame =
      keyKind === 'key'
        ? seen.kind === 'key' && seen.key === key
        : seen.kind !== 'key' || String(invoke.key).includes(arrival.key);
    if (!isSame) return `sent with key ${String(invoke.key)}, and ${arrival.key} arrived`;
  }
  if (complete?.by !== 'server' || complete.status === undefined) return undefined;
  // "Accepted" is no answer yet: what the client was told in the end came by another request.
  if (complete.polls !== undefined || arrivals.some(({ isPending }) => isPending === true)) return undefined;
  const { status, redemption } = complete;
  // One whose answer the hop did not see to its end may have given this one.
  if (arrivals.some(({ answer }) => answer === undefined)) return undefined;
  const same = arrivals.filter(({ answer }) => answer === status);
  if (same.length === 0) return `answered ${status}, and the endpoint gave ${arrivals[0]?.answer}`;
  if (redemption === undefined || same.some((arrival) => (arrival.redemption ?? redemption) === redemption))
    return undefined;
  return `answered ${redemption}, and the endpoint gave ${same[0]?.redemption}`;
}

/** A debit of a request that had a key is booked under it, where the ledger keeps keys as they were sent. */
function judgeLedgerKeys({ customer, effects, run }: CustomerCase, findings: Findings): void {
  if (findings.violationCount > 0) return;
  let sent: Set<string> | undefined;
  for (const { key, owner, redemption } of effects.values()) {
    if (key === undefined || owner === undefined) continue;
    sent ??= new Set(customer.attempts.map((attempt) => attempt.key));
    if (sent.has(key)) run.namespaces.known('keys');
    // What came without a key may be booked under one that the endpoint made.
    else if (owner.attempts.every(({ keyKind }) => keyKind === 'key'))
      run.namespaces.strange('keys', (told) =>
        told.doubt('contradiction', `the ledger has ${redemption} under a key that was never sent`),
      );
  }
}
