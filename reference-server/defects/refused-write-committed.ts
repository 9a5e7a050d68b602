import { claimOf, inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Debits first and then finds that the key is another payload's: the refusal is sent, the debit stays. */
export const refusedWriteCommitted: Defect = {
  name: 'refused-write-committed',
  description:
    'debits before the key is inserted and does not roll back: who lost the race with another payload is refused and debited',
  reason: 'The insert is the last statement, and its conflict ends the request, not the transaction.',
  rules: ['payload-binding', 'refused-but-done', 'conservation'],
  bugClasses: [3],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const { kind } = await parts.store.raw.peek(request);
        if (kind !== 'free') return parts.store.claim(request);
        await parts.step('gap', { customer: request.payload.customer, key: request.key });
        const result = await parts.store.claim(request);
        if (result.kind === 'other-payload') await parts.store.raw.move(claimOf(request));
        return result;
      },
    }),
};
