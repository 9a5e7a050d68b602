import { invented, keyOf, type Liar, type Told, toldOf } from './liar.ts';

/** A key that was used for something else is as good as a new one. */
export const redeemsTheOtherPayload: Liar = {
  name: 'redeems-the-other-payload',
  description: 'redeems anew where a key comes with another payload',
  scenarios: ['key-reuse'],
  rules: ['payload-binding', 'unexpected-status'],
  lies: ({ book, store }) => {
    const firsts = new Map<string, string>();
    const answers = new Map<string, Told>();
    return {
      redeem: async (request, honest) => {
        const { text, key, payload } = request;
        const first = firsts.get(keyOf(request));
        if (key === undefined || first === undefined || first === text) {
          const told = await honest();
          if (toldOf(told)) firsts.set(keyOf(request), text);
          return told;
        }
        const name = `${keyOf(request)} ${text}`;
        const known = answers.get(name);
        if (known) return known;
        const redemption = await book(payload);
        if (redemption === undefined) return await honest();
        const told = invented(request, redemption, (await store.balance(payload.customer)) ?? 0);
        answers.set(name, told);
        return told;
      },
    };
  },
};
