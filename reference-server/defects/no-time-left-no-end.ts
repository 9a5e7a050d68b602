import { oneIn } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

const NEVER_MS = 86_400_000;

/** Takes the time that is left before a deadline as the lease, and 0 as "no lease given". */
export const noTimeLeftNoEnd: Defect = {
  name: 'no-time-left-no-end',
  description:
    'reads a remaining time of 0 as "not set": the claim of a request that comes at the deadline never ends',
  reason: '`ttl || never`: the usual way to give a default.',
  rules: ['stuck'],
  bugClasses: [14],
  needs: ['fault', 'restart'],
  // Which claims come at the deadline hangs on their number, and which of them a crash leaves: many crashes.
  way: { kind: 'run', scenario: 'retry-storm', faults: 'crash', intents: 160 },
  apply: (parts) => {
    const isAtDeadline = oneIn(2);
    return withStore(parts, {
      claim: (request) => {
        const leftMs = isAtDeadline() ? 0 : request.leaseMs;
        return parts.store.claim({ ...request, leaseMs: leftMs || NEVER_MS });
      },
    });
  },
};
