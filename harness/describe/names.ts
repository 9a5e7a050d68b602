/** What a value of a request is for, by its name. */

import { tokensOf } from '../preflight/candidates.ts';

export type Meaning = 'key' | 'own' | 'points' | 'customer' | 'reward' | 'type';

const KEY = /idempoten|dedup|(^|[-_ ])request[-_ ]?id$|^requestid$|transaction[-_]?key|[-_]request[-_]id/i;
const OWN =
  /^(client|external|merchant|partner|caller|source|own|our)[-_ ]?(ref|reference|id|redemption|request|order)|^reference|^order[-_]?(id|number)|correlation|clientRedemption/i;
const CUSTOMER = [
  'customer',
  'member',
  'user',
  'account',
  'holder',
  'profile',
  'shopper',
  'subscriber',
  'player',
];
const REWARD = [
  'reward',
  'offer',
  'voucher',
  'product',
  'sku',
  'gift',
  'benefit',
  'item',
  'coupon',
  'catalog',
];
const POINTS = ['points', 'amount', 'cost', 'price', 'value', 'miles', 'coins', 'credits'];

/** How keys are called: the header, or the member of a body, that carries one. */
export function isKeyName(name: string): boolean {
  return KEY.test(name);
}

/** `parent` is the name of the object around it: `member: { id }` is the member's id. */
export function meaningOf(
  name: string,
  parent: string,
  isNumber: boolean,
  isChoice: boolean,
): Meaning | undefined {
  if (isKeyName(name)) return 'key';
  const own = tokensOf(name);
  if (isNumber) {
    // `reward_id: 7` is a reward all the same.
    if (own.some((token) => POINTS.includes(token))) return 'points';
    if (!own.includes('id')) return undefined;
  }
  if (OWN.test(name) && !own.some((token) => CUSTOMER.includes(token))) return 'own';
  const isBare = own.every((token) => ['id', 'number', 'code', 'ref', 'uuid', 'key', 'no'].includes(token));
  const tokens = isBare ? [...own, ...tokensOf(parent)] : own;
  if (isChoice && own.some((token) => ['type', 'kind', 'category'].includes(token))) return 'type';
  // `customer_reward_id` names a reward: the last word that says something counts.
  const last = tokens.findLast(
    (token) => CUSTOMER.includes(singular(token)) || REWARD.includes(singular(token)),
  );
  if (last === undefined) return undefined;
  return CUSTOMER.includes(singular(last)) ? 'customer' : 'reward';
}

/** Ids may be numbers; anything else is no id. */
export function textOr(value: unknown, otherwise: string): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : otherwise;
}

function singular(token: string): string {
  return token === 'points' ? token : token.replace(/s$/, '');
}
