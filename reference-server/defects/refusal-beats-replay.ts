import { withStore, type Defect } from './defect.ts';

/** Checks the balance before it looks at the key. */
export const refusalBeatsReplay: Defect = {
  name: 'refusal-beats-replay',
  description:
    'asks for enough points before it looks whether the key was finished: who has spent them since is refused his own answer',
  reason: 'Validation comes first, and what the balance does not cover is not valid.',
  rules: ['unexpected-status'],
  bugClasses: [30],
  needs: [],
  way: { kind: 'run', scenario: 'near-zero', faults: 'none', intents: 12 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const balance = await parts.store.balance(request.payload.customer);
        if (balance !== undefined && balance < request.payload.points)
          return { kind: 'insufficient-points', balance };
        return parts.store.claim(request);
      },
    }),
};
