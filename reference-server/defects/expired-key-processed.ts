import { withStore, type Defect } from './defect.ts';

/** An expired key is new at once, with all that was known of it. */
export const expiredKeyProcessed: Defect = {
  name: 'expired-key-processed',
  description: 'processes an expired key as a new request instead of refusing it while its tombstone is kept',
  rules: ['expiry', 'double-debit'],
  bugClasses: [53],
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(request);
        if (result.kind !== 'expired') return result;
        await parts.store.raw.forget(request.payload.customer, request.key, request.payload);
        return parts.store.claim(request);
      },
    }),
};
