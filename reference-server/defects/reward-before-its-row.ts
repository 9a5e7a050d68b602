import { inTwoSteps, rewardAgain } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Hands the reward out and books it afterwards. */
export const rewardBeforeItsRow: Defect = {
  name: 'reward-before-its-row',
  description:
    'hands the reward out before anything is booked: after a crash in between it is handed out again',
  reason: 'The customer should have the reward as soon as possible; the row can wait.',
  rules: ['double-debit'],
  bugClasses: [17],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      debit: async (claim, keepsRefused) => {
        await rewardAgain(parts, claim.customer, claim.redemption, claim.payload.reward);
        await parts.step('after-claim', claim);
        await parts.step('after-debit', claim);
        return parts.store.debit(claim, keepsRefused);
      },
      issueReward: async () => {},
    }),
};
