import { keyOf, retold, toldOf, type Liar } from './liar.ts';

/** It does what it is asked for, and says the name of the one before. */
export const namesThePrevious: Liar = {
  name: 'names-the-previous',
  description: "redeems, and answers with the id of the customer's redemption before",
  scenarios: ['near-zero'],
  rules: ['lost-debit'],
  lies: () => {
    const previous = new Map<string, string>();
    const names = new Map<string, string>();
    return {
      redeem: async (request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item) return told;
        const { customer } = request.payload;
        const name = names.get(keyOf(request)) ?? previous.get(customer) ?? item.redemption_id;
        names.set(keyOf(request), name);
        previous.set(customer, item.redemption_id);
        return retold(told, { redemption_id: name });
      },
    };
  },
};
