import { rewardAgain } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Calls the reward partner without a key: whoever goes on with the work orders once more. */
export const partnerGetsNoKey: Defect = {
  name: 'partner-gets-no-key',
  description:
    'passes no key on to the reward partner: after a crash behind the order the retry orders a second reward',
  reason: 'The endpoint is idempotent, so its inside need not be.',
  rules: ['double-debit'],
  bugClasses: [17, 23],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      issueReward: async (customer, redemption, reward) => {
        await rewardAgain(parts, customer, redemption, reward);
      },
    }),
};
