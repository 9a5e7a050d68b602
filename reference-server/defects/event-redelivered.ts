import type { RedeemParts } from '../redeem.ts';
import type { Claim } from '../store.ts';
import { inTwoSteps } from './careless.ts';
import { withStore, type Defect } from './defect.ts';

/** What the broker keeps until it is acknowledged: it outlives a replica. */
const unacknowledged = new Set<Claim>();

/** Books the debit from an event, which a restart delivers again when it was not acknowledged. */
export const eventRedelivered: Defect = {
  name: 'event-redelivered',
  description:
    'applies an event again that its broker delivers again after a restart: the points move without a request',
  reason: 'The broker delivers each event, and the consumer trusts it to do so once.',
  rules: ['double-debit'],
  bugClasses: [66, 73],
  needs: ['fault', 'restart'],
  way: { kind: 'sweep' },
  apply: (parts) => {
    const undelivered = [...unacknowledged];
    unacknowledged.clear();
    void redeliver(parts, undelivered);
    return withStore(parts, {
      claim: (asked) => parts.store.claim(inTwoSteps(asked)),
      debit: async (claim, keepsRefused) => {
        const result = await parts.store.debit(claim, keepsRefused);
        if (result.kind === 'debited') unacknowledged.add(claim);
        return result;
      },
      complete: async (claim, answer) => {
        await parts.step('after-debit', claim);
        const result = await parts.store.complete(claim, answer);
        for (const event of unacknowledged)
          if (event.redemption === claim.redemption) unacknowledged.delete(event);
        return result;
      },
    });
  },
};

async function redeliver(parts: RedeemParts, claims: readonly Claim[]): Promise<void> {
  for (const claim of claims) await parts.store.raw.move(claim).catch(() => {});
}
