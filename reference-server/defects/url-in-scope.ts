import { shortHash, withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Scopes keys by the URL of the request, as it was sent. */
export const urlInScope: Defect = {
  name: 'url-in-scope',
  description: 'makes the whole URL part of the key: the same request with a query behind it debits again',
  reason: 'One key for two endpoints should be two keys, so the URL goes into the name.',
  rules: ['double-debit', 'same-answer', 'unexpected-status'],
  bugClasses: [41],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 60, profile: 'ietf' },
  apply: (parts) => withKeys(parts, (key, { url }) => `${key}~${shortHash(url)}`),
};
