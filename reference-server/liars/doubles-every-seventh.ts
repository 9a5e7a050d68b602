import { everyNth, firstTime, type Liar, toldOf } from './liar.ts';

/** Rare enough to be taken for chance. */
export const doublesEverySeventh: Liar = {
  name: 'doubles-every-seventh',
  description: 'redeems every seventh twice',
  scenarios: ['duplicated-requests'],
  rules: ['double-debit'],
  lies: ({ book }) => {
    const isFirst = firstTime();
    const isDoubled = everyNth(7);
    return {
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (item && isFirst(item.redemption_id) && isDoubled(item.redemption_id)) await book(payload);
        return told;
      },
    };
  },
};
