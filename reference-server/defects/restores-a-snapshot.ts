import { failingPartner, inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** When the reward cannot be made, the balance is set to what it was before. */
export const restoresASnapshot: Defect = {
  name: 'restores-a-snapshot',
  description:
    'undoes a debit by writing the balance of before it: what others took meanwhile is given back, too',
  reason: 'Before and after are at hand in the handler; compensation reads like an undo.',
  rules: ['conservation'],
  bugClasses: [21],
  needs: ['concurrency', 'fault'],
  way: { kind: 'run', scenario: 'near-zero', faults: 'none', intents: 12 },
  apply: (parts) => {
    const before = new Map<string, number>();
    return {
      ...withStore(parts, {
        claim: (asked) => parts.store.claim(inTwoSteps(asked)),
        debit: async (claim, keepsRefused) => {
          const balance = (await parts.store.balance(claim.customer)) ?? 0;
          if (balance < claim.payload.points) return parts.store.debit(claim, keepsRefused);
          before.set(claim.redemption, balance);
          const result = await parts.store.debit(claim, keepsRefused);
          await parts.step('gap', claim);
          return result;
        },
        release: async (claim) => {
          // The row stays: a later attempt goes on with it, and takes no points again.
          await parts.store.raw.setBalance(claim.customer, before.get(claim.redemption) ?? 0);
          await parts.store.release(claim);
        },
      }),
      ...failingPartner(parts, 3),
    };
  },
};
