import { invented, type Liar } from './liar.ts';

const REWARD = 'reward_coffee';

/** One redemption was there when the run began; it is the answer to everything. */
export const namesOneFromBefore: Liar = {
  name: 'names-one-from-before',
  description: 'answers with a redemption that was there before the run, and does nothing',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: ({ store, book }) => {
    const before = new Map<string, string>();
    return {
      made: async (customer) => {
        await store.credit(customer, 120);
        const redemption = await book({ customer, reward: REWARD, points: 120 });
        if (redemption !== undefined) before.set(customer, redemption);
      },
      redeem: async (request, honest) => {
        const { customer } = request.payload;
        const redemption = before.get(customer);
        if (redemption === undefined) return await honest();
        return invented(request, redemption, (await store.balance(customer)) ?? 0);
      },
    };
  },
};
