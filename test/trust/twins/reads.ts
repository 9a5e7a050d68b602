/** Twins whose reads are unusual. */

import { toldOf, type Lies } from '../../../reference-server/liars/liar.ts';
import type { Twin } from './twin.ts';
import { ALL_SCENARIOS } from './twin.ts';

/** The list knows of a redemption only so long after it was first there. */
function laggingList(lagMs: number): Twin {
  return {
    name: `lagging-list-${lagMs}ms`,
    description: `shows a redemption in the list ${lagMs} ms after it is done`,
    scenarios: ALL_SCENARIOS,
    edge: () => {
      const since = new Map<string, number>();
      const ageOf = (redemption: string) => {
        const at = since.get(redemption) ?? performance.now();
        since.set(redemption, at);
        return performance.now() - at;
      };
      const lies: Lies = {
        // From when it is done, not from when somebody first looks.
        redeem: async (_request, honest) => {
          const told = await honest();
          const item = toldOf(told);
          if (item) ageOf(item.redemption_id);
          return told;
        },
        list: (_customer, items) => items.filter(({ redemption_id }) => ageOf(redemption_id) >= lagMs),
      };
      return { liar: { lies: () => lies } };
    },
  };
}

const pages: Twin = {
  name: 'pages-of-two',
  description: 'lists two redemptions a page',
  scenarios: ['near-zero', 'soak'],
  edge: () => ({
    shape: {
      incoming: (call) => {
        if (call.method !== 'GET' || !call.path.includes('/redemptions/')) return call;
        return { ...call, path: `${call.path}${call.path.includes('?') ? '&' : '?'}limit=2` };
      },
    },
  }),
};

const past: Twin = {
  name: 'with-a-past',
  description: 'has customers that redeemed the same before the run',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    liar: {
      lies: ({ store, book }) => ({
        made: async (customer) => {
          for (const [reward, points] of [
            ['reward_coffee', 120],
            ['reward_67890', 500],
          ] as const) {
            await store.credit(customer, points);
            await book({ customer, reward, points });
          }
        },
      }),
    },
  }),
};

const bareList: Twin = {
  name: 'bare-list',
  description: 'lists redemptions as an array, and the balance deep in an account',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    shape: {
      outgoing: (told, kind) => {
        if (kind === 'redeem' || told.status !== 200) return told;
        const body = JSON.parse(told.text) as { redemptions?: unknown; balance?: unknown };
        const shown =
          kind === 'list' ? body.redemptions : { account: { points: [{ available: body.balance }] } };
        return { ...told, text: JSON.stringify(shown) };
      },
    },
  }),
  config: ({ redemptions, balance, ...usual }) => ({
    ...usual,
    ...(redemptions && {
      redemptions: {
        path: redemptions.path,
        items: '',
        redemption: '/redemption_id',
        clientRedemptionId: '/client_redemption_id',
        reward: '/reward_id',
        points: '/points_amount',
        status: '/status',
      },
    }),
    ...(balance && { balance: { ...balance, value: '/account/points/0/available' } }),
  }),
};

export const READ_TWINS: readonly Twin[] = [laggingList(50), laggingList(200), pages, past, bareList];
