import { firstTime, toldOf, type Liar } from './liar.ts';

/** The effect is undone: the points come back, and the redemption is nowhere any more. */
export function takesBack(ms: number, name: string, words: string): Liar {
  return {
    name,
    description: `redeems, says so, and undoes it ${words} later`,
    scenarios: ['duplicated-requests'],
    rules: ['lost-debit', 'conservation'],
    lies: ({ store, later }) => {
      const isFirst = firstTime();
      const undone = new Set<string>();
      const isThere = ({ redemption_id }: { readonly redemption_id: string }) => !undone.has(redemption_id);
      return {
        redeem: async ({ payload: { customer, points } }, honest) => {
          const told = await honest();
          const item = toldOf(told);
          if (!item || !isFirst(item.redemption_id)) return told;
          later(ms, async () => {
            undone.add(item.redemption_id);
            await store.raw.setBalance(customer, ((await store.balance(customer)) ?? 0) + points);
          });
          return told;
        },
        list: (_customer, items) => items.filter(isThere),
        ledger: (_customer, { debits, credits, rewards = [] }) => ({
          debits: debits.filter(isThere),
          credits,
          rewards: rewards.filter(isThere),
        }),
      };
    },
  };
}
