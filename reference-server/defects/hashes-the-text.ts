import { shortHash } from './careless.ts';
import type { Defect } from './defect.ts';

/** Hashes the body as it was sent. */
export const hashesTheText: Defect = {
  name: 'hashes-the-text',
  description: 'compares payloads by their bytes: the same one with its members in another order is refused',
  reason: 'The raw body is what was signed and sent; parsing it first seems to lose something.',
  rules: ['payload-binding'],
  bugClasses: [44],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => ({
    ...parts,
    fingerprint: (_payload, body) => shortHash(body),
    careless: { readsBodies: true },
  }),
};
