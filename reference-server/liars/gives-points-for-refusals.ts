import type { Liar } from './liar.ts';

/** A compensation for what was never taken. */
export const givesPointsForRefusals: Liar = {
  name: 'gives-points-for-refusals',
  description: 'gives back the points of what it refuses, which it has not taken',
  scenarios: ['near-zero'],
  rules: ['conservation', 'stale-read', 'lost-debit', 'unexpected-status', 'overdraft'],
  lies: ({ store }) => ({
    redeem: async ({ payload: { customer, points } }, honest) => {
      const told = await honest();
      if (told.status >= 400 && told.status < 500 && points > 0) await store.credit(customer, points);
      return told;
    },
  }),
};
