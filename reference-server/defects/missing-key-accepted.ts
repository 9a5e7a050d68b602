import type { Defect } from './defect.ts';

/** Treats the header as optional. */
export const missingKeyAccepted: Defect = {
  name: 'missing-key-accepted',
  description: 'carries out requests without a key: each retry debits',
  reason: 'Old clients do not send one, and nobody should be locked out.',
  rules: ['missing-key'],
  bugClasses: [49],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => ({ ...parts, contract: { ...parts.contract, missingKey: 'accept' } }),
};
