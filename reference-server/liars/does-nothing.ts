import { randomUUID } from 'node:crypto';
import { invented, keyOf, type Liar, type Told } from './liar.ts';

/** A success under a fresh id, the same for each retry, and nobody ever does anything. */
export const doesNothing: Liar = {
  name: 'does-nothing',
  description: 'says done under an id of its own, keeps to it, and does nothing',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: ({ store }) => {
    const answers = new Map<string, Promise<Told>>();
    return {
      redeem: async (request) => {
        const name = keyOf(request);
        const { customer, points } = request.payload;
        const answer =
          answers.get(name) ??
          store
            .balance(customer)
            .then((balance = 0) => invented(request, `red_${randomUUID()}`, balance - points));
        answers.set(name, answer);
        return await answer;
      },
    };
  },
};
