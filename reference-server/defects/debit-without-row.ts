import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Takes the points in one write and lists the redemption in another. */
export const debitWithoutRow: Defect = {
  name: 'debit-without-row',
  description:
    'takes the points and lists the redemption in two writes: a crash between them leaves a debit that no row explains',
  reason: 'Balance and list are two tables with a repository each.',
  rules: ['conservation'],
  bugClasses: [18],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      debit: async (claim, keepsRefused) => {
        const left = ((await parts.store.balance(claim.customer)) ?? 0) - claim.payload.points;
        if (left < 0) return parts.store.debit(claim, keepsRefused);
        await parts.store.raw.setBalance(claim.customer, left);
        await parts.step('after-debit', claim);
        return { kind: 'debited', ...(await parts.store.raw.enter(claim, left)) };
      },
    }),
};
