import type { Liar } from './liar.ts';

/** A join on the wrong column. */
export const swapsNames: Liar = {
  name: 'swaps-names',
  description: "lists a customer's two newest redemptions under each other's client_redemption_id",
  scenarios: ['near-zero'],
  rules: ['lost-debit', 'conservation', 'payload-binding', 'double-debit'],
  lies: () => ({
    list: (_customer, items) => {
      const [one, two, ...others] = items;
      if (one?.client_redemption_id === undefined || two?.client_redemption_id === undefined) return items;
      return [
        { ...one, client_redemption_id: two.client_redemption_id },
        { ...two, client_redemption_id: one.client_redemption_id },
        ...others,
      ];
    },
  }),
};
