/** Twins whose reads are unusual. */

import { toldOf, type Asked, type Lies, type Told } from '../../../reference-server/liars/liar.ts';
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

/** What was there so long ago: a copy of the data that follows the original. */
const LAG_MS = 150;

/** Remembers what the balance was, and when each redemption was first there. */
function replica() {
  const before = new Map<string, { readonly until: number; readonly points: number }[]>();
  const since = new Map<string, number>();
  const isOld = (redemption: string) => performance.now() - (since.get(redemption) ?? -Infinity) >= LAG_MS;
  const noted = (told: Told, { payload: { customer, points } }: Asked): Told => {
    const item = toldOf(told);
    if (!item || since.has(item.redemption_id)) return told;
    since.set(item.redemption_id, performance.now());
    const states = before.get(customer) ?? [];
    before.set(customer, [...states, { until: performance.now() + LAG_MS, points }]);
    return told;
  };
  return {
    isOld,
    noted,
    /** What has been taken lately is still there. */
    balance: (customer: string, points: number) =>
      (before.get(customer) ?? []).reduce(
        (sum, taken) => sum + (taken.until > performance.now() ? taken.points : 0),
        points,
      ),
  };
}

const laggingBalance: Twin = {
  name: 'lagging-balance-150ms',
  description: 'shows a debit in the balance 150 ms after it is done',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    liar: {
      lies: () => {
        const { noted, balance } = replica();
        return { redeem: async (request, honest) => noted(await honest(), request), balance };
      },
    },
  }),
};

const laggingReads: Twin = {
  name: 'lagging-reads-150ms',
  description: 'reads list, balance and ledger from a copy that is 150 ms behind',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    liar: {
      lies: () => {
        const { isOld, noted, balance } = replica();
        return {
          redeem: async (request, honest) => noted(await honest(), request),
          balance,
          list: (_customer, items) => items.filter(({ redemption_id }) => isOld(redemption_id)),
          ledger: (_customer, { debits, rewards = [], ...rest }) => ({
            ...rest,
            debits: debits.filter(({ redemption_id }) => isOld(redemption_id)),
            rewards: rewards.filter(({ redemption_id }) => isOld(redemption_id)),
          }),
        };
      },
    },
  }),
};

const oldestFirst: Twin = {
  name: 'oldest-first',
  description: 'lists the oldest redemption first',
  scenarios: ALL_SCENARIOS,
  edge: () => ({ liar: { lies: () => ({ list: (_customer, items) => items.toReversed() }) } }),
};

const pendingAtFirst: Twin = {
  name: 'pending-at-first',
  description: 'lists a redemption as pending and without its points for its first 100 ms',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    liar: {
      lies: () => {
        const since = new Map<string, number>();
        const isNew = (redemption: string) => {
          const at = since.get(redemption) ?? performance.now();
          since.set(redemption, at);
          return performance.now() - at < 100;
        };
        return {
          list: (_customer, items) =>
            items.map((item) =>
              isNew(item.redemption_id) ? { ...item, status: 'pending', points_amount: 0 } : item,
            ),
        };
      },
    },
  }),
};

const inLots: Twin = {
  name: 'books-in-lots',
  description: 'takes the points from two lots, and books each part of a debit',
  scenarios: ALL_SCENARIOS,
  edge: () => ({
    liar: {
      lies: () => ({
        ledger: (_customer, { debits, ...rest }) => ({
          ...rest,
          debits: debits.flatMap((debit) =>
            debit.points > 20
              ? [
                  { ...debit, points: debit.points - 20 },
                  { ...debit, points: 20 },
                ]
              : [debit],
          ),
        }),
      }),
    },
  }),
};

export const READ_TWINS: readonly Twin[] = [
  laggingList(50),
  laggingList(200),
  laggingBalance,
  laggingReads,
  oldestFirst,
  pendingAtFirst,
  inLots,
  pages,
  past,
  bareList,
];
