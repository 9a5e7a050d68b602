import { withStore, type Defect } from './defect.ts';

/** Refuses a payload that it has seen under another key, for as long as keys live. */
export const duplicatesByPayload: Defect = {
  name: 'duplicates-by-payload',
  description:
    'remembers payloads for the whole TTL: the same redemption, honestly wanted again later, is refused',
  reason: 'The window of a few seconds was a guess; the hash of the body is certain.',
  rules: ['false-duplicate'],
  bugClasses: [64],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: (request) =>
        parts.store.claim({
          ...request,
          rules: { ...request.rules, duplicateWindowMs: request.rules.ttlMs },
        }),
    }),
};
