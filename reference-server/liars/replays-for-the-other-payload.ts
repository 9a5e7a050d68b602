import { type Asked, keyOf, type Liar, toldOf } from './liar.ts';

/** Nothing is compared: the key alone says what the answer is. */
export const replaysForTheOtherPayload: Liar = {
  name: 'replays-for-the-other-payload',
  description: 'answers a key that comes with another payload as if it came with the first',
  scenarios: ['key-reuse'],
  rules: ['payload-binding', 'unexpected-status'],
  lies: ({ answer }) => {
    const firsts = new Map<string, Asked>();
    return {
      redeem: async (request, honest) => {
        const first = request.key === undefined ? undefined : firsts.get(keyOf(request));
        if (first && first.text !== request.text) return await answer(first);
        const told = await honest();
        if (toldOf(told)) firsts.set(keyOf(request), request);
        return told;
      },
    };
  },
};
