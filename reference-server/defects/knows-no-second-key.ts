import type { Defect } from './defect.ts';

/** Goes by the key alone: one redemption under two keys is two. */
export const knowsNoSecondKey: Defect = {
  name: 'knows-no-second-key',
  description:
    'does not see that two keys ask for one redemption: a double click with a key each is debited twice',
  reason: "Idempotency is the key's business; who sends two keys wants two things.",
  rules: ['duplicate-intent'],
  bugClasses: [60],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'double-click', faults: 'none', intents: 20 },
  apply: (parts) => ({
    ...parts,
    contract: { ...parts.contract, duplicateIntent: 'uncovered', duplicateWindowMs: 0 },
  }),
};
