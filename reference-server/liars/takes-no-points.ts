import { firstTime, type Liar, retold, toldOf } from './liar.ts';

/** The other half: the reward is handed out for nothing. */
export const takesNoPoints: Liar = {
  name: 'takes-no-points',
  description: 'hands out the reward, and takes no points for it',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit', 'conservation'],
  lies: ({ store }) => {
    const isFirst = firstTime();
    return {
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item) return told;
        if (isFirst(item.redemption_id)) {
          const balance = (await store.balance(payload.customer)) ?? 0;
          await store.raw.setBalance(payload.customer, balance + payload.points);
        }
        return retold(told, { balance_after: item.balance_after + payload.points });
      },
      ledger: (_customer, reading) => ({ ...reading, debits: [] }),
    };
  },
};
