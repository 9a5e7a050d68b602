import { withStore, type Defect } from './defect.ts';

const NEVER_MS = 86_400_000;
const WAIT_STEP_MS = 50;

/** A duplicate waits for the word that the first is done; the first died, and nobody ever says it. */
export const duplicatesWaitForEver: Defect = {
  name: 'duplicates-wait-for-ever',
  description:
    "parks duplicates until the owner's message comes: when the owner has died they hang, and so does each retry",
  reason: 'Waiting is kinder than a 409, and the owner always tells.',
  rules: ['stuck'],
  bugClasses: [24],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim({ ...request, leaseMs: NEVER_MS });
        if (result.kind !== 'in-flight') return result;
        const { customer } = request.payload;
        while ((await parts.store.raw.record(customer, request.key))?.isDone === false)
          await parts.sleep(WAIT_STEP_MS);
        return parts.store.claim(request);
      },
    }),
};
