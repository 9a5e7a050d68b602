import { withStore, type Defect } from './defect.ts';

/** Every replay starts the key's 24 hours anew. */
export const ttlRenewed: Defect = {
  name: 'ttl-renewed',
  description: 'each replay renews the age of the key, so a key in use never expires',
  reason: 'A cache that renews what is in use seems to be kind to clients that still ask.',
  rules: ['expiry'],
  bugClasses: [54],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(request);
        if (result.kind === 'done') await parts.store.raw.renew(request.payload.customer, request.key);
        return result;
      },
    }),
};
