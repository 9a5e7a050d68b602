/** A config in the making: plain data of the shape that a config file has, and what a person has to look at. */

import { at } from '../model/read-answer.ts';
import { kindOf, placesOf, tokensOf, wordScore, type Kind } from '../preflight/candidates.ts';
import { ROLES, type PointerMember } from '../preflight/roles.ts';
import { meaningOf } from './names.ts';

export interface Draft {
  readonly baseUrl: string;
  readonly allowedHosts?: readonly string[];
  readonly auth: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly redeem: Readonly<Record<string, unknown>> & { readonly path: string; readonly body: unknown };
  readonly answer: Readonly<Record<string, string>>;
  readonly balance?: { readonly path: string; readonly value: string };
  readonly redemptions?: Readonly<Record<string, unknown>>;
  /** How amounts are written, where they are no whole numbers. */
  readonly unit?: number;
  readonly amounts?: 'text';
  readonly rewards: readonly { readonly id: string; readonly points: number }[];
  readonly redemptionTypes?: readonly string[];
  readonly contract: Readonly<Record<string, unknown>>;
  readonly customers: readonly string[];
  /** What could not be found, one line each. */
  readonly open: readonly string[];
}

/** Fewer points than this are no likeness. */
const LEAST_SCORE = 38;

/** Where in a sample of an answer a value most likely stands; undefined: nowhere. */
export function placeFor(
  sample: unknown,
  member: PointerMember,
): { pointer: string; score: number } | undefined {
  const { kinds, words } = ROLES[member];
  const isRedemption = member === 'answer.redemption' || member === 'redemptions.redemption';
  const [best] = placesOf(sample)
    .filter(({ kind, value, pointer }) => pointer !== '' && isOfKind(kinds, kind, value))
    .filter(({ pointer, value }) => !isRedemption || isRedemptionId(pointer, value))
    .map(({ pointer }) => ({
      pointer,
      score: wordScore(pointer, words) - 3 * (pointer.split('/').length - 2),
    }))
    .toSorted((one, other) => other.score - one.score);
  return best !== undefined && best.score >= LEAST_SCORE ? best : undefined;
}

/** Where a number is meant, one that is written as a text is meant, too. */
function isOfKind(kinds: readonly Kind[], kind: Kind, value: unknown): boolean {
  return kinds.includes(kind) || (!kinds.includes('a text') && isAmountText(value));
}

function isAmountText(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d{1,12}(\.\d{1,4})?$/.test(value);
}

/** How the amounts that a document shows are written: as texts, with so many decimals. */
export function amountsOf(shown: readonly unknown[]): Pick<Draft, 'unit' | 'amounts'> {
  const decimals = Math.max(0, ...shown.map((value) => (String(value).split('.')[1] ?? '').length));
  return {
    ...(decimals > 0 && { unit: 10 ** decimals }),
    ...(shown.some(isAmountText) && { amounts: 'text' as const }),
  };
}

/** Pointers for several members at once; what is found nowhere is left out. */
export function placesFor(
  sample: unknown,
  members: Readonly<Record<string, PointerMember>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, member]) => {
      const place = placeFor(sample, member);
      return place === undefined ? [] : [[name, place.pointer]];
    }),
  );
}

/** The list of redemptions in a sample: the body itself, or the array that is named like one; its items are objects. */
export function itemsIn(sample: unknown): string | undefined {
  if (Array.isArray(sample)) return kindOf(sample[0]) === 'an object' ? '' : undefined;
  const { words } = ROLES['redemptions.items'];
  const [best] = placesOf(sample)
    .filter(
      ({ kind, value }) => kind === 'an array' && Array.isArray(value) && kindOf(value[0]) === 'an object',
    )
    .map(({ pointer }) => ({ pointer, score: wordScore(pointer, words) - pointer.split('/').length }))
    .toSorted((one, other) => other.score - one.score);
  return best?.pointer;
}

/** How a list is read, from a sample of it; `redemption` is where the answer of a redemption has its id. */
export function listFrom(
  path: string,
  sample: unknown,
  redemption: string,
): Record<string, string> | undefined {
  const items = itemsIn(sample);
  const list = items === undefined ? undefined : at(sample, items);
  const item: unknown = Array.isArray(list) ? list[0] : undefined;
  if (items === undefined || item === undefined) return undefined;
  // What a redemption is called where it is made, it is called where it is listed.
  const last = redemption.slice(redemption.lastIndexOf('/'));
  const same = placesOf(item).find(({ pointer }) => pointer === last || pointer === redemption);
  const id = same?.pointer ?? placeFor(item, 'redemptions.redemption')?.pointer;
  if (id === undefined) return undefined;
  const found = placesFor(item, {
    clientRedemptionId: 'redemptions.clientRedemptionId',
    reward: 'redemptions.reward',
    points: 'redemptions.points',
    status: 'redemptions.status',
  });
  const others = Object.entries(found).filter(([, pointer]) => pointer !== id);
  return { path, items, redemption: id, ...Object.fromEntries(others) };
}

/** Not the id of the customer, the reward or the client's own. */
function isRedemptionId(pointer: string, value: unknown): boolean {
  const parts = pointer.split('/');
  const meaning = meaningOf(parts.at(-1) ?? '', parts.at(-2) ?? '', typeof value === 'number', false);
  if (meaning === 'own') return false;
  if (meaning === 'customer' || meaning === 'points' || meaning === 'key') return false;
  // A voucher may be what is handed out, or what was asked for.
  const isVoucher = tokensOf(pointer).some((token) => token === 'voucher' || token === 'redemption');
  return meaning !== 'reward' || isVoucher;
}
