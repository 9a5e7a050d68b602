import { claimOf } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Sends the stored answer, and goes on to the handler all the same. */
export const replaysAndRuns: Defect = {
  name: 'replays-and-runs',
  description: 'answers a replay rightly and then runs the handler, too: the debit comes again',
  reason: 'The middleware sends the answer and calls next(): the return is missing.',
  rules: ['double-debit'],
  bugClasses: [35],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(request);
        if (result.kind === 'done') await parts.store.raw.move(claimOf(request));
        return result;
      },
    }),
};
