import { firstTime, type Liar, toldOf } from './liar.ts';

/** A lock for a key, and no memory of it. */
export const forgetsKeysSoon: Liar = {
  name: 'forgets-keys-after-50ms',
  description: 'forgets a key 0.05 s after it was done',
  scenarios: ['lost-answer'],
  rules: ['double-debit', 'same-answer', 'unexpected-status'],
  lies: ({ store, later }) => {
    const isFirst = firstTime();
    return {
      redeem: async ({ key, payload }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (item && key !== undefined && isFirst(item.redemption_id))
          later(50, async () => store.raw.forget(payload.customer, key, payload));
        return told;
      },
    };
  },
};
