import { inTwoSteps, unfenced } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Looks the key up, then inserts it: two requests both find nothing. */
export const checkThenAct: Defect = {
  name: 'check-then-act',
  description: 'looks the key up and inserts it in a second step, so simultaneous attempts all find nothing',
  reason: 'Frameworks offer find and create, and a test with one client at a time sees nothing wrong.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [1],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 40 },
  apply: (parts) =>
    withStore(parts, {
      ...unfenced(parts),
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const seen = await parts.store.raw.peek(request);
        if (seen.kind !== 'free') return parts.store.claim(request);
        await parts.step('gap', { customer: request.payload.customer, key: request.key });
        return parts.store.raw.insert(request);
      },
    }),
};
