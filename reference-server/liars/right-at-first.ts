import { randomUUID } from 'node:crypto';
import { invented, keyOf, type Liar, type Told } from './liar.ts';

/** A short test sees nothing of it. */
export const rightAtFirst: Liar = {
  name: 'right-at-first',
  description: 'redeems the first twelve rightly, then says done and does nothing',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: ({ store }) => {
    const real = new Set<string>();
    const answers = new Map<string, Told>();
    return {
      redeem: async (request, honest) => {
        const name = keyOf(request);
        if (real.has(name) || real.size < 12) {
          real.add(name);
          return await honest();
        }
        const { customer, points } = request.payload;
        const balance = (await store.balance(customer)) ?? 0;
        const told = answers.get(name) ?? invented(request, `red_${randomUUID()}`, balance - points);
        answers.set(name, told);
        return told;
      },
    };
  },
};
