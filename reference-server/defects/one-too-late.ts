import { withStore, type Defect } from './defect.ts';

/** Compares the age with > instead of >=. */
export const oneTooLate: Defect = {
  name: 'one-too-late',
  description: 'lets a key live at the very moment of its expiry: one query has < and the other >',
  reason: 'Older than 24 hours, says the text.',
  rules: ['expiry'],
  bugClasses: [56],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: (request) =>
        parts.store.claim({ ...request, rules: { ...request.rules, ttlMs: request.rules.ttlMs + 1 } }),
    }),
};
