import { firstTime, type Liar, toldOf } from './liar.ts';
import { refusal } from './refusing.ts';

/** Whoever asks again is told that there is no such reward. */
export const refusesWhatIsDone: Liar = {
  name: 'refuses-what-is-done',
  description: 'refuses the repetitions of what it has done',
  scenarios: ['duplicated-requests'],
  rules: ['refused-but-done', 'same-answer', 'unexpected-status'],
  lies: ({ contract }) => {
    const isFirst = firstTime();
    return {
      redeem: async (_request, honest) => {
        const told = await honest();
        const item = toldOf(told);
        const row = contract.unknownReward;
        if (!item || isFirst(item.redemption_id) || row === 'unspecified') return told;
        return refusal(row.status, row.code);
      },
    };
  },
};
