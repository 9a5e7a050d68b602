/** What was read before a redemption and after it, and what does not fit between them. */

import type { RunEvent } from '../history/events.ts';
import type { LedgerDebit, ListedRedemption } from '../model/protocol.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import type { Target } from '../model/target.ts';
import { isBooked, strangeBooking } from './booked.ts';
import type { Answer, Said } from './talk.ts';

export interface Reading {
  readonly balance?: Said<number>;
  readonly list?: Said<readonly ListedRedemption[]>;
  readonly ledger?: readonly LedgerDebit[];
}

/** What the preflight's redemption did not show in: that reading may be described wrongly. */
export type Unshown = NonNullable<RunEvent['unshown']>[number];

export interface Misreading {
  readonly member: string;
  readonly text: string;
  readonly unshown?: Unshown;
}

export interface LookedAt {
  readonly target: Target;
  readonly before: Reading;
  readonly answer: Answer;
  readonly payload: RedeemPayload;
  readonly key: string;
  /** Member of the config that reads the ledger. */
  readonly ledgerMember: string;
}

/** Whether whatever can be read shows it; then nothing lags. */
export function isShown({ before, answer, payload }: LookedAt, after: Reading): boolean {
  return isListed(after, answer) && isMoved(before, after, payload) && isInLedger(before, after, answer);
}

/** `between`: when the redemption was begun and read back, ms. */
export function misreadingsOf(
  looked: LookedAt & { readonly between: readonly [from: number, to: number] },
  after: Reading,
): readonly Misreading[] {
  return [...ofList(looked, after), ...ofBalance(looked, after), ...ofLedger(looked, after)];
}

function ofList({ target, before, answer }: LookedAt, after: Reading): readonly Misreading[] {
  if (isListed(after, answer)) return [];
  const { items = '', redemption = '' } = target.redemptions ?? {};
  const counts = `${before.list?.value?.length ?? '?'} items before, ${after.list?.value?.length ?? '?'} after`;
  const text =
    `the list does not show redemption ${answer.redemption ?? '?'}, which was answered with ${answer.status ?? 0}: ` +
    `${counts} (\`${items}\`, in each item \`${redemption}\`)`;
  return [{ member: 'redemptions', text, unshown: 'redemptions' }];
}

function ofBalance({ target, before, payload }: LookedAt, after: Reading): readonly Misreading[] {
  if (isMoved(before, after, payload)) return [];
  const [from, to] = [before.balance?.value ?? 0, after.balance?.value ?? 0];
  const what = from === to ? 'the balance does not move' : `the balance moves by ${to - from}`;
  const pointer = target.balance?.value ?? '';
  // Where the request names no points, the endpoint prices its rewards, and the config may be wrong about it.
  const { redeem, rewards } = target;
  const isPriced = from > to && !JSON.stringify([redeem.body, redeem.before]).includes('{points_amount}');
  const price = isPriced
    ? `; is ${from - to} the price of ${rewards[0]?.id ?? '?'} (rewards[0].points)?`
    : '';
  const text = `${what}: \`${pointer}\` is ${from} before and ${to} after a redemption of ${payload.points} points${price}`;
  return [{ member: 'balance', text, ...(from === to && { unshown: 'balance' as const }) }];
}

function ofLedger(
  looked: LookedAt & { readonly between: readonly [from: number, to: number] },
  after: Reading,
): readonly Misreading[] {
  const [before, now] = [looked.before.ledger, after.ledger];
  if (before === undefined || now === undefined) return [];
  const { answer, payload, key, ledgerMember: member, between } = looked;
  const isThere = isBooked({ before, after: now, answer });
  return strangeBooking({ before, after: now, answer, payload, key, between }).map(({ column, text }) => ({
    member: column === undefined ? member : `${member}, ${column}`,
    text,
    ...(!isThere && { unshown: 'ledger' as const }),
  }));
}

/** Or nobody can tell. */
function isListed({ list }: Reading, { redemption }: Answer): boolean {
  if (list?.value === undefined || redemption === undefined) return true;
  return list.value.some((item) => item.redemption === redemption);
}

/** Or nobody can tell. */
function isInLedger({ ledger: before }: Reading, { ledger: after }: Reading, answer: Answer): boolean {
  return before === undefined || after === undefined || isBooked({ before, after, answer });
}

/** By what was asked for; or nobody can tell. */
function isMoved(before: Reading, after: Reading, { points }: RedeemPayload): boolean {
  const [from, to] = [before.balance?.value, after.balance?.value];
  return from === undefined || to === undefined || from - to === points;
}
