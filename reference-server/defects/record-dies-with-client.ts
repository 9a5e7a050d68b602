import { redeem, type Careless } from '../redeem.ts';
import { withStore, type Defect } from './defect.ts';

/** The writes after the debit hang on the request's abort signal: a client that goes takes its record along. */
export const recordDiesWithClient: Defect = {
  name: 'record-dies-with-client',
  description:
    'lets the record go when the client has closed its connection: the retry finds nothing and debits again',
  reason: 'Work that nobody waits for should stop, and the framework hands the signal to every call.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [12],
  needs: ['fault'],
  way: { kind: 'run', scenario: 'lost-answer', faults: 'network', intents: 24 },
  apply: (parts) => {
    const around: Careless['around'] = (own, request) =>
      redeem(
        withStore(own, {
          complete: async (claim, answer) => {
            if (!request.isGone()) return own.store.complete(claim, answer);
            await own.store.raw.forget(claim.customer, claim.key, claim.payload);
            return { kind: 'completed' };
          },
        }),
        request,
      );
    return { ...parts, careless: { around } };
  },
};
