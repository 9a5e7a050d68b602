import { withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

const WIDTH = 32;

/** Keeps as much of a key as the column has room for. */
export const cutsKeys: Defect = {
  name: 'cuts-keys',
  description: "cuts keys off at the column's width: keys that differ at their end are one",
  reason: 'A UUID without its dashes has 32 characters, so the column has 32.',
  rules: ['key-scope', 'payload-binding', 'unexpected-status'],
  bugClasses: [45],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => withKeys(parts, (key) => key.slice(0, WIDTH)),
};
