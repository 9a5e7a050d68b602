import { firstTime, type Liar, retold, toldOf } from './liar.ts';

/** The name is right, and what it stands for is not. */
export const replaysAnotherReward: Liar = {
  name: 'replays-another-reward',
  description: 'repeats an answer with another reward in it',
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
          : retold(told, { reward_id: 'reward_of_another_kind' });
      },
    };
  },
};
