import type { Defect } from './defect.ts';

/** Sends stored answers without a word that they are. */
export const noReplayMarker: Defect = {
  name: 'no-replay-marker',
  description: 'does not mark replays: a client cannot tell an old answer from a new one',
  reason: 'The body is the same, so nobody needs to know.',
  rules: ['replay-marker'],
  bugClasses: [37],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20 },
  apply: (parts) => ({ ...parts, careless: { tell: (answer) => ({ ...answer, headers: {} }) } }),
};
