import type { Defect } from './defect.ts';

/** Takes the quotes of the structured-field form for a part of the key. */
export const quotesCount: Defect = {
  name: 'quotes-count',
  description: 'takes "k" in quotes and k for two keys: a retry by another SDK debits again',
  reason: "The header's value is a text, and a text is compared as it is.",
  rules: ['double-debit', 'unexpected-status'],
  bugClasses: [47],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33, profile: 'ietf' },
  apply: (parts) => ({ ...parts, contract: { ...parts.contract, quotedKeysEqual: false } }),
};
