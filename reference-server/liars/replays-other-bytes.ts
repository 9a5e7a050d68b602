import { firstTime, type Liar, toldOf } from './liar.ts';

/** The same members in another order: where bytes are promised, a broken promise. */
export const replaysOtherBytes: Liar = {
  name: 'replays-other-bytes',
  description: 'repeats an answer in other bytes',
  scenarios: ['duplicated-requests'],
  rules: ['same-answer'],
  lies: () => {
    const isFirst = firstTime();
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        return !item || isFirst(item.redemption_id)
          ? told
          : {
              ...told,
              text: JSON.stringify(Object.fromEntries(Object.entries(item).toReversed())),
            };
      },
    };
  },
};
