import { everyNth, type Item, type Liar } from './liar.ts';

/** It is there, and somebody else has it. */
export const listsItElsewhere: Liar = {
  name: 'lists-it-elsewhere',
  description: 'lists every third redemption at another customer',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit', 'double-debit', 'conservation'],
  lies: () => {
    const isMoved = everyNth(3);
    const moved = new Map<string, { readonly item: Item; to?: string }>();
    return {
      list: (customer, items) => {
        const kept: Item[] = [];
        for (const item of items) {
          if (isMoved(item.redemption_id))
            moved.set(item.redemption_id, moved.get(item.redemption_id) ?? { item });
          else kept.push(item);
        }
        for (const each of moved.values()) {
          if (each.item.customer_id !== customer) each.to ??= customer;
          if (each.to === customer) kept.push({ ...each.item, customer_id: customer });
        }
        return kept;
      },
    };
  },
};
