import { inTwoSteps, writeAnswer } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** How long after the answer its record is written, ms. */
const LATER_MS = 50;

/** Lets the key go when the work is done and records the answer after the reply: a retry in between is a first use. */
export const recordAfterReply: Defect = {
  name: 'record-after-reply',
  description:
    'records the answer only after the reply is sent: a retry after a crash or at once finds nothing',
  reason: 'The answer should not wait for bookkeeping, so the record is written when it has left.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [11, 12],
  needs: [],
  way: { kind: 'run', scenario: 'retry-storm', faults: 'none', intents: 40 },
  apply: (parts) =>
    withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      complete: async (claim, answer) => {
        await parts.store.raw.forget(claim.customer, claim.key, claim.payload);
        void record(parts, () => writeAnswer(parts, claim, answer));
        return { kind: 'completed' };
      },
    }),
};

async function record(parts: Parameters<Defect['apply']>[0], write: () => Promise<void>): Promise<void> {
  await parts.sleep(LATER_MS);
  // Nobody hears of a failure here: the reply has long been sent.
  await write().catch(() => {});
}
