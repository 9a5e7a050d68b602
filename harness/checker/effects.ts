/** What was really done for a customer, as ledger and list show it. */

import { readKey, type Contract } from '../model/contract.ts';
import { holdsPoints } from '../model/protocol.ts';
import type { Customer, Intent } from './customer.ts';

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
  /** As the list shows it, whatever the ledger says. */
  listedName: string | undefined;
  rewardsIssued: number;
  owner: Intent | undefined;
}

/** Every effect that was not there before the first attempt, by the redemption's name. */
export function effectsOfCustomer(
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
    effect.listedName = item.clientRedemptionId;
  }
}

/** Points may be taken from several lots: rows of one redemption that add up to its price are one debit. */
export function isInParts({ debits, debitedPoints, points = 0 }: Effect, price: number): boolean {
  return debits > 1 && debitedPoints === price && points < price;
}

/** One debit of the whole price, where it was booked in parts. */
export function joinParts(effect: Effect, price: number): void {
  if (!isInParts(effect, price)) return;
  effect.debits = 1;
  effect.points = price;
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
      listedName: undefined,
      rewardsIssued: 0,
      owner: undefined,
    };
    effects.set(redemption, effect);
  }
  return effect;
}
