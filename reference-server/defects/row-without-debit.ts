import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Lists the redemption first, takes the points afterwards, and takes a row for a debit. */
export const rowWithoutDebit: Defect = {
  name: 'row-without-debit',
  description:
    'lists the redemption before the points are taken: after a crash in between the row is there and the points are kept',
  reason:
    'The row names the redemption, so it must be there first; whether it is there tells a retry that all is done.',
  rules: ['conservation'],
  bugClasses: [19],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      debit: async (claim, keepsRefused) => {
        const row = await parts.store.redemption(claim.customer, claim.redemption);
        if (row) return { kind: 'debited', balanceAfter: row.balanceAfter, at: row.at };
        const left = ((await parts.store.balance(claim.customer)) ?? 0) - claim.payload.points;
        if (left < 0) return parts.store.debit(claim, keepsRefused);
        const entered = await parts.store.raw.enter(claim, left);
        await parts.step('after-debit', claim);
        await parts.store.raw.setBalance(claim.customer, left);
        return { kind: 'debited', ...entered };
      },
    }),
};
