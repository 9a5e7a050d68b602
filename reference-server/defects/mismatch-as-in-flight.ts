import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Looks whether the key is in flight before it compares payloads. */
export const mismatchAsInFlight: Defect = {
  name: 'mismatch-as-in-flight',
  description:
    'says "in progress" to another payload while the first is under way: its client comes back for ever',
  reason: 'Whatever the payload, the key is busy: the check that is cheaper comes first.',
  rules: ['payload-binding'],
  bugClasses: [4],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(inTwoSteps(request));
        if (result.kind !== 'other-payload') return result;
        const record = await parts.store.raw.record(request.payload.customer, request.key);
        return record?.isDone === false ? { kind: 'in-flight', leaseLeftMs: request.leaseMs } : result;
      },
    }),
};
