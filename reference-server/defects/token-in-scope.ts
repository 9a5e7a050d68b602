import { shortHash, withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Scopes keys by the token that came with them. */
export const tokenInScope: Defect = {
  name: 'token-in-scope',
  description: 'makes the bearer token part of the key: after a refresh of the token the retry debits again',
  reason: 'The token says who asks, and it is at hand before the customer is known.',
  rules: ['double-debit', 'same-answer', 'unexpected-status'],
  bugClasses: [40],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33, profile: 'ietf' },
  apply: (parts) =>
    withKeys(parts, (key, { headers }) => `${key}~${shortHash(String(headers.authorization))}`),
};
