import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** After a conflict with another transaction only the statement that failed is run again. */
export const retriesHalf: Defect = {
  name: 'retries-half',
  description:
    'repeats only the last statement after a serialization failure: the redemption is listed and the points are kept',
  reason: 'The retry stands in the repository, around the statement, where the error is thrown.',
  rules: ['conservation', 'overdraft'],
  bugClasses: [20],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'near-zero', faults: 'none', intents: 12 },
  apply: (parts) =>
    withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      debit: async (claim, keepsRefused) => {
        const before = await parts.store.balance(claim.customer);
        await parts.step('gap', claim);
        const now = (await parts.store.balance(claim.customer)) ?? 0;
        if (now === before || now < claim.payload.points) return parts.store.debit(claim, keepsRefused);
        return { kind: 'debited', ...(await parts.store.raw.enter(claim, now)) };
      },
    }),
};
