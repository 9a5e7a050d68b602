/** The contract as a pure model: what a sequential client must be told, and what must have happened. Written from docs/contract.md, not from the server. */

import type { Contract } from '../../harness/model/contract.ts';
import { keyPhase } from '../../harness/model/contract.ts';

export interface ModelPayload {
  readonly reward: string;
  readonly points: number;
  readonly clientId?: string;
}

interface ModelKey {
  readonly payload: ModelPayload;
  readonly acceptedAt: number;
  readonly redemption: string;
  /** The answer's bytes, once one was seen. */
  body: string | undefined;
}

interface ModelRedemption {
  readonly id: string;
  readonly payload: ModelPayload;
  readonly at: number;
}

export interface ModelCustomer {
  balance: number;
  nowMs: number;
  readonly keys: Map<string, ModelKey>;
  readonly redemptions: ModelRedemption[];
}

export type Expected =
  | { readonly kind: 'fresh'; readonly points: number }
  | { readonly kind: 'replay'; readonly key: ModelKey }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly code: string | undefined;
      readonly redemption?: string;
    };

export function newCustomer(points: number, nowMs: number): ModelCustomer {
  return { balance: points, nowMs, keys: new Map(), redemptions: [] };
}

/** What the contract says to this request now. Order of judgement: fingerprint, expiry, reward, duplicate, points. */
export function expected(
  contract: Contract,
  customer: ModelCustomer,
  key: string,
  payload: ModelPayload,
): Expected {
  const known = customer.keys.get(key);
  const phase = known === undefined ? 'new' : keyPhase(contract, customer.nowMs - known.acceptedAt);
  if (known !== undefined && phase !== 'new') {
    if (!samePayload(known.payload, payload)) return refusal(contract.otherPayload);
    return phase === 'expired' ? refusal(contract.expiredKey) : { kind: 'replay', key: known };
  }
  const original = duplicateOf(contract, customer, payload);
  if (original !== undefined) return { ...refusal(contract.duplicateIntent), redemption: original.id };
  if (customer.balance < payload.points) return refusal(contract.insufficientPoints);
  return { kind: 'fresh', points: payload.points };
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
  customer.redemptions.push({ id: redemption, payload, at });
}

function duplicateOf(
  contract: Contract,
  customer: ModelCustomer,
  payload: ModelPayload,
): ModelRedemption | undefined {
  if (typeof contract.duplicateIntent === 'string') return undefined;
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

function samePayload(one: ModelPayload, other: ModelPayload): boolean {
  return one.reward === other.reward && one.points === other.points && one.clientId === other.clientId;
}

function refusal(row: Contract['otherPayload'] | Contract['expiredKey'] | Contract['duplicateIntent']) {
  if (typeof row === 'string') throw new Error(`the model does not refuse here: ${row}`);
  return { kind: 'refused' as const, status: row.status, code: row.code };
}
