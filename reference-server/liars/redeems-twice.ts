import { firstTime, toldOf, type Liar } from './liar.ts';

/** The plainest bug: a second effect for one key. */
export const redeemsTwice: Liar = {
  name: 'redeems-twice',
  description: 'redeems twice for one key, at once',
  scenarios: ['duplicated-requests'],
  rules: ['double-debit'],
  lies: ({ book }) => {
    const isFirst = firstTime();
    return {
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (item && isFirst(item.redemption_id)) await book(payload);
        return told;
      },
    };
  },
};
