import { firstTime, keyOf, type Liar, toldOf } from './liar.ts';

/** Two handlers: one that does it, and a queue that does it once more. */
export const acceptsAndDoesItAgain: Liar = {
  name: 'accepts-and-does-it-again',
  description: 'answers the first repetition 202 and redeems once more',
  scenarios: ['duplicated-requests'],
  rules: ['double-debit'],
  lies: ({ book }) => {
    const isDone = firstTime();
    const isFirst = firstTime();
    return {
      redeem: async (request, honest) => {
        const told = await honest();
        if (!toldOf(told) || request.key === undefined || isDone(keyOf(request))) return told;
        if (!isFirst(keyOf(request))) return told;
        await book(request.payload);
        return { ...told, status: 202 };
      },
    };
  },
};
