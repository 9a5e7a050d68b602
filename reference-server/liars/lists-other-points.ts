import { type Liar } from './liar.ts';

/** The price in the list is not the price that was paid. */
export const listsOtherPoints: Liar = {
  name: 'lists-other-points',
  description: 'lists every redemption with a point more than it cost',
  scenarios: ['duplicated-requests'],
  rules: ['payload-binding', 'conservation'],
  lies: () => ({
    list: (_customer, items) => items.map((item) => ({ ...item, points_amount: item.points_amount + 1 })),
  }),
};
