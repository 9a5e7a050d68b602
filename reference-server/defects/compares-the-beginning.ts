import type { Defect } from './defect.ts';

const WIDTH = 4;

/** Compares as much of a payload as the column of fingerprints has room for. */
export const comparesTheBeginning: Defect = {
  name: 'compares-the-beginning',
  description:
    'compares the first characters of each value: long values that differ at their end are the same to it',
  reason: 'Nobody has ids as long as that.',
  rules: ['payload-binding'],
  bugClasses: [42],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => ({
    ...parts,
    fingerprint: (payload, body) => {
      const clientRedemptionId = payload.clientRedemptionId?.slice(0, WIDTH);
      return parts.fingerprint(
        { ...payload, ...(clientRedemptionId !== undefined && { clientRedemptionId }) },
        body,
      );
    },
  }),
};
