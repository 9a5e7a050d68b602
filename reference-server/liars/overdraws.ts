import { invented, keyOf, type Liar, type Told } from './liar.ts';

/** The balance is no limit. */
export const overdraws: Liar = {
  name: 'overdraws',
  description: 'redeems where the points do not suffice, and lets the balance fall below zero',
  scenarios: ['near-zero'],
  rules: ['overdraft', 'conservation'],
  lies: ({ store, book }) => {
    const answers = new Map<string, Told>();
    return {
      redeem: async (request, honest) => {
        const name = keyOf(request);
        const known = answers.get(name);
        if (known) return known;
        const told = await honest();
        const { customer, points } = request.payload;
        const balance = (await store.balance(customer)) ?? 0;
        if (told.status < 400 || balance >= points || request.key === undefined) return told;
        const again = answers.get(name);
        if (again) return again;
        await store.raw.setBalance(customer, balance + points);
        const redemption = await book(request.payload);
        await store.raw.setBalance(customer, balance - points);
        if (redemption === undefined) return told;
        const said = invented(request, redemption, balance - points);
        answers.set(name, said);
        return said;
      },
    };
  },
};
