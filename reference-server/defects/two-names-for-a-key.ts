import { writeAnswer } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** Looks a key up under one name and stores its answer under another. */
export const twoNamesForAKey: Defect = {
  name: 'two-names-for-a-key',
  description: 'stores the answer under another form of the key than it looks for: a replay never happens',
  reason: 'A helper builds the name, and one of the two callers passes it a name already.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [34],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20, profile: 'ietf' },
  apply: (parts) =>
    withStore(parts, {
      complete: async (claim, answer) => {
        await parts.store.raw.forget(claim.customer, claim.key, claim.payload);
        await writeAnswer(parts, { ...claim, key: `idem:${claim.key}` }, answer);
        return { kind: 'completed' };
      },
    }),
};
