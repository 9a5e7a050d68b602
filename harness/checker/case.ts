/** One customer's evidence, put together for the rules: what was really done (effects), and for whom. */

import type { Contract } from '../model/contract.ts';
import type { Capabilities, CreditEvent } from '../history/events.ts';
import { attribute } from './attribution.ts';
import type { BalanceRead, Customer, Intent } from './customer.ts';
import { effectsOfCustomer, type Effect } from './effects.ts';
import { askedOf, claimsOf, type Claim } from './claims.ts';
import type { StoreClock } from './clocks.ts';
import type { FaultLog } from './faults.ts';
import { keyLivesOf, type KeyLife } from './key-lives.ts';
import type { Namespaces } from './namespaces.ts';

/** What the rules know of the run as a whole. */
export interface RunContext {
  readonly contract: Contract;
  readonly capabilities: Capabilities;
  readonly engine: string;
  /** The client's policy: what it did by itself is judged as its own doing. */
  readonly client: string;
  readonly faults: FaultLog;
  readonly storeClock: StoreClock;
  /** How long the endpoint's lists, balances and ledger may lag behind its answers, ms. */
  readonly readLagMs: number;
  /** Some customer's ledger has told of an issued reward: the target keeps them. */
  readonly tellsRewards: boolean;
  readonly namespaces: Namespaces;
}

export interface CustomerCase {
  readonly customer: Customer;
  readonly run: RunContext;
  readonly isAudited: boolean;
  readonly effects: ReadonlyMap<string, Effect>;
  readonly effectsOf: ReadonlyMap<Intent, readonly Effect[]>;
  /** What was asked for once each, by the contract: the books close per claim. */
  readonly claims: readonly Claim[];
  /** Effects that no intent can own. */
  readonly orphans: readonly Effect[];
  readonly keys: ReadonlyMap<string, KeyLife>;
  readonly hasLedger: boolean;
  readonly hasList: boolean;
  /** What was there before the first attempt is known. */
  readonly isOpeningKnown: boolean;
  readonly openingBalance: number | undefined;
  readonly finalBalance: number | undefined;
  readonly credited: number;
  /** Of credits that were asked for and never confirmed, together. */
  readonly maybeCredited: number;
}

export function caseOf(customer: Customer, run: RunContext): CustomerCase {
  const hasLedger = customer.lastLedger !== undefined && customer.lastLedger !== customer.openingLedger;
  const hasList = customer.lastList !== undefined && customer.lastList !== customer.openingList;
  const hasOpening = customer.openingList !== undefined || customer.openingLedger !== undefined;
  const isOpeningKnown = !customer.reopened && (hasOpening || run.capabilities.provision);
  const effects = effectsOfCustomer(customer, run.contract, hasLedger, hasList);
  const keys = keyLivesOf(customer, run.contract, run.storeClock);
  const asked = askedOf(customer, run.contract);
  const { effectsOf, orphans } = attribute(customer, effects, {
    asked,
    run,
    keys,
    isOpeningKnown,
    readLagMs: run.readLagMs,
  });
  const firstAt = customer.attempts[0]?.invoke.at ?? Infinity;
  const opening = customer.balances.filter((read) => read.until <= firstAt).at(-1);
  const final = customer.balances.at(-1);
  return {
    customer,
    run,
    isAudited: customer.auditedAt !== undefined,
    effects,
    effectsOf,
    claims: claimsOf(asked, effectsOf),
    orphans,
    keys,
    hasLedger,
    hasList,
    isOpeningKnown,
    openingBalance: customer.reopened ? undefined : (opening?.value ?? madeWith(customer, run)),
    finalBalance: final === opening ? undefined : final?.value,
    credited: pointsSince(customer.credits, opening),
    maybeCredited: pointsSince(customer.maybeCredits, opening),
  };
}

/** What it was made with is what it had at first, where a fault kept the script from reading it. */
function madeWith(customer: Customer, { capabilities }: RunContext): number | undefined {
  return capabilities.balance ? customer.madeWith : undefined;
}

/** Credits that the opening balance cannot have held already. */
function pointsSince(
  credits: readonly Pick<CreditEvent, 'at' | 'points'>[],
  opening: BalanceRead | undefined,
): number {
  const since = opening?.at ?? -Infinity;
  let sum = 0;
  for (const { at, points } of credits) if (at >= since) sum += points;
  return sum;
}
