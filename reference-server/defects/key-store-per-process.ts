import { inTwoSteps, unfenced } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Each process remembers the keys that it has seen itself. */
export const keyStorePerProcess: Defect = {
  name: 'key-store-per-process',
  description:
    'keeps keys in a Map of the process: a retry at another replica, or after a restart, is a first use',
  reason: 'There was one process when it was written, and a Map needs no store.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [7],
  needs: ['replicas'],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20 },
  apply: (parts) => {
    const known = new Set<string>();
    return withStore(parts, {
      ...unfenced(parts),
      claim: (asked) => {
        const request = inTwoSteps(asked);
        const name = `${request.payload.customer} ${request.key}`;
        if (known.has(name)) return parts.store.claim(request);
        known.add(name);
        return parts.store.raw.insert(request);
      },
    });
  },
};
