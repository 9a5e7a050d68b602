import { withStore, type Defect } from './defect.ts';

/** Three hundred years. */
const FOR_GOOD_MS = 9_467_280_000_000;

/** Never removes the tombstone of an expired key. */
export const tombstoneForGood: Defect = {
  name: 'tombstone-for-good',
  description:
    'refuses an expired key for ever: the job that removes tombstones does not see those of one path',
  reason: 'A key that was used is used: refusing it is always the safe side.',
  rules: ['expiry'],
  bugClasses: [54],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: (request) =>
        parts.store.claim({ ...request, rules: { ...request.rules, tombstoneMs: FOR_GOOD_MS } }),
    }),
};
