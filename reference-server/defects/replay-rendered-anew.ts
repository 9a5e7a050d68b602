import type { Defect } from './defect.ts';

/** Renders a replay from the stored row, as a new answer is rendered. */
export const replayRenderedAnew: Defect = {
  name: 'replay-rendered-anew',
  description: 'stores no bytes but renders a replay from the row: what the row does not hold is made anew',
  reason:
    'The row is there, and one renderer is enough; so a stored error goes through the handler again, too.',
  rules: ['same-answer'],
  bugClasses: [32, 36],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20 },
  apply: (parts) => ({
    ...parts,
    careless: {
      tell: (answer, outcome) =>
        outcome.kind === 'answered' && outcome.isReplay && answer.status === 200
          ? {
              ...answer,
              body: JSON.stringify({ ...(JSON.parse(answer.body) as object), status: 'repeated' }),
            }
          : answer,
    },
  }),
};
