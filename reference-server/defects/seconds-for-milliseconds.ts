import { withStore, type Defect } from './defect.ts';

/** Gives a time in seconds to a call that takes milliseconds. */
export const secondsForMilliseconds: Defect = {
  name: 'seconds-for-milliseconds',
  description: 'mixes seconds and milliseconds: keys live 86 seconds instead of a day',
  reason: 'EX and PX differ in a letter, and both take a number.',
  rules: ['expiry'],
  bugClasses: [58],
  needs: ['clock'],
  way: { kind: 'run', scenario: 'key-expiry', faults: 'none', intents: 33 },
  apply: (parts) =>
    withStore(parts, {
      claim: (request) => {
        const ttlMs = Math.round(request.rules.ttlMs / 1000);
        return parts.store.claim({ ...request, rules: { ...request.rules, ttlMs } });
      },
    }),
};
