import { everyNth, type Liar } from './liar.ts';

/** The reward is there, and the list says that nobody has it. */
export const listsAsCancelled: Liar = {
  name: 'lists-as-cancelled',
  description: 'lists every third redemption as cancelled, and keeps the points',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit', 'conservation'],
  lies: () => {
    const isCancelled = everyNth(3);
    return {
      list: (_customer, items) =>
        items.map((item) => (isCancelled(item.redemption_id) ? { ...item, status: 'cancelled' } : item)),
    };
  },
};
