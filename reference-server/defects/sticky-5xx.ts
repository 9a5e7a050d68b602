import { FulfilmentFailed } from '../redeem.ts';
import type { Defect } from './defect.ts';

/** A process's first redemption meets a partner that does not answer, and one in so many after it. The same requests meet the same. */
const ONE_IN = 5;

/** Stores whatever was answered, a 5xx too: the first hiccup of the partner is the key's answer for ever. */
export const sticky5xx: Defect = {
  name: 'sticky-5xx',
  description:
    'stores a 5xx under the key and replays it for ever (its reward partner fails once for one in five)',
  reason: 'Whatever was answered is the result, says the text, and a 5xx is an answer.',
  rules: ['stuck', 'unexpected-status'],
  bugClasses: [28],
  needs: ['fault'],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) => {
    let orders = 0;
    return {
      ...parts,
      contract: { ...parts.contract, storesServerErrors: true },
      fulfil: async (order) => {
        const meetsFailure = orders % ONE_IN === 0;
        orders += 1;
        await parts.fulfil(order);
        if (meetsFailure) throw new FulfilmentFailed('the reward partner did not answer');
      },
    };
  },
};
