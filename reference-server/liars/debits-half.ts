import { instead, type Liar, retold, toldOf } from './liar.ts';

/** Half the price, as one debit, and the answer says the whole. */
export const debitsHalf: Liar = {
  name: 'debits-half',
  description: 'debits half the points that it says',
  scenarios: ['duplicated-requests'],
  rules: ['conservation', 'payload-binding'],
  lies: ({ answer }) => ({
    redeem: async (request, honest) => {
      const { points } = request.payload;
      if (points < 2) return await honest();
      const told = await answer(instead(request, { points: Math.floor(points / 2) }));
      return toldOf(told) ? retold(told, { points_amount: points }) : told;
    },
  }),
};
