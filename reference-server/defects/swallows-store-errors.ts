import { shortHash } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** One customer in four is kept on the shard that does not answer. */
const BROKEN_SHARD = '4';

/** An error of the store of keys ends in an empty catch: no answer is ever sent. */
export const swallowsStoreErrors: Defect = {
  name: 'swallows-store-errors',
  description: 'swallows errors of its key store: the requests of customers whose shard does not answer hang',
  reason: 'The middleware catches what it knows; for the rest it never calls next().',
  rules: ['stuck'],
  bugClasses: [27],
  needs: ['fault'],
  way: { kind: 'run', scenario: 'lost-answer', faults: 'none', intents: 12 },
  apply: (parts) =>
    withStore(parts, {
      claim: (request) =>
        shortHash(request.payload.customer) < BROKEN_SHARD
          ? new Promise<never>(() => {})
          : parts.store.claim(request),
    }),
};
