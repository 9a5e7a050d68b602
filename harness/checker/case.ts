/**
 * One customer's evidence, put together for the rules: what was really done (effects), and for whom.
 * An effect is tied to an intent by its key, by the client's own name for it, or by an answer that named it;
 * what is left is tied by reward and points to an intent that nothing has decided.
 */

import { readKey, type Contract } from '../model/contract.ts';
import type { Capabilities } from '../history/events.ts';
import type { ListedRedemption } from '../model/protocol.ts';
import { isOwn, type Attempt, type Customer, type Intent } from './customer.ts';
import type { StoreClock } from './clocks.ts';
import type { FaultLog } from './faults.ts';
import { keyLivesOf, type KeyLife } from './key-lives.ts';

/** What the rules know of the run as a whole. */
export interface RunContext {
  readonly contract: Contract;
  readonly capabilities: Capabilities;
  readonly engine: string;
  /** The client's policy: what it did by itself is judged as its own doing. */
  readonly client: string;
  readonly faults: FaultLog;
  readonly storeClock: StoreClock;
  /** Some customer's ledger has told of an issued reward: the target keeps them. */
  readonly tellsRewards: boolean;
}

/** One redemption that ledger or list shows and that was not there before the first attempt. */
export interface Effect {
  readonly redemption: string;
  /** Debits in the ledger; where there is no ledger, 1 for a listed redemption. */
  debits: number;
  /** Points of all its debits in the ledger. */
  debitedPoints: number;
  isListed: boolean;
  points: number | undefined;
  reward: string | undefined;
  key: string | undefined;
  clientRedemptionId: string | undefined;
  rewardsIssued: number;
  owner: Intent | undefined;
}

export interface CustomerCase {
  readonly customer: Customer;
  readonly run: RunContext;
  readonly isAudited: boolean;
  readonly effects: ReadonlyMap<string, Effect>;
  readonly effectsOf: ReadonlyMap<Intent, readonly Effect[]>;
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
}

/** Statuses of a listed redemption that hold no points any more. */
const WITHOUT_POINTS = /^(failed|rejected|cancell?ed|revers(ed|al)|refunded|void(ed)?|rolled[-_ ]?back)$/i;

export function holdsPoints(item: ListedRedemption): boolean {
  return item.status === undefined || !WITHOUT_POINTS.test(item.status);
}

export function caseOf(customer: Customer, run: RunContext): CustomerCase {
  const hasLedger = customer.lastLedger !== undefined && customer.lastLedger !== customer.openingLedger;
  const hasList = customer.lastList !== undefined && customer.lastList !== customer.openingList;
  const hasOpening = customer.openingList !== undefined || customer.openingLedger !== undefined;
  const isOpeningKnown = !customer.reopened && (hasOpening || run.capabilities.provision);
  const effects = effectsOfCustomer(customer, run.contract, hasLedger, hasList);
  const { effectsOf, orphans } = attribute(customer, effects);
  const firstAt = customer.attempts[0]?.invoke.at ?? Infinity;
  const opening = customer.balances.filter((read) => read.until <= firstAt).at(-1);
  const final = customer.balances.at(-1);
  return {
    customer,
    run,
    isAudited: customer.auditedAt !== undefined,
    effects,
    effectsOf,
    orphans,
    keys: keyLivesOf(customer, run.contract, run.storeClock),
    hasLedger,
    hasList,
    isOpeningKnown,
    openingBalance: customer.reopened ? undefined : opening?.value,
    finalBalance: final === opening ? undefined : final?.value,
    credited: creditedSince(customer, opening?.at ?? -Infinity),
  };
}

/** Credits that the opening balance cannot have held already. */
function creditedSince(customer: Customer, since: number): number {
  let points = 0;
  for (const credit of customer.credits) if (credit.at >= since) points += credit.points;
  return points;
}

function effectsOfCustomer(
  customer: Customer,
  contract: Contract,
  hasLedger: boolean,
  hasList: boolean,
): Map<string, Effect> {
  const before = new Set<string>();
  for (const item of customer.openingList?.value ?? []) before.add(item.redemption);
  for (const debit of customer.openingLedger?.value ?? []) before.add(debit.redemption_id);
  const effects = new Map<string, Effect>();
  if (hasLedger) addLedger(effects, customer, contract, before);
  if (hasList) addList(effects, customer, before, hasLedger);
  for (const { redemption } of customer.lastRewards?.value ?? []) {
    const effect = effects.get(redemption);
    if (effect) effect.rewardsIssued += 1;
  }
  return effects;
}

function addLedger(
  effects: Map<string, Effect>,
  customer: Customer,
  contract: Contract,
  before: ReadonlySet<string>,
): void {
  for (const debit of customer.lastLedger?.value ?? []) {
    if (before.has(debit.redemption_id)) continue;
    const effect = effectNamed(effects, debit.redemption_id);
    effect.debits += 1;
    effect.debitedPoints += debit.points;
    effect.points ??= debit.points;
    effect.clientRedemptionId ??= debit.client_redemption_id;
    if (debit.idempotency_key !== undefined) {
      const syntax = readKey(contract, debit.idempotency_key);
      effect.key ??= syntax.kind === 'key' ? syntax.key : undefined;
    }
  }
}

function addList(
  effects: Map<string, Effect>,
  customer: Customer,
  before: ReadonlySet<string>,
  hasLedger: boolean,
): void {
  for (const item of customer.lastList?.value ?? []) {
    if (before.has(item.redemption) || !holdsPoints(item)) continue;
    const effect = effectNamed(effects, item.redemption);
    // A page that shifted while it was read shows a row twice: that is no second redemption.
    if (!hasLedger) effect.debits = 1;
    effect.isListed = true;
    effect.points ??= item.points;
    effect.reward ??= item.reward;
    effect.clientRedemptionId ??= item.clientRedemptionId;
  }
}

function effectNamed(effects: Map<string, Effect>, redemption: string): Effect {
  let effect = effects.get(redemption);
  if (effect === undefined) {
    effect = {
      redemption,
      debits: 0,
      debitedPoints: 0,
      isListed: false,
      points: undefined,
      reward: undefined,
      key: undefined,
      clientRedemptionId: undefined,
      rewardsIssued: 0,
      owner: undefined,
    };
    effects.set(redemption, effect);
  }
  return effect;
}

interface Attribution {
  readonly effectsOf: Map<Intent, Effect[]>;
  readonly orphans: Effect[];
}

function attribute(customer: Customer, effects: ReadonlyMap<string, Effect>): Attribution {
  const effectsOf = new Map<Intent, Effect[]>();
  const orphans: Effect[] = [];
  if (effects.size === 0) return { effectsOf, orphans };
  const index = new AttemptIndex(customer.attempts);
  const own = (effect: Effect, intent: Intent) => {
    effect.owner = intent;
    const owned = effectsOf.get(intent);
    if (owned) owned.push(effect);
    else effectsOf.set(intent, [effect]);
  };
  const nameless: Effect[] = [];
  for (const effect of effects.values()) {
    const intent = namedOwner(effect, index);
    if (intent) own(effect, intent);
    else nameless.push(effect);
  }
  for (const effect of nameless) {
    const intent = shapedOwner(effect, customer, effectsOf);
    if (intent) own(effect, intent);
    else orphans.push(effect);
  }
  return { effectsOf, orphans };
}

/** Attempts by what can name an effect; each index is built when the first effect needs it. */
class AttemptIndex {
  readonly #attempts: readonly Attempt[];
  #byKey: Map<string, Attempt[]> | undefined;
  #byClient: Map<string, Attempt[]> | undefined;
  #byRedemption: Map<string, Attempt[]> | undefined;

  constructor(attempts: readonly Attempt[]) {
    this.#attempts = attempts;
  }

  ofKey(key: string | undefined): readonly Attempt[] | undefined {
    if (key === undefined) return undefined;
    this.#byKey ??= this.#built((attempt, index) => {
      if (attempt.keyKind === 'key') add(index, attempt.key, attempt);
    });
    return this.#byKey.get(key);
  }

  ofClient(name: string | undefined): readonly Attempt[] | undefined {
    if (name === undefined) return undefined;
    this.#byClient ??= this.#built((attempt, index) => {
      const { clientRedemptionId } = attempt.invoke;
      if (clientRedemptionId !== undefined) add(index, clientRedemptionId, attempt);
    });
    return this.#byClient.get(name);
  }

  ofRedemption(redemption: string): readonly Attempt[] | undefined {
    this.#byRedemption ??= this.#built((attempt, index) => {
      const { complete, arrivals } = attempt;
      if (complete?.outcome === 'ok' && complete.redemption !== undefined)
        add(index, complete.redemption, attempt);
      for (const { answer, redemption: told } of arrivals)
        if (told !== undefined && answer !== undefined && answer < 300) add(index, told, attempt);
    });
    return this.#byRedemption.get(redemption);
  }

  #built(put: (attempt: Attempt, index: Map<string, Attempt[]>) => void): Map<string, Attempt[]> {
    const index = new Map<string, Attempt[]>();
    for (const attempt of this.#attempts) put(attempt, index);
    return index;
  }
}

function add(map: Map<string, Attempt[]>, name: string, attempt: Attempt): void {
  const group = map.get(name);
  if (group) group.push(attempt);
  else map.set(name, [attempt]);
}

function namedOwner(effect: Effect, index: AttemptIndex): Intent | undefined {
  const attempts =
    index.ofKey(effect.key) ??
    index.ofClient(effect.clientRedemptionId) ??
    index.ofRedemption(effect.redemption);
  return attempts && bestOf(attempts, effect).intent;
}

/** Of several attempts that could own an effect the one that fits it best; of equals the first that was sent. */
function bestOf(attempts: readonly Attempt[], effect: Effect): Attempt {
  let best = attempts[0] as Attempt;
  if (attempts.length === 1) return best;
  let bestScore = -1;
  for (const attempt of attempts) {
    const score = fitOf(attempt, effect);
    if (score > bestScore) {
      best = attempt;
      bestScore = score;
    }
  }
  return best;
}

function fitOf(attempt: Attempt, effect: Effect): number {
  const { invoke, complete } = attempt;
  let score = 0;
  if (isOwn(attempt)) score += 16;
  if (effect.clientRedemptionId === invoke.clientRedemptionId) score += 8;
  if (hasShape(attempt, effect)) score += 4;
  if (complete?.outcome === 'ok' && complete.redemption === effect.redemption) score += 2;
  if (complete?.outcome !== 'fail') score += 1;
  return score;
}

function hasShape({ invoke }: Attempt, effect: Effect): boolean {
  if (effect.points !== undefined && effect.points !== invoke.points) return false;
  return effect.reward === undefined || effect.reward === invoke.reward;
}

/** An intent that nothing has decided and that has no effect yet; else any intent of that shape, which then has two. */
function shapedOwner(
  effect: Effect,
  customer: Customer,
  effectsOf: ReadonlyMap<Intent, readonly Effect[]>,
): Intent | undefined {
  let fallback: Intent | undefined;
  for (const intent of customer.intents.values()) {
    const [first] = intent.attempts;
    if (first === undefined || !hasShape(first, effect)) continue;
    if (first.invoke.clientRedemptionId !== undefined && effect.clientRedemptionId !== undefined) continue;
    if (isUndecided(intent) && !effectsOf.has(intent)) return intent;
    if (intent.attempts.some(({ complete }) => complete?.outcome !== 'fail')) fallback ??= intent;
  }
  return fallback;
}

function isUndecided(intent: Intent): boolean {
  return intent.attempts.some(({ complete }) => complete === undefined || complete.outcome === 'info');
}
