import { randomUUID } from 'node:crypto';
import { type Liar, retold, toldOf } from './liar.ts';

/** The effect is there, but under a name that no answer ever says. */
export const namesNobodys: Liar = {
  name: 'names-nobodys',
  description: 'redeems, and answers with an id that nothing else knows',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: () => {
    const names = new Map<string, string>();
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item) return told;
        const name = names.get(item.redemption_id) ?? `red_${randomUUID()}`;
        names.set(item.redemption_id, name);
        return retold(told, { redemption_id: name });
      },
    };
  },
};
