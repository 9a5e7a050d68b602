import { everyNth, firstTime, keyOf, type Liar } from './liar.ts';
import { tooFewPoints } from './refusing.ts';

/** Refused, settled, read back: and then it comes. */
export const refusesAndDoesLater: Liar = {
  name: 'refuses-and-does-later',
  description: 'refuses every third redemption for too few points, and redeems it 1 s later',
  scenarios: ['duplicated-requests'],
  rules: ['refused-but-done', 'double-debit'],
  lies: ({ contract, book, later }) => {
    const isRefused = everyNth(3);
    const isFirst = firstTime();
    return {
      redeem: async (request, honest) => {
        const name = keyOf(request);
        if (!isRefused(name)) return await honest();
        if (isFirst(name)) later(1000, () => book(request.payload));
        return tooFewPoints(contract);
      },
    };
  },
};
