import type { Payload } from '../store.ts';
import { firstTime, type Liar, toldOf } from './liar.ts';

/** A cache of keys that is too small. */
export const forgetsKeys: Liar = {
  name: 'forgets-keys',
  description: 'forgets a key after the next redemption',
  scenarios: ['duplicated-requests'],
  rules: ['double-debit'],
  lies: ({ store }) => {
    const isFirst = firstTime();
    const kept: { readonly customer: string; readonly key: string; readonly payload: Payload }[] = [];
    return {
      redeem: async ({ key, payload }, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item || key === undefined || !isFirst(item.redemption_id)) return told;
        kept.push({ customer: payload.customer, key, payload });
        const oldest = kept.length > 1 ? kept.shift() : undefined;
        if (oldest) await store.raw.forget(oldest.customer, oldest.key, oldest.payload);
        return told;
      },
    };
  },
};
