import { type Liar } from './liar.ts';

/** A top-up that is confirmed and never booked. */
export const swallowsTheCredit: Liar = {
  name: 'swallows-the-credit',
  description: 'confirms a credit, and books nothing',
  scenarios: ['near-zero'],
  rules: ['conservation'],
  lies: ({ store }) => ({
    credit: async (customer, points) => ((await store.balance(customer)) ?? 0) + points,
  }),
};
