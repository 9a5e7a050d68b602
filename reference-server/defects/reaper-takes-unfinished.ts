import { withStore, type Defect } from './defect.ts';

/** The reaper deletes records by their age, whatever their state. */
export const reaperTakesUnfinished: Defect = {
  name: 'reaper-takes-unfinished',
  description:
    'takes a claim whose lease is over for litter and deletes it: the retry of a half-done redemption starts from scratch',
  reason: "What is older than any request can be nobody's any more.",
  rules: ['double-debit'],
  bugClasses: [22],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const result = await parts.store.claim(request);
        if (result.kind !== 'claimed' || !result.isResumed) return result;
        await parts.store.raw.forget(request.payload.customer, request.key, request.payload);
        return parts.store.claim({ ...request, owner: `${request.owner} again` });
      },
    }),
};
