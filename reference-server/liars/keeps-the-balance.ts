import type { Liar } from './liar.ts';

/** A cache that nobody empties. */
export const keepsTheBalance: Liar = {
  name: 'keeps-the-balance',
  description: 'shows for ever the balance that it showed first',
  scenarios: ['duplicated-requests'],
  rules: ['conservation', 'stale-read', 'lost-debit'],
  lies: () => {
    const first = new Map<string, number>();
    return {
      balance: (customer, points) => {
        const shown = first.get(customer) ?? points;
        first.set(customer, shown);
        return shown;
      },
    };
  },
};
