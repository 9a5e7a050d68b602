import { everyNth, type Liar, toldOf } from './liar.ts';
import { refusal } from './refusing.ts';

/** It is done, and whoever asks is told to wait for it. */
export const saysInProgress: Liar = {
  name: 'says-in-progress',
  description: 'redeems every third, and says for ever that it is in progress',
  scenarios: ['duplicated-requests'],
  rules: ['stuck', 'refused-but-done', 'unexpected-status'],
  lies: ({ contract }) => {
    const isKept = everyNth(3);
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        if (!item || !isKept(item.redemption_id)) return told;
        const row = contract.inFlight;
        const isRow = typeof row === 'object';
        const { status, headers, text } = refusal(
          isRow ? row.status : 409,
          isRow ? row.code : 'redemption_in_progress',
        );
        return { status, headers: { ...headers, 'retry-after': '1' }, text };
      },
    };
  },
};
