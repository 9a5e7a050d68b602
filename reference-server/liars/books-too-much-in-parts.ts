import type { Liar } from './liar.ts';

const TOO_MUCH = 20;

/** Points of two lots, one of them counted twice. */
export const booksTooMuchInParts: Liar = {
  name: 'books-too-much-in-parts',
  description: 'books each debit in two parts that are 20 points too much together',
  scenarios: ['duplicated-requests'],
  rules: ['conservation', 'double-debit', 'stale-read'],
  lies: () => {
    const debited = new Map<string, Set<string>>();
    return {
      redeem: async ({ payload: { customer } }, honest) => {
        const told = await honest();
        if (told.status !== 200) return told;
        const { redemption_id: redemption } = JSON.parse(told.text) as { readonly redemption_id: string };
        debited.set(customer, (debited.get(customer) ?? new Set()).add(redemption));
        return told;
      },
      balance: (customer, points) => points - TOO_MUCH * (debited.get(customer)?.size ?? 0),
      ledger: (_customer, { debits, ...rest }) => ({
        ...rest,
        debits: debits.flatMap((debit) => [
          { ...debit, points: debit.points - TOO_MUCH },
          { ...debit, points: 2 * TOO_MUCH },
        ]),
      }),
    };
  },
};
