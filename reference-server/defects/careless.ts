/** Steps that several wrong editions share: work done without a look at the claim. */

import type { RedeemParts } from '../redeem.ts';
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
