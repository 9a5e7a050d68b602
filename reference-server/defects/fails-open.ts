import { oneIn } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** When the store of keys does not answer, the redemption goes on without one. */
export const failsOpen: Defect = {
  name: 'fails-open',
  description:
    'skips the key when its store does not answer (one call in five times out): the retry debits again',
  reason: 'Better a redemption without protection than none: availability first.',
  rules: ['double-debit'],
  bugClasses: [26],
  needs: ['fault'],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) => {
    const timesOut = oneIn(5);
    const unprotected = new Set<string>();
    return withStore(parts, {
      claim: async (request) => {
        if (!timesOut()) return parts.store.claim(request);
        const { redemption } = request;
        unprotected.add(redemption);
        return { kind: 'claimed', redemption, isResumed: false, isRewarded: false };
      },
      debit: (claim, keepsRefused) =>
        unprotected.has(claim.redemption)
          ? parts.store.raw.move(claim)
          : parts.store.debit(claim, keepsRefused),
      complete: async (claim, answer) =>
        unprotected.has(claim.redemption) ? { kind: 'completed' } : parts.store.complete(claim, answer),
    });
  },
};
