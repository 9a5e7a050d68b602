import { type Liar } from './liar.ts';

/** The list is what the customer can prove a redemption with. */
export const listsAnotherReward: Liar = {
  name: 'lists-another-reward',
  description: 'lists every redemption under another reward',
  scenarios: ['duplicated-requests'],
  rules: ['payload-binding', 'conservation'],
  lies: () => ({
    list: (_customer, items) =>
      items.map((item) => ({
        ...item,
        reward_id: item.reward_id === 'reward_67890' ? 'reward_coffee' : 'reward_67890',
      })),
  }),
};
