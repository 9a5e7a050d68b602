import { createHash } from 'node:crypto';
import { FulfilmentFailed } from '../redeem.ts';
import type { Defect } from './defect.ts';

/** One redemption in so many meets a partner that does not answer the first time. */
const ONE_IN = 5;

/** Stores whatever was answered, a 5xx too: the first hiccup of the partner is the key's answer for ever. */
export const sticky5xx: Defect = {
  name: 'sticky-5xx',
  description:
    'stores a 5xx under the key and replays it for ever (its reward partner fails once for one in five)',
  rules: ['stuck', 'unexpected-status'],
  bugClasses: [28],
  apply: (parts) => ({
    ...parts,
    contract: { ...parts.contract, storesServerErrors: true },
    fulfil: async (order) => {
      await parts.fulfil(order);
      if (meetsFailure(order.redemption)) throw new FulfilmentFailed('the reward partner did not answer');
    },
  }),
};

/** By the redemption, not by chance: whoever resumes it meets the same. */
function meetsFailure(redemption: string): boolean {
  return createHash('sha256').update(redemption).digest().readUInt32BE() % ONE_IN === 0;
}
