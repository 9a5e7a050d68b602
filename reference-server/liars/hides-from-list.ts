import { everyNth, type Liar } from './liar.ts';

/** What was redeemed cannot be found by whoever redeemed it. */
export const hidesFromList: Liar = {
  name: 'hides-from-list',
  description: 'leaves every third redemption out of the list',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: () => {
    const isHidden = everyNth(3);
    return { list: (_customer, items) => items.filter(({ redemption_id }) => !isHidden(redemption_id)) };
  },
};
