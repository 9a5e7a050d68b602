/** Steps that several wrong editions share: work done without a look at the claim, keys read otherwise, partners that fail. */

import { createHash } from 'node:crypto';
import { readKey } from '../../harness/model/contract.ts';
import { FulfilmentFailed, redeem, type Careless, type RedeemParts, type SentRequest } from '../redeem.ts';
import { rulesOf } from '../rules.ts';
import type { Claim, ClaimRequest, StoredAnswer } from '../store.ts';

/** Debits and records without asking who owns the claim by then. */
export function unfenced(parts: RedeemParts): Pick<RedeemParts['store'], 'debit' | 'complete'> {
  return {
    debit: (claim) => parts.store.raw.move(claim),
    complete: async (claim, answer) => {
      await writeAnswer(parts, claim, answer);
      return { kind: 'completed' };
    },
  };
}

/** Records an answer under the claim's key, whatever is there. */
export function writeAnswer(parts: RedeemParts, claim: Claim, answer: StoredAnswer): Promise<void> {
  const request: ClaimRequest = {
    ...claim,
    fingerprint: parts.fingerprint(claim.payload, ''),
    rules: rulesOf(parts.contract),
    isRewardKnown: true,
    debits: false,
    keepsRefused: false,
  };
  return parts.store.raw.writeAnswer(request, claim.redemption, answer);
}

/** Claim and debit as two steps: a careless edition knows no single one. */
export function inTwoSteps(request: ClaimRequest): ClaimRequest {
  return { ...request, debits: false };
}

/** The claim that a request would get for itself. */
export function claimOf({ payload, key, owner, leaseMs, redemption }: ClaimRequest): Claim {
  return { customer: payload.customer, key, owner, leaseMs, redemption, payload };
}

/** True for the first call and for one in so many after it: the same requests meet the same. */
export function oneIn(count: number): () => boolean {
  let calls = 0;
  return () => calls++ % count === 0;
}

/** The reward partner fails for one order in so many, beginning with the first. */
export function failingPartner(parts: RedeemParts, count: number): Pick<RedeemParts, 'fulfil'> {
  const fails = oneIn(count);
  return {
    fulfil: async (order) => {
      const meetsFailure = fails();
      await parts.fulfil(order);
      if (meetsFailure) throw new FulfilmentFailed('the reward partner did not answer');
    },
  };
}

/** The parts with keys read otherwise: a well-formed key becomes another, or none. */
export function withKeys(
  parts: RedeemParts,
  keyOf: (key: string, request: SentRequest) => string | undefined,
): RedeemParts {
  const around: Careless['around'] = (own, request) => {
    const read = readKey(own.contract, request.key);
    return redeem(own, read.kind === 'key' ? { ...request, key: keyOf(read.key, request) } : request);
  };
  return { ...parts, careless: { ...parts.careless, around } };
}

/** A short name for a text of any length. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Gives the reward out once more, whatever was given for this redemption. */
export function rewardAgain(
  parts: RedeemParts,
  customer: string,
  redemption: string,
  reward: string,
): Promise<void> {
  return parts.store.issueReward(customer, `${redemption} ${parts.newId()}`, reward);
}
