import { type Liar, retold, toldOf } from './liar.ts';

/** Everything is right, but what the customer is told. */
export const tellsAPointTooMuch: Liar = {
  name: 'tells-a-point-too-much',
  description: 'tells in every answer a balance that is one point too high',
  scenarios: ['duplicated-requests'],
  rules: ['stale-read', 'conservation'],
  lies: () => ({
    redeem: async (_request, honest) => {
      const told = await honest();
      const item = toldOf(told);
      return item ? retold(told, { balance_after: item.balance_after + 1 }) : told;
    },
  }),
};
