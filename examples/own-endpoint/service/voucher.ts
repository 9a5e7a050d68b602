/** What can be bought, what is asked for and what is answered. */

import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface Order {
  readonly member: string;
  readonly key: string;
  readonly offer: string;
  readonly cost: number;
  /** The client's own name for what it wants. */
  readonly reference?: string;
}

/** Either a voucher, perhaps the same answer as before, or a reason why there is none. */
export type Result =
  | { readonly kind: 'issued'; readonly body: string; readonly isRepeat: boolean }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string };

export type Redeem = (order: Order) => Promise<Result>;

/** Offers with their prices in points. */
export const OFFERS: Readonly<Record<string, number>> = { espresso: 120, 'cinema-ticket': 900 };

const HOUR_MS = 3_600_000;
/** A key answers as before for six hours, is refused until a day has gone by, and is forgotten then. */
export const KEY_LIVES_MS = 6 * HOUR_MS;
export const KEY_FORGOTTEN_MS = 24 * HOUR_MS;

export function refused(status: number, reason: string): Result {
  return { kind: 'refused', status, reason };
}

/** What two uses of one key must have in common. */
export function asked({ offer, cost, reference }: Order): string {
  return JSON.stringify([offer, cost, reference ?? null]);
}

/** The printing house takes a moment. */
export async function printVoucher(): Promise<string> {
  await delay(3);
  return `V-${Date.now().toString(36)}-${randomInt(2 ** 40).toString(36)}`.toUpperCase();
}

export function receipt(order: Order, voucher: string, pointsLeft: number): string {
  return JSON.stringify({
    data: {
      voucher: { number: voucher, offer: order.offer, reference: order.reference ?? null },
      member: { id: order.member, points: { left: pointsLeft } },
    },
  });
}
