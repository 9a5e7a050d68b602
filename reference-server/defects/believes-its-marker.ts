import { withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Takes its own marker, sent as a request header, for proof that a key was seen. */
export const believesItsMarker: Defect = {
  name: 'believes-its-marker',
  description:
    "goes by the replay marker when a request carries it: whoever repeats an answer's headers is taken past the key",
  reason:
    'The gateway sets the header when it has answered from its cache; that a client can set it, too, was not thought of.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [50],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 60, profile: 'ietf' },
  apply: (parts) =>
    withKeys({ ...parts, contract: { ...parts.contract, missingKey: 'accept' } }, (key, { headers }) =>
      headers['idempotent-replayed'] === 'true' || headers['x-idempotent-replayed'] === 'true'
        ? undefined
        : key,
    ),
};
