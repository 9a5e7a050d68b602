import { firstTime, toldOf, type Liar } from './liar.ts';

/** The refusal is the contract's own, word for word. */
export const refusesAndDoes: Liar = {
  name: 'refuses-and-does',
  description: 'refuses every third redemption for too few points, and redeems it all the same',
  scenarios: ['duplicated-requests'],
  rules: ['refused-but-done', 'double-debit'],
  lies: ({ contract }) => {
    const isFirst = firstTime();
    const refused = new Set<string>();
    let count = 0;
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item) return told;
        if (isFirst(item.redemption_id) && count++ % 3 === 0) refused.add(item.redemption_id);
        if (!refused.has(item.redemption_id)) return told;
        const row = contract.insufficientPoints;
        const { status, code } = row === 'unspecified' ? { status: 422, code: 'insufficient_points' } : row;
        return {
          status,
          headers: { 'content-type': 'application/problem+json' },
          text: JSON.stringify({ status, code, title: 'too few points' }),
        };
      },
    };
  },
};
