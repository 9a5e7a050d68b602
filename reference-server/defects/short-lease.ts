import { inTwoSteps, unfenced } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Shorter than the work, ms. */
const LEASE_MS = 1;
const EXTRA_WORK_MS = 30;

/** The lock ends before the work does, and nobody looks whether it is still held. */
export const shortLease: Defect = {
  name: 'short-lease',
  description:
    'the lease on a key is shorter than the work and unfenced: a second attempt starts beside the first',
  reason: 'A lock wants a time-out, and the work was fast when that was chosen.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [13],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) => ({
    ...withStore(parts, {
      ...unfenced(parts),
      claim: async (asked) => {
        const request = { ...inTwoSteps(asked), leaseMs: LEASE_MS };
        const result = await parts.store.claim(request);
        // A lapsed lock means a free key to it: it begins again instead of going on.
        return result.kind === 'claimed' && result.isResumed ? parts.store.raw.insert(request) : result;
      },
    }),
    fulfil: async (order) => {
      await parts.fulfil(order);
      await parts.sleep(EXTRA_WORK_MS);
    },
  }),
};
