import { firstTime, toldOf, type Liar } from './liar.ts';

/** A second effect that comes when nobody looks any more: how late is its only difference. */
function booksAgainAfter(ms: number, name: string, words: string): Liar {
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

export const booksAgainSoon = booksAgainAfter(100, 'books-again-after-100ms', '0.1 s');
export const booksAgainLater = booksAgainAfter(1000, 'books-again-after-1s', '1 s');
export const booksAgainLast = booksAgainAfter(4000, 'books-again-after-4s', '4 s');
