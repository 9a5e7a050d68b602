import { type Liar, retold, toldOf } from './liar.ts';

/** Named after the customer: two of one customer cannot be told apart. */
export const repeatsAnId: Liar = {
  name: 'repeats-an-id',
  description: 'redeems rightly, and gives all redemptions of a customer one id',
  scenarios: ['near-zero'],
  rules: ['lost-debit', 'conservation', 'double-debit'],
  lies: () => ({
    redeem: async ({ payload }, honest) => {
      const told = await honest();
      return toldOf(told) ? retold(told, { redemption_id: `red_of_${payload.customer}` }) : told;
    },
    list: (customer, items) => items.map((item) => ({ ...item, redemption_id: `red_of_${customer}` })),
    ledger: (customer, { debits, rewards = [], ...rest }) => ({
      ...rest,
      debits: debits.map((debit) => ({ ...debit, redemption_id: `red_of_${customer}` })),
      rewards: rewards.map((reward) => ({ ...reward, redemption_id: `red_of_${customer}` })),
    }),
  }),
};
