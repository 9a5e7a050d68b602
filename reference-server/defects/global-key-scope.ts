import { fingerprintOf } from '../rules.ts';
import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** One key space for everybody: the second customer with a key gets the first one's answer. */
export const globalKeyScope: Defect = {
  name: 'global-key-scope',
  description: 'keys are global instead of per customer: one customer is given the redemption of another',
  reason: 'Keys are UUIDs, so nobody expects that two customers ever have the same one.',
  rules: ['key-scope', 'lost-debit'],
  bugClasses: [39],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => ({
    ...withStore(parts, {
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const { customer } = request.payload;
        const first = await parts.store.raw.putIfAbsent(request.key, customer);
        const isTaken = first !== customer && (await parts.store.raw.record(first, request.key));
        if (!isTaken) return parts.store.claim(request);
        return parts.store.claim({ ...request, payload: { ...request.payload, customer: first } });
      },
    }),
    fingerprint: (payload) => fingerprintOf({ ...payload, customer: '' }),
  }),
};
