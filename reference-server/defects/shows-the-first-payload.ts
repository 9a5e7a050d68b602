import { redeem, type Careless } from '../redeem.ts';
import type { Defect } from './defect.ts';

/** Explains a mismatch by showing what the key was used for. */
export const showsTheFirstPayload: Defect = {
  name: 'shows-the-first-payload',
  description:
    'puts the first payload into the refusal of another one: whoever has the key learns what it was used for',
  reason: 'A helpful message says what differs.',
  rules: ['payload-binding', 'key-scope'],
  bugClasses: [51],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => {
    const around: Careless['around'] = async (own, request) => {
      const outcome = await redeem(own, request);
      if (outcome.kind !== 'refused' || outcome.row !== 'otherPayload') return outcome;
      const page = await own.store.redemptionOfKey(request.payload.customer, String(request.key));
      return { ...outcome, detail: `The key was used for ${JSON.stringify(page?.items[0] ?? {})}` };
    };
    return { ...parts, careless: { around } };
  },
};
