import { withStore, type Defect } from './defect.ts';

/** An expired key is new at once, with all that was known of it. */
export const expiredKeyProcessed: Defect = {
  name: 'expired-key-processed',
  description: 'processes an expired key as a new request instead of refusing it while its tombstone is kept',
  reason: 'Records are pruned after a day, and what is not found is new.',
  rules: ['expiry', 'double-debit'],
  bugClasses: [53],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
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
