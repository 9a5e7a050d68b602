import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Takes the points in one step and notes it under the key in a later one: a crash between them forgets the debit. */
export const debitBeforeRecord: Defect = {
  name: 'debit-before-record',
  description:
    'debits before the key record knows of it, in no common transaction: after a crash the retry debits again',
  reason: 'Money first: the bookkeeping about the request looks like a detail that can follow.',
  rules: ['double-debit'],
  bugClasses: [11],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const result = await parts.store.claim(request);
        if (result.kind !== 'claimed' || !result.isResumed) return result;
        // The record says nothing of a debit, so the work begins from the start: as a redemption of its own.
        return parts.store.raw.insert(request);
      },
      debit: (claim) => parts.store.raw.move(claim),
    }),
};
