/** The contract as a pure model: what a sequential client must be told, and what must have happened. Written from docs/contract.md, not from the server. */

import type { Contract } from '../../harness/model/contract.ts';
import { keyPhase } from '../../harness/model/contract.ts';

export interface ModelPayload {
  readonly reward: string;
  readonly points: number;
  readonly clientId?: string;
  /** The members of the body in their reverse order. */
  readonly isReversed?: boolean;
}

/** A reward that no server knows. */
export const UNKNOWN_REWARD = 'reward_nobody_knows';

interface ModelKey {
  readonly payload: ModelPayload;
  readonly acceptedAt: number;
  readonly redemption: string;
  /** The answer's bytes, once one was seen. */
  body: string | undefined;
  /** The key was taken by a request that was refused. */
  readonly refused?: Refused;
}

interface ModelRedemption {
  readonly id: string;
  readonly payload: ModelPayload;
  readonly at: number;
  readonly body: string | undefined;
}

export interface ModelCustomer {
  balance: number;
  nowMs: number;
  readonly keys: Map<string, ModelKey>;
  readonly redemptions: ModelRedemption[];
  /** Keys that the server was asked with, whatever came of it. */
  readonly asked: Set<string>;
}

export type Who = 0 | 1;

export interface Model {
  readonly contract: Contract;
  readonly customers: readonly [ModelCustomer, ModelCustomer];
  /** Whose key it is, where customers share keys: the first one's that asked with it. */
  readonly holders: Map<string, Who>;
}

export interface Refused {
  readonly kind: 'refused';
  readonly status: number;
  readonly code: string | undefined;
  readonly redemption?: string;
  readonly isReplay?: boolean;
}

export type Expected =
  | { readonly kind: 'fresh'; readonly points: number }
  | { readonly kind: 'replay'; readonly redemption: string; readonly body: string | undefined }
  | { readonly kind: 'again'; readonly status: number }
  | Refused;

export function newCustomer(points: number, nowMs: number): ModelCustomer {
  return { balance: points, nowMs, keys: new Map(), redemptions: [], asked: new Set() };
}

/**
 * What the contract says to this request now. Order of judgement: whose key, whether to try again, fingerprint, expiry,
 * reward, duplicate, points.
 */
export function expected(model: Model, who: Who, key: string, payload: ModelPayload): Expected {
  const { contract, holders } = model;
  const customer = model.customers[who];
  const isShared = contract.keyScope === 'global' || contract.keyScope === 'path';
  if (isShared && (holders.get(key) ?? who) !== who) return refusal(contract.otherPayload);
  if (typeof contract.tryAgain === 'object' && !customer.asked.has(key))
    return { kind: 'again', status: contract.tryAgain.statuses[0] ?? 503 };
  const known = customer.keys.get(key);
  const phase = known === undefined ? 'new' : keyPhase(contract, customer.nowMs - known.acceptedAt);
  if (known !== undefined && phase !== 'new') {
    if (!isSameByKey(contract, known.payload, payload)) return refusal(contract.otherPayload);
    if (phase === 'expired') return refusal(contract.expiredKey);
    if (known.refused) return { ...known.refused, isReplay: true };
    return { kind: 'replay', redemption: known.redemption, body: known.body };
  }
  if (payload.reward === UNKNOWN_REWARD) return refusal(contract.unknownReward);
  const original = duplicateOf(contract, customer, payload);
  if (original !== undefined) return duplicate(contract, original, payload);
  if (customer.balance < payload.points) return refusal(contract.insufficientPoints);
  return { kind: 'fresh', points: payload.points };
}

/** The model after a request that made nothing: what is kept of it under its key. */
export function note(model: Model, who: Who, key: string, payload: ModelPayload, told: Expected): void {
  const { contract } = model;
  const customer = model.customers[who];
  const isNew = isNewKey(contract, customer, key);
  const isHeld = (model.holders.get(key) ?? who) !== who;
  const wasAsked = typeof contract.tryAgain !== 'object' || customer.asked.has(key);
  if (!model.holders.has(key)) model.holders.set(key, who);
  if (!isHeld || contract.keyScope === 'customer') customer.asked.add(key);
  if (!isNew || !wasAsked || (isHeld && contract.keyScope !== 'customer')) return;
  const acceptedAt = customer.nowMs;
  if (told.kind === 'replay') {
    customer.keys.set(key, { payload, acceptedAt, redemption: told.redemption, body: told.body });
    return;
  }
  if (told.kind !== 'refused') return;
  const isUnknown = payload.reward === UNKNOWN_REWARD;
  const isDuplicate = !isUnknown && duplicateOf(contract, customer, payload) !== undefined;
  const keeps = contract.storesRefusals === true;
  if ((isUnknown && keeps) || (isDuplicate && (keeps || contract.duplicateIntent === 'replay')))
    customer.keys.set(key, { payload, acceptedAt, redemption: '', body: undefined, refused: told });
}

/** The model after a fresh redemption; `acceptedAt` may lie before now where an earlier attempt was cut off. */
export function accept(
  customer: ModelCustomer,
  key: string,
  payload: ModelPayload,
  redemption: string,
  body: string | undefined,
): void {
  const at = customer.nowMs;
  customer.balance -= payload.points;
  customer.keys.set(key, { payload, acceptedAt: at, redemption, body });
  customer.redemptions.push({ id: redemption, payload, at, body });
}

function isNewKey(contract: Contract, customer: ModelCustomer, key: string): boolean {
  const known = customer.keys.get(key);
  return known === undefined || keyPhase(contract, customer.nowMs - known.acceptedAt) === 'new';
}

/** The same redemption under another key: refused with its id, or answered with it where it asked for the same. */
function duplicate(contract: Contract, original: ModelRedemption, payload: ModelPayload): Expected {
  if (contract.duplicateIntent !== 'replay')
    return { ...refusal(contract.duplicateIntent), redemption: original.id };
  if (!isSameRedemption(original.payload, payload)) return refusal(contract.otherPayload);
  return { kind: 'replay', redemption: original.id, body: original.body };
}

function duplicateOf(
  contract: Contract,
  customer: ModelCustomer,
  payload: ModelPayload,
): ModelRedemption | undefined {
  if (contract.duplicateIntent === 'uncovered' || contract.duplicateIntent === 'unspecified')
    return undefined;
  if (payload.clientId !== undefined) {
    return customer.redemptions.find((one) => one.payload.clientId === payload.clientId);
  }
  return customer.redemptions.findLast(
    (one) =>
      one.payload.reward === payload.reward &&
      one.payload.points === payload.points &&
      customer.nowMs - one.at < contract.duplicateWindowMs,
  );
}

/** Whether a key is used for what it was accepted with, by the contract's fingerprint. */
function isSameByKey({ fingerprint }: Contract, one: ModelPayload, other: ModelPayload): boolean {
  if (fingerprint === 'none') return true;
  const isSameWriting = (one.isReversed ?? false) === (other.isReversed ?? false);
  return isSameRedemption(one, other) && (fingerprint !== 'bytes' || isSameWriting);
}

function isSameRedemption(one: ModelPayload, other: ModelPayload): boolean {
  return one.reward === other.reward && one.points === other.points && one.clientId === other.clientId;
}

function refusal(row: Contract['missingKey' | 'inFlight' | 'expiredKey' | 'duplicateIntent']): Refused {
  if (typeof row === 'string') throw new Error(`the model does not refuse here: ${row}`);
  return { kind: 'refused', status: row.status, code: row.code };
}
