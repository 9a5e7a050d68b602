import { type Liar } from './liar.ts';

/** Whoever buys points gets half of them. */
export const swallowsHalfTheCredit: Liar = {
  name: 'swallows-half-the-credit',
  description: 'confirms a credit, and books half of it',
  scenarios: ['near-zero'],
  rules: ['conservation'],
  lies: ({ store }) => ({
    credit: async (customer, points) => {
      const half = Math.floor(points / 2);
      const balance = half > 0 ? await store.credit(customer, half) : await store.balance(customer);
      return balance === undefined ? undefined : balance + points - half;
    },
  }),
};
