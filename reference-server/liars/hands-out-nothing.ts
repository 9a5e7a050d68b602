import { type Liar } from './liar.ts';

/** Half the work: the points are gone, the reward was never made. */
export const handsOutNothing: Liar = {
  name: 'hands-out-nothing',
  description: 'debits, and hands out no reward',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit', 'conservation'],
  lies: () => ({
    ledger: (_customer, reading) => ({ ...reading, rewards: [] }),
  }),
};
