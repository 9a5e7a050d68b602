import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

const NEVER_MS = 86_400_000;

/** Takes the lock, and gives it its end in a second command: a crash between them leaves one without. */
export const lockThenExpire: Defect = {
  name: 'lock-then-expire',
  description:
    'sets the claim and its expiry in two steps: a crash between them leaves a claim that never ends',
  reason: 'SETNX is older than SET with NX and PX, and so are the examples.',
  rules: ['stuck'],
  bugClasses: [15],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const locked = await parts.store.claim({ ...request, leaseMs: NEVER_MS });
        if (locked.kind !== 'claimed' || locked.isResumed) return locked;
        await parts.step('after-claim', { customer: request.payload.customer, key: request.key });
        return parts.store.claim(request);
      },
    }),
};
