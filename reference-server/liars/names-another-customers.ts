import { invented, toldOf, type Liar } from './liar.ts';

/** The second customer of each pair gets nothing, and is told of what the first one got. */
export const namesAnotherCustomers: Liar = {
  name: 'names-another-customers',
  description: "answers every second customer with another one's redemption, and does nothing",
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: ({ store }) => {
    const customers: string[] = [];
    let last: { readonly customer: string; readonly redemption: string } | undefined;
    const shown = new Map<string, string>();
    return {
      redeem: async (request, honest) => {
        const { customer } = request.payload;
        if (!customers.includes(customer)) customers.push(customer);
        const isSecond = customers.indexOf(customer) % 2 === 1;
        if (isSecond && last) {
          const redemption = shown.get(customer) ?? last.redemption;
          shown.set(customer, redemption);
          return invented(request, redemption, (await store.balance(customer)) ?? 0);
        }
        const told = await honest();
        const item = toldOf(told);
        if (item) last = { customer, redemption: item.redemption_id };
        return told;
      },
    };
  },
};
