import type { Defect } from './defect.ts';

/** Never compares payloads: another redemption under the key is answered with the first one's result. */
export const noFingerprint: Defect = {
  name: 'no-fingerprint',
  description:
    'keeps no fingerprint of the payload: another payload under the same key gets the first answer',
  reason: 'The key is said to name the request: looking at the payload again seems to be double work.',
  rules: ['payload-binding'],
  bugClasses: [38, 42],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => ({ ...parts, fingerprint: () => '' }),
};
