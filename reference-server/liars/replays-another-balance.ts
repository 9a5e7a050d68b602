import { firstTime, type Liar, retold, toldOf } from './liar.ts';

/** The balance of a repeated answer is a new one. */
export const replaysAnotherBalance: Liar = {
  name: 'replays-another-balance',
  description: 'repeats an answer with another balance in it',
  scenarios: ['duplicated-requests'],
  rules: ['same-answer'],
  lies: () => {
    const isFirst = firstTime();
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        return !item || isFirst(item.redemption_id)
          ? told
          : retold(told, { balance_after: item.balance_after + 1 });
      },
    };
  },
};
