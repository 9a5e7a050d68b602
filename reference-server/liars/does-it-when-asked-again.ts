import { randomUUID } from 'node:crypto';
import { firstTime, invented, keyOf, type Liar } from './liar.ts';

/** Whoever is content with the first answer has nothing. */
export const doesItWhenAskedAgain: Liar = {
  name: 'does-it-when-asked-again',
  description: 'says done at the first asking, and does it only at the second',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: ({ store }) => {
    const isFirst = firstTime();
    return {
      redeem: async (request, honest) => {
        if (!isFirst(keyOf(request))) return await honest();
        const { customer, points } = request.payload;
        const balance = (await store.balance(customer)) ?? 0;
        return invented(request, `red_${randomUUID()}`, balance - points);
      },
    };
  },
};
