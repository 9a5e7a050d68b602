import { withStore, type Defect } from './defect.ts';

/** Deletes the record when another payload comes: something must have gone wrong with it. */
export const mismatchFreesTheKey: Defect = {
  name: 'mismatch-frees-the-key',
  description:
    'forgets a key that came with another payload: the next retry of the first redemption debits again',
  reason: 'A key that is used for two things is broken, and a broken record is best removed.',
  rules: ['double-debit'],
  bugClasses: [22, 43],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(request);
        if (result.kind === 'other-payload')
          await parts.store.raw.forget(request.payload.customer, request.key, request.payload);
        return result;
      },
    }),
};
