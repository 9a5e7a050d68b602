import { withStore, type Defect } from './defect.ts';

/** Tests the stored result for truth: a balance of 0 counts as nothing stored. */
export const zeroIsNoAnswer: Defect = {
  name: 'zero-is-no-answer',
  description:
    'takes a result that is 0 for none: a redemption that spends the last point is carried out again',
  reason: '`if (result)` is how one asks whether there is one.',
  rules: ['unexpected-status', 'double-debit'],
  bugClasses: [33],
  needs: [],
  way: { kind: 'run', scenario: 'near-zero', faults: 'none', intents: 12 },
  apply: (parts) =>
    withStore(parts, {
      complete: async (claim, answer) => {
        const { balance_after: left } = JSON.parse(answer.body) as { readonly balance_after?: number };
        if (left !== 0) return parts.store.complete(claim, answer);
        await parts.store.raw.forget(claim.customer, claim.key, claim.payload);
        return { kind: 'completed' };
      },
    }),
};
