import { withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Compares keys without regard to case, as the column's collation does. */
export const foldsCase: Defect = {
  name: 'folds-case',
  description: "takes keys that differ in case for one: an honest redemption gets another one's answer",
  reason: 'The default collation of the database, and headers are case-insensitive, are they not?',
  rules: ['key-scope', 'payload-binding', 'unexpected-status'],
  bugClasses: [45],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => withKeys(parts, (key) => key.toLowerCase()),
};
