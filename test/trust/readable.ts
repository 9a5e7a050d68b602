/** What of an endpoint can be read: the shapes of a config, from everything to hardly anything. */

import type { HooksConfig, OnceproofConfig } from '../../harness/config/define.ts';
import type { ProfileName } from '../../harness/model/contract.ts';
import { PATHS } from '../../harness/model/protocol.ts';
import type { Edge } from '../../reference-server/liars/edge.ts';

export const READABLES = [
  'ledger + list + balance',
  'list + balance',
  'balance',
  'list',
  'no code',
  'listed customers',
] as const;
export type Readable = (typeof READABLES)[number];

/** The customers of a config that lists them. */
export const LISTED = Array.from({ length: 6 }, (_, index) => ({
  customer: `cust_listed_${index + 1}`,
  points: 3499,
}));

/** Whether debits can be counted one by one. */
export function readsEffects(readable: Readable): boolean {
  return readable !== 'balance';
}

/** A config of the edge in which so much can be read. */
export function configOf(edge: Edge, readable: Readable, profile: ProfileName): OnceproofConfig {
  const { ledger, ...others } = edge.hooks;
  const hasLedger = readable === 'ledger + list + balance' || readable === 'no code';
  const isListed = readable === 'listed customers';
  return {
    baseUrl: edge.url,
    auth: { token: edge.token },
    redeem: {
      path: PATHS.redeem,
      body: {
        customer_id: '{customer_id}',
        reward_id: '{reward_id}',
        points_amount: '{points_amount}',
        redemption_type: '{redemption_type}',
        client_redemption_id: '{client_redemption_id}',
      },
    },
    answer: {
      redemption: '/redemption_id',
      customer: '/customer_id',
      balance: '/balance_after',
      ...(readable === 'no code' ? {} : { code: '/code' }),
    },
    ...(readable === 'list' ? {} : { balance: { path: PATHS.balance, value: '/balance' } }),
    ...(readable === 'balance'
      ? {}
      : {
          redemptions: {
            path: PATHS.redemptions,
            items: '/redemptions',
            redemption: '/redemption_id',
            clientRedemptionId: '/client_redemption_id',
            reward: '/reward_id',
            points: '/points_amount',
            status: '/status',
            nextCursor: '/next_cursor',
            cursorParameter: 'cursor',
          },
        }),
    rewards: [
      { id: 'reward_67890', points: 500 },
      { id: 'reward_coffee', points: 120 },
    ],
    contract: profile,
    ...(isListed
      ? { customers: LISTED.map(({ customer }) => customer) }
      : { hooks: hasLedger ? { ...others, ledger: ledgerHook(ledger) } : others }),
    limits: { maxRequestsPerSecond: 2000, timeoutMs: 1000, settleMs: 5000 },
  };
}

function ledgerHook(ledger: Edge['hooks']['ledger']): NonNullable<HooksConfig['ledger']> {
  return async (asked) => {
    const { debits, credits, rewards = [] } = await ledger(asked);
    return {
      debits: debits.map((debit) => ({
        redemption: debit.redemption_id,
        points: debit.points,
        at: debit.at_ms,
        key: debit.idempotency_key ?? null,
        clientRedemptionId: debit.client_redemption_id ?? null,
      })),
      credits: credits.map(({ points, at_ms }) => ({ points, at: at_ms })),
      rewards: rewards.map(({ redemption_id, reward_id, at_ms }) => ({
        redemption: redemption_id,
        reward: reward_id,
        at: at_ms,
      })),
    };
  };
}
