import { type Liar, retold, toldOf } from './liar.ts';

/** The answer says what the customer had, not what is left. */
export const tellsTheBalanceBefore: Liar = {
  name: 'tells-the-balance-before',
  description: 'tells the balance from before the debit, and keeps to it',
  scenarios: ['duplicated-requests'],
  rules: ['stale-read', 'conservation'],
  lies: () => ({
    redeem: async ({ payload }, honest) => {
      const told = await honest();
      const item = toldOf(told);
      return item ? retold(told, { balance_after: item.balance_after + payload.points }) : told;
    },
  }),
};
