/** What a value of an answer is for, the types that it may have, and how it is called elsewhere. */

import type { Kind } from './candidates.ts';

export interface Role {
  readonly kinds: readonly Kind[];
  /** The best first. */
  readonly words: readonly string[];
}

const ID: readonly Kind[] = ['a text', 'a number'];

/** By the member of the config that holds the pointer. */
export const ROLES = {
  'answer.redemption': {
    kinds: ID,
    words: [
      'redemption_id',
      'redemption',
      'voucher_id',
      'voucher_number',
      'id',
      'number',
      'transaction_id',
      'reference',
      'ref',
      'order',
      'uuid',
    ],
  },
  'answer.customer': {
    kinds: ID,
    words: ['customer_id', 'customer', 'member_id', 'member', 'user_id', 'account_id', 'user', 'account'],
  },
  'answer.balance': {
    kinds: ['a number'],
    words: [
      'balance_after',
      'new_balance',
      'balance',
      'points_left',
      'remaining_points',
      'remaining',
      'left',
      'points_balance',
      'available',
    ],
  },
  'answer.code': { kinds: ID, words: ['code', 'error_code', 'reason', 'error', 'type', 'slug'] },
  'balance.value': {
    kinds: ['a number'],
    words: [
      'balance',
      'points_balance',
      'available_points',
      'available',
      'points',
      'current_balance',
      'remaining',
      'total',
      'amount',
    ],
  },
  'redemptions.items': {
    kinds: ['an array'],
    words: ['redemptions', 'vouchers', 'items', 'data', 'results', 'records', 'entries', 'transactions'],
  },
  'redemptions.redemption': {
    kinds: ID,
    words: [
      'redemption_id',
      'redemption',
      'voucher_id',
      'voucher_number',
      'id',
      'number',
      'transaction_id',
      'reference',
      'ref',
      'order',
      'uuid',
    ],
  },
  'redemptions.clientRedemptionId': {
    kinds: ID,
    words: ['client_redemption_id', 'client_reference', 'external_id', 'reference', 'client_id'],
  },
  'redemptions.reward': {
    kinds: ID,
    words: ['reward_id', 'reward', 'offer', 'product_id', 'sku', 'gift', 'item', 'voucher'],
  },
  'redemptions.points': {
    kinds: ['a number'],
    words: ['points_amount', 'points', 'points_spent', 'cost', 'price', 'amount', 'value'],
  },
  'redemptions.status': { kinds: ID, words: ['status', 'state'] },
  'redemptions.nextCursor': {
    kinds: ID,
    words: ['next_cursor', 'next', 'cursor', 'next_page_token', 'after'],
  },
} as const satisfies Record<string, Role>;

export type PointerMember = keyof typeof ROLES;
