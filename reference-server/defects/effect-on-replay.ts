import { rewardAgain } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Fires the hooks of a redemption whenever its answer is sent. */
export const effectOnReplay: Defect = {
  name: 'effect-on-replay',
  description:
    'issues the voucher again with each replay: the points are taken once, the reward is given several times',
  reason: 'The hook hangs on the answer, and an answer is an answer.',
  rules: ['double-debit'],
  bugClasses: [67],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(request);
        const { customer, reward } = request.payload;
        const record = result.kind === 'done' && (await parts.store.raw.record(customer, request.key));
        if (record) await rewardAgain(parts, customer, record.redemption, reward);
        return result;
      },
    }),
};
