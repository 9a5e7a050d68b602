import { withStore, type Defect } from './defect.ts';

/** Takes the same reward for the same customer within a minute for a double click. */
export const duplicatesByMinute: Defect = {
  name: 'duplicates-by-minute',
  description:
    'takes customer, reward and points within a minute for one redemption, whatever the client calls it: the second honest one is refused',
  reason: 'Nobody wants two coffees in one minute.',
  rules: ['false-duplicate'],
  bugClasses: [63],
  needs: ['concurrency'],
  way: { kind: 'run', scenario: 'double-click', faults: 'none', intents: 20 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (request) => {
        const { payload, key, redemption } = request;
        if (await parts.store.raw.record(payload.customer, key)) return parts.store.claim(request);
        const minute = Math.floor(Date.now() / 60_000);
        const name = `${payload.customer} ${payload.reward} ${payload.points} ${minute}`;
        const first = await parts.store.raw.putIfAbsent(name, redemption);
        return first === redemption ? parts.store.claim(request) : { kind: 'duplicate', redemption: first };
      },
    }),
};
