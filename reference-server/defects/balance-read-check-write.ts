import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Reads the balance, checks it, writes the new one: simultaneous redemptions all start from the same reading. */
export const balanceReadCheckWrite: Defect = {
  name: 'balance-read-check-write',
  description:
    'writes an absolute balance from an earlier reading: simultaneous redemptions pay once for several',
  reason: 'Read, check, write: as the domain model reads, and as an ORM saves an entity.',
  rules: ['conservation', 'overdraft'],
  bugClasses: [61],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'near-zero', faults: 'none', intents: 12 },
  apply: (parts) =>
    withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      debit: async (claim, keepsRefused) => {
        const { store } = parts;
        const balance = (await store.balance(claim.customer)) ?? 0;
        // Refused as ever, with all that belongs to it.
        if (balance < claim.payload.points) return store.debit(claim, keepsRefused);
        await parts.step('gap', claim);
        await store.raw.setBalance(claim.customer, balance - claim.payload.points);
        const entered = await store.raw.enter(claim, balance - claim.payload.points);
        return { kind: 'debited', ...entered };
      },
    }),
};
