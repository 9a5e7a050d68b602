import { withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Takes the header, validates it, and never looks at it again. */
export const keyIgnored: Defect = {
  name: 'key-ignored',
  description: 'accepts a key and does nothing with it: every retry debits',
  reason: 'The documentation came first; the rest is on the board.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [50],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20, profile: 'ietf' },
  apply: (parts) =>
    withKeys({ ...parts, contract: { ...parts.contract, missingKey: 'accept' } }, (key) =>
      key === '' ? key : undefined,
    ),
};
