import { firstTime, type Liar, toldOf } from './liar.ts';

/** The points are right, and the shelf is empty twice as soon. */
export const handsOutASecondReward: Liar = {
  name: 'hands-out-a-second-reward',
  description: 'hands out each reward twice, the second time for nothing',
  scenarios: ['duplicated-requests'],
  rules: ['double-debit', 'conservation'],
  lies: ({ store }) => {
    const isFirst = firstTime();
    const seconds = new Map<string, string>();
    return {
      redeem: async ({ payload }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item || !isFirst(item.redemption_id)) return told;
        await store.issueReward(payload.customer, item.redemption_id, payload.reward);
        seconds.set(item.redemption_id, `${item.redemption_id}_2`);
        return told;
      },
      list: (_customer, items) =>
        items.flatMap((item) => {
          const second = seconds.get(item.redemption_id);
          return second === undefined ? [item] : [item, { ...item, redemption_id: second, points_amount: 0 }];
        }),
    };
  },
};
