import { withStore, type Defect } from './defect.ts';

/** The sweeper has taken the row between the failed insert and the look at it; "in progress" is hard-coded for that. */
export const sweptKeyInFlight: Defect = {
  name: 'swept-key-in-flight',
  description:
    'says "in progress" for a key that has expired: the row is gone, and the branch knows only one reason for a conflict',
  reason: 'After a conflict there is always a row, so its absence was never thought of.',
  rules: ['expiry', 'stuck', 'unexpected-status'],
  bugClasses: [6],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(request);
        return result.kind === 'expired' ? { kind: 'in-flight', leaseLeftMs: 0 } : result;
      },
    }),
};
