import { everyNth, type Liar, toldOf } from './liar.ts';
import { tooFewPoints } from './refusing.ts';

/** The refusal is the one of the contract, and a lie. */
export const refusesAndDoes: Liar = {
  name: 'refuses-and-does',
  description: 'refuses every third redemption for too few points, and redeems it all the same',
  scenarios: ['duplicated-requests'],
  rules: ['refused-but-done', 'double-debit'],
  lies: ({ contract }) => {
    const isRefused = everyNth(3);
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        return item && isRefused(item.redemption_id) ? tooFewPoints(contract) : told;
      },
    };
  },
};
