import { instead, retold, toldOf, type Liar } from './liar.ts';

/** The reward that is handed out is not the one that was asked for; the points are right. */
export const otherReward: Liar = {
  name: 'other-reward',
  description: 'hands out another reward than was asked for, and says that it was the one',
  scenarios: ['duplicated-requests'],
  rules: ['payload-binding', 'conservation'],
  lies: ({ answer }) => ({
    redeem: async (request, honest) => {
      const { reward } = request.payload;
      if (reward !== 'reward_67890' && reward !== 'reward_coffee') return await honest();
      const other = reward === 'reward_67890' ? 'reward_coffee' : 'reward_67890';
      const told = await answer(instead(request, { reward: other }));
      return toldOf(told) ? retold(told, { reward_id: reward }) : told;
    },
  }),
};
