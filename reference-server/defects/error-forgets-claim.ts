import { failingPartner } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** An error after the debit deletes the record, so that the client may try again. */
export const errorForgetsClaim: Defect = {
  name: 'error-forgets-claim',
  description:
    "deletes the key's record when the reward partner fails, though the points are gone: the retry debits again",
  reason: 'A failed request should leave nothing in the way of its retry.',
  rules: ['double-debit'],
  bugClasses: [16, 29],
  needs: ['fault'],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) => ({
    ...withStore(parts, {
      release: (claim) => parts.store.raw.forget(claim.customer, claim.key, claim.payload),
    }),
    ...failingPartner(parts, 5),
  }),
};
