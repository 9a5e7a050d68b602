import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** How far the replica is behind, ms. */
const LAG_MS = 2000;

/** Looks for a finished key on a read replica, which is behind. */
export const readsALaggingReplica: Defect = {
  name: 'reads-a-lagging-replica',
  description:
    'looks for earlier answers on a read replica that lags: a retry that comes soon is a first use',
  reason: 'Reads go to the replica, writes to the primary: the rule of the house, and this is a read.',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [9],
  needs: [],
  way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 20 },
  apply: (parts) =>
    withStore(parts, {
      claim: async (asked) => {
        const request = inTwoSteps(asked);
        const name = `seen ${request.payload.customer} ${request.key}`;
        const firstAt = Number(await parts.store.raw.putIfAbsent(name, String(Date.now())));
        const result = await parts.store.claim(request);
        const isUnseen = result.kind === 'done' && Date.now() - firstAt < LAG_MS;
        return isUnseen ? parts.store.raw.insert(request) : result;
      },
    }),
};
