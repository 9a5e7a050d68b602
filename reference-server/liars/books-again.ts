import { firstTime, toldOf, type Liar } from './liar.ts';

/** A second effect that comes when nobody looks any more: how late it is, is all that these differ in. */
export function booksAgain(ms: number, name: string, words: string): Liar {
  return {
    name,
    description: `redeems, and redeems the same again ${words} later`,
    scenarios: ['duplicated-requests'],
    rules: ['double-debit', 'conservation'],
    lies: ({ book, later }) => {
      const isFirst = firstTime();
      return {
        redeem: async ({ payload }, honest) => {
          const told = await honest();
          const item = toldOf(told);
          if (item && isFirst(item.redemption_id)) later(ms, () => book(payload));
          return told;
        },
      };
    },
  };
}
