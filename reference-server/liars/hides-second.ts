import { firstTime, toldOf, type Liar } from './liar.ts';

export type Place = 'list' | 'ledger' | 'balance';

/** Redeems twice, and shows the second one only where it is not hidden from. */
export function hidesSecond(name: string, places: readonly Place[]): Liar {
  return {
    name,
    description: `redeems twice, and hides the second one from the ${places.join(' and the ')}`,
    scenarios: ['duplicated-requests'],
    rules: ['double-debit', 'conservation'],
    lies: ({ book }) => {
      const isFirst = firstTime();
      const hidden = new Set<string>();
      const owed = new Map<string, number>();
      const shownBalance = (customer: string, points: number) => points + (owed.get(customer) ?? 0);
      return {
        redeem: async ({ payload }, honest) => {
          const told = await honest();
          const item = toldOf(told);
          if (!item || !isFirst(item.redemption_id)) return told;
          const second = await book(payload);
          if (second === undefined) return told;
          hidden.add(second);
          owed.set(payload.customer, (owed.get(payload.customer) ?? 0) + payload.points);
          return told;
        },
        ...(places.includes('list') && {
          list: (_customer, items) => items.filter(({ redemption_id }) => !hidden.has(redemption_id)),
        }),
        ...(places.includes('ledger') && {
          ledger: (_customer, { debits, credits, rewards = [] }) => ({
            debits: debits.filter(({ redemption_id }) => !hidden.has(redemption_id)),
            credits,
            rewards: rewards.filter(({ redemption_id }) => !hidden.has(redemption_id)),
          }),
        }),
        ...(places.includes('balance') && { balance: shownBalance }),
      };
    },
  };
}
