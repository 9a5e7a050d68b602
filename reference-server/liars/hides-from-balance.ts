import { everyNth, firstTime, type Liar, toldOf } from './liar.ts';

/** The customer redeems for nothing, and everything else says otherwise. */
export const hidesFromBalance: Liar = {
  name: 'hides-from-balance',
  description: 'does not let the balance fall for every third redemption',
  scenarios: ['duplicated-requests'],
  rules: ['conservation'],
  lies: () => {
    const isHidden = everyNth(3);
    const owed = new Map<string, number>();
    const isFirst = firstTime();
    return {
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item || !isFirst(item.redemption_id) || !isHidden(item.redemption_id)) return told;
        owed.set(payload.customer, (owed.get(payload.customer) ?? 0) + payload.points);
        return told;
      },
      balance: (customer, points) => points + (owed.get(customer) ?? 0),
    };
  },
};
