/**
 * What a balance says of debits where nothing else can be read: each claim that was said to be done cost its price, once
 * or as often as its answers say, and each that may have been done cost it once more at most, or as the contract permits.
 */

import { coversDuplicates } from '../../model/contract.ts';
import type { CustomerCase } from '../case.ts';
import type { Claim } from '../claims.ts';
import { isOwn, type Attempt } from '../customer.ts';
import type { Findings } from '../findings.ts';
import { permittedDebits } from '../permitted.ts';
import { isConfirmedByHop, mayHaveBeenDone } from '../possible.ts';
import { isTold } from '../timed-debits.ts';

/** One claim's part of the sum. */
interface Cost {
  readonly price: { readonly least: number; readonly most: number };
  /** How often it was certainly debited, and how often at most by the contract. */
  readonly least: number;
  readonly most: number;
}

export function judgeArithmetic(spent: number, theCase: CustomerCase, findings: Findings): void {
  const costs: Cost[] = [];
  for (const claim of theCase.claims) {
    if (isFromBefore(claim, theCase)) {
      findings.doubt('run-id-used', claim.intents[0]?.id ?? '');
      return;
    }
    costs.push(costOf(claim, theCase));
  }
  let least = 0;
  let most = 0;
  for (const { price, ...times } of costs) {
    least += times.least * price.least;
    if (times.most > 0) most += times.most * price.most;
  }
  if (spent > most) {
    findings.violate({
      rule: 'double-debit',
      summary: `the balance fell by ${spent} points, and all intents together cost ${most}`,
      ...evidenceOf(theCase),
      expected: `at most ${most} points debited`,
      found: `${spent} points are gone`,
    });
  } else if (spent < least && areSeparate(theCase)) {
    findings.violate({
      rule: 'lost-debit',
      summary: `confirmed intents cost ${least} points, and the balance fell by ${spent}`,
      ...evidenceOf(theCase),
      expected: `at least ${least} points debited`,
      found: `${spent} points are gone`,
    });
  } else if (spent >= least && !isReachable(spent, least, costs)) {
    const open = costs.filter((cost) => cost.most > cost.least).length;
    findings.violate({
      rule: 'conservation',
      summary: `no choice of undecided intents explains ${spent} points`,
      ...evidenceOf(theCase),
      expected: `${least} points and those of any of ${open} undecided intents`,
      found: `${spent} points are gone`,
    });
  }
}

function costOf(claim: Claim, theCase: CustomerCase): Cost {
  const { contract } = theCase.run;
  const done = claim.attempts.filter(
    (attempt) => isOwn(attempt) && (isTold(attempt) || isConfirmedByHop(attempt)),
  );
  const possible = claim.attempts.filter((attempt) => isOwn(attempt) && mayHaveBeenDone(attempt, contract));
  const asked = possible.length > 0 ? possible : done;
  const least = Math.min(leastTimes(done, theCase), permittedDebits(claim, theCase));
  const most = asked.length === 0 ? 0 : permittedDebits({ ...claim, attempts: asked }, theCase);
  return {
    price: pricesOf(done.length > 0 && done.length === asked.length ? done : asked),
    least,
    most: Math.max(least, most),
  };
}

/** By its answers: under several keys each can have been a redemption of its own, where it has a name of its own. */
function leastTimes(done: readonly Attempt[], { run }: CustomerCase): number {
  if (done.length === 0) return 0;
  if (coversDuplicates(run.contract) && done.every(({ keyKind }) => keyKind === 'key')) return 1;
  const keys = new Set<string>();
  const names = new Set<string>();
  for (const { id, keyKind, key, complete, arrivals } of done) {
    keys.add(keyKind === 'key' ? key : `attempt ${id}`);
    names.add(
      complete?.redemption ?? arrivals.find(({ redemption }) => redemption !== undefined)?.redemption ?? '',
    );
  }
  return Math.min(keys.size, names.size);
}

function pricesOf(attempts: readonly Attempt[]): Cost['price'] {
  let [least, most] = [Infinity, 0];
  for (const { invoke } of attempts) {
    least = Math.min(least, invoke.points);
    most = Math.max(most, invoke.points);
  }
  return { least: Number.isFinite(least) ? least : 0, most };
}

/** The only request of a fresh key was answered with a replay: it had been used before the run. */
function isFromBefore({ attempts }: Claim, { run }: CustomerCase): boolean {
  const [first] = attempts;
  return (
    attempts.length === 1 &&
    first?.complete?.outcome === 'ok' &&
    first.complete.replayed === true &&
    run.capabilities.arrivals &&
    first.arrivals.length === 1
  );
}

/** Two claims that were answered with one redemption: the books tell. */
function areSeparate({ claims }: CustomerCase): boolean {
  const seen = new Map<string, Claim>();
  for (const claim of claims)
    for (const { complete } of claim.attempts) {
      if (complete?.outcome !== 'ok' || complete.redemption === undefined) continue;
      const other = seen.get(complete.redemption);
      if (other !== undefined && other !== claim) return false;
      seen.set(complete.redemption, claim);
    }
  return true;
}

/** Sums that are followed one by one; more than this many are taken for a yes. */
const MOST_SUMS = 10_000;

/** Whether some choice of what may have been debited adds up to it. */
function isReachable(spent: number, least: number, costs: readonly Cost[]): boolean {
  let sums = new Set([least]);
  for (const { price, ...times } of costs) {
    // Which of two payloads it was is not known: only the bounds are held.
    if (price.least !== price.most && times.most > 0) return true;
    if (!Number.isFinite(times.most)) return true;
    for (let more = times.least; more < times.most; more++) {
      sums = new Set([...sums, ...[...sums].map((reached) => reached + price.most)]);
      if (sums.size > MOST_SUMS) return true;
    }
  }
  return sums.has(spent);
}

/** The customer's attempts and its last balance. */
export function evidenceOf({ customer }: CustomerCase): {
  customer: string;
  attempts: string[];
  at?: number;
} {
  const at = customer.balances.at(-1)?.until;
  return {
    customer: customer.id,
    attempts: customer.attempts.slice(0, 20).map(({ id }) => id),
    ...(at !== undefined && { at }),
  };
}
