import { everyNth, firstTime, type Liar, toldOf } from './liar.ts';

/** Everything agrees, but the points are somebody else's. */
export const debitsAnotherCustomer: Liar = {
  name: 'debits-another-customer',
  description: "takes the points of every third redemption off another customer's balance",
  scenarios: ['soak'],
  rules: ['conservation', 'double-debit', 'stale-read', 'lost-debit', 'overdraft'],
  lies: () => {
    const isElsewhere = everyNth(3);
    const isFirst = firstTime();
    const shift = new Map<string, number>();
    const add = (customer: string, points: number) =>
      shift.set(customer, (shift.get(customer) ?? 0) + points);
    let before: string | undefined;
    return {
      redeem: async ({ payload: { customer, points } }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item || !isFirst(item.redemption_id)) return told;
        if (before !== undefined && before !== customer && isElsewhere(item.redemption_id)) {
          add(customer, points);
          add(before, -points);
        }
        before = customer;
        return told;
      },
      balance: (customer, points) => points + (shift.get(customer) ?? 0),
    };
  },
};
