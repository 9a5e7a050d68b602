import type { Defect } from './defect.ts';

/** Compares the members that cost something. */
export const comparesTheImportant: Defect = {
  name: 'compares-the-important',
  description:
    "leaves a member out of the fingerprint: a redemption of another type gets the first one's answer",
  reason: 'Reward and points make the redemption; the rest is decoration.',
  rules: ['payload-binding'],
  bugClasses: [38, 42],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => ({
    ...parts,
    fingerprint: ({ customer, reward, points }, body) =>
      parts.fingerprint({ customer, reward, points }, body),
  }),
};
