import { randomUUID } from 'node:crypto';
import { firstTime, type Liar, retold, toldOf } from './liar.ts';

/** One effect, and a new name for it at each asking. */
export const namesAnew: Liar = {
  name: 'names-anew',
  description: 'answers each repetition with a new id',
  scenarios: ['duplicated-requests'],
  rules: ['same-answer'],
  lies: () => {
    const isFirst = firstTime();
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item || isFirst(item.redemption_id)) return told;
        return retold(told, { redemption_id: `red_${randomUUID()}` });
      },
    };
  },
};
