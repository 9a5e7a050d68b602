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
  apply: (parts) => ({
    ...withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      debit: async (claim, keepsRefused) => {
        const left = ((await parts.store.balance(claim.customer)) ?? 0) - claim.payload.points;
        if (left < 0) return parts.store.debit(claim, keepsRefused);
        await parts.store.raw.setBalance(claim.customer, left);
        return {
          kind: 'debited',
          balanceAfter: left,
          at: (await parts.store.clock(claim.customer))?.nowMs ?? 0,
        };
      },
      complete: async (claim, answer) => {
        const { balance_after: left } = JSON.parse(answer.body) as { readonly balance_after: number };
        await parts.store.raw.enter(claim, left);
        return parts.store.complete(claim, answer);
      },
      release: async (claim) => {
        const now = (await parts.store.balance(claim.customer)) ?? 0;
        await parts.store.raw.setBalance(claim.customer, now + claim.payload.points);
        await parts.store.raw.forget(claim.customer, claim.key, claim.payload);
      },
    }),
    ...failingPartner(parts, 3),
  }),
};
