import type { Defect } from './defect.ts';

/** Stores every answer under the key, the refusal for too few points, too. */
export const refusalStored: Defect = {
  name: 'refusal-stored',
  description: 'stores "too few points" under the key: after a top-up the same key is still refused',
  reason: 'A key has one answer, and this was it.',
  rules: ['unexpected-status', 'stuck'],
  bugClasses: [30],
  needs: [],
  way: { kind: 'run', scenario: 'near-zero', faults: 'none', intents: 12 },
  apply: (parts) => ({
    ...parts,
    contract: { ...parts.contract, storesInsufficientPoints: true },
  }),
};
