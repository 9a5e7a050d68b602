import { inTwoSteps, unfenced } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** One query says that the key exists, the other that it has expired: the request runs without a claim. */
export const expiredRunsUnclaimed: Defect = {
  name: 'expired-runs-unclaimed',
  description:
    'claims no key anew whose old record is still there: after the expiry two requests at once both run',
  reason:
    'The insert says "exists" and the read says "expired": both are right, and the branch for both runs the handler.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [55],
  needs: ['clock', 'concurrency'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      ...unfenced(parts),
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const { customer } = request.payload;
        const isOld = (await parts.store.raw.record(customer, request.key)) !== undefined;
        const { kind } = await parts.store.raw.peek(request);
        if (kind !== 'free' || !isOld) return parts.store.claim(request);
        await parts.step('gap', { customer, key: request.key });
        return parts.store.raw.insert(request);
      },
    }),
};
