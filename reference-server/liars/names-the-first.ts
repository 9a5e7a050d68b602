import { invented, toldOf, type Liar } from './liar.ts';

/** Each customer is served once; whoever comes again is told of that redemption. */
export const namesTheFirst: Liar = {
  name: 'names-the-first',
  description: "answers every later redemption of a customer with the customer's first, and does nothing",
  scenarios: ['near-zero'],
  rules: ['lost-debit'],
  lies: ({ store }) => {
    const firsts = new Map<string, { readonly key: string | undefined; readonly redemption: string }>();
    return {
      redeem: async (request, honest) => {
        const { customer } = request.payload;
        const first = firsts.get(customer);
        if (first && first.key !== request.key)
          return invented(request, first.redemption, (await store.balance(customer)) ?? 0);
        const told = await honest();
        const item = toldOf(told);
        if (item && !firsts.has(customer))
          firsts.set(customer, { key: request.key, redemption: item.redemption_id });
        return told;
      },
    };
  },
};
