import { instead, type Liar, retold, toldOf } from './liar.ts';

/** One point more than was agreed, in each redemption. */
export const debitsAPointTooMuch: Liar = {
  name: 'debits-a-point-too-much',
  description: 'debits one point more than it says',
  scenarios: ['duplicated-requests'],
  rules: ['conservation', 'payload-binding'],
  lies: ({ answer }) => ({
    redeem: async (request, honest) => {
      const { points } = request.payload;
      if (points < 2) return await honest();
      const told = await answer(instead(request, { points: points + 1 }));
      return toldOf(told) ? retold(told, { points_amount: points }) : told;
    },
  }),
};
