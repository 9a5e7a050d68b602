import { everyNth, type Liar } from './liar.ts';

/** An answer and a list that the books do not bear out. */
export const hidesFromLedger: Liar = {
  name: 'hides-from-ledger',
  description: 'leaves every third debit out of the ledger',
  scenarios: ['duplicated-requests'],
  rules: ['lost-debit'],
  lies: () => {
    const isHidden = everyNth(3);
    return {
      ledger: (_customer, reading) => ({
        ...reading,
        debits: reading.debits.filter(({ redemption_id }) => !isHidden(redemption_id)),
      }),
    };
  },
};
