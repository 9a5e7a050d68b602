import { withStore, type Defect } from './defect.ts';

/** Compares the store's note of when a key was accepted with the replica's own clock. */
export const replicaClock: Defect = {
  name: 'replica-clock',
  description:
    "decides expiry by the replica's own clock: where that is wrong, keys die too early or live too long",
  reason: '`Date.now()` is at hand, and clocks are synchronised, after all.',
  rules: ['expiry', 'double-debit'],
  bugClasses: [57],
  needs: ['clock', 'fault', 'replicas'],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'clock', intents: 60 },
  apply: (parts) =>
    withStore(parts, {
      claim: (request) => {
        const { ttlMs, tombstoneMs } = request.rules;
        // A clock that is ahead makes every key older by so much.
        const aheadMs = parts.clockErrorMs();
        const rules = { ...request.rules, ttlMs: ttlMs - aheadMs, tombstoneMs: tombstoneMs - aheadMs };
        return parts.store.claim({ ...request, rules });
      },
    }),
};
