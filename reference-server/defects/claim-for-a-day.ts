import type { Defect } from './defect.ts';

const DAY_MS = 86_400_000;

/** The claim on a key lives as long as the key: a process that dies leaves it "in progress" for a day. */
export const claimForADay: Defect = {
  name: 'claim-for-a-day',
  description:
    "gives the claim the key's 24 hours instead of a lease: after a crash the key is in progress for ever",
  reason: 'One TTL is one constant less, and a handler always comes to its end.',
  rules: ['stuck'],
  bugClasses: [10],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) => ({ ...parts, leaseMs: DAY_MS }),
};
