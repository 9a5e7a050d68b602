import { inTwoSteps, unfenced } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** A lease of sensible length, and nobody looks whether it is still held when the work is done. */
export const leaseNotFenced: Defect = {
  name: 'lease-not-fenced',
  description:
    'does not look at its lease again after the work: whoever outlasted it debits beside the next owner',
  reason: 'The lease is many times as long as the work ever took.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [13],
  needs: ['concurrency', 'fault'],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) =>
    withStore(parts, {
      ...unfenced(parts),
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const result = await parts.store.claim(request);
        return result.kind === 'claimed' && result.isResumed ? parts.store.raw.insert(request) : result;
      },
    }),
};
