import { withStore, type Defect } from './defect.ts';

/** The store's unique index finds the second insert, and nobody has turned that error into an answer. */
export const loserGets500: Defect = {
  name: 'loser-gets-500',
  description: 'does not catch the error of the unique index: the loser of a race is told 500',
  reason: 'The index makes a second row impossible, so the error seems to be one that never happens.',
  rules: ['unexpected-status'],
  bugClasses: [2],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 40 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const { kind } = await parts.store.raw.peek(request);
        if (kind !== 'free') return parts.store.claim(request);
        await parts.step('gap', { customer: request.payload.customer, key: request.key });
        const result = await parts.store.claim(request);
        if (result.kind === 'in-flight' || result.kind === 'done')
          throw new Error('duplicate key value violates unique constraint');
        return result;
      },
    }),
};
