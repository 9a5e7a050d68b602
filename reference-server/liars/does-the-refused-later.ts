import { firstTime, keyOf, type Liar } from './liar.ts';

/** Validated too late: what was refused had been queued. */
export const doesTheRefusedLater: Liar = {
  name: 'does-the-refused-later',
  description: 'refuses another payload under a key, and redeems it 0.3 s later',
  scenarios: ['key-reuse'],
  rules: ['refused-but-done', 'double-debit', 'payload-binding', 'conservation'],
  lateMs: 300,
  lies: ({ book, contract, later }) => {
    const isFirst = firstTime();
    const row = contract.otherPayload;
    return {
      redeem: async (request, honest) => {
        const told = await honest();
        const isRefused =
          typeof row === 'object' && told.status === row.status && told.text.includes(`"${row.code}"`);
        if (isRefused && isFirst(`${keyOf(request)} ${request.text}`))
          later(300, () => book(request.payload));
        return told;
      },
    };
  },
};
