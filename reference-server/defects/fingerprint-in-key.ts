import { shortHash, withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Makes the fingerprint a part of the key: another payload is another key. */
export const fingerprintInKey: Defect = {
  name: 'fingerprint-in-key',
  description:
    "looks keys up together with the payload's fingerprint: the same key with another payload is carried out",
  reason: 'A unique index over key and fingerprint reads like both checks in one.',
  rules: ['payload-binding', 'double-debit'],
  bugClasses: [43],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) =>
    withKeys(parts, (key, { payload }) => `${key}~${shortHash(parts.fingerprint(payload, ''))}`),
};
