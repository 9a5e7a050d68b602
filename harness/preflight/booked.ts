/** Whether the ledger that a config describes shows a redemption as it was made; by what it read before and after. */

import type { LedgerDebit } from '../model/protocol.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import type { Answer } from './talk.ts';

/** `column`: of the row or debit; absent: there is none. */
export interface Strange {
  readonly column?: 'points' | 'key' | 'client_redemption_id' | 'at';
  readonly text: string;
}

export interface Booked {
  readonly before: readonly LedgerDebit[];
  readonly after: readonly LedgerDebit[];
  readonly answer: Answer;
  readonly payload: RedeemPayload;
  readonly key: string;
  /** When the redemption was begun and read back, by the clock of this machine, ms. */
  readonly between: readonly [from: number, to: number];
}

/** A booking's time may be another machine's, and a whole day off by its zone; seconds in the place of ms are decades off. ms */
const STRANGE_MS = 3 * 86_400_000;
/** So many debits are shown. */
const SHOWN = 3;

/** Whether a debit of it is there. */
export function isBooked({ before, after, answer }: Pick<Booked, 'before' | 'after' | 'answer'>): boolean {
  return debitsOf(answer, before, after).length > 0;
}

/** What is strange about how the ledger shows it, in words; nothing: it is there as it was made. */
export function strangeBooking(booked: Booked): readonly Strange[] {
  const { before, after, answer, payload, key, between } = booked;
  const debits = debitsOf(answer, before, after);
  const [debit] = debits;
  if (debit === undefined) {
    const made = freshIn(before, after);
    const other = made.length === 0 ? '' : `; new is ${shownDebits(made)}`;
    const name = answer.redemption === undefined ? 'the redemption' : `redemption ${answer.redemption}`;
    const text =
      `the ledger does not show ${name}, which was answered with ${answer.status ?? 0}: ` +
      `${before.length} debits before, ${after.length} after${other}`;
    return [{ text }];
  }
  const strange: Strange[] = [];
  const isOf = `of redemption ${debit.redemption_id}`;
  const points = debits.reduce((sum, each) => sum + each.points, 0);
  if (points !== payload.points)
    strange.push({ column: 'points', text: `it is ${points} ${isOf}, which costs ${payload.points}` });
  if (debit.idempotency_key !== undefined && debit.idempotency_key !== key)
    strange.push({
      column: 'key',
      text: `it is ${debit.idempotency_key} ${isOf}, which was asked for with ${key}`,
    });
  const [own, sent] = [debit.client_redemption_id, payload.clientRedemptionId];
  if (own !== undefined && sent !== undefined && own !== sent)
    strange.push({ column: 'client_redemption_id', text: `it is ${own} ${isOf}, which was sent as ${sent}` });
  if (debit.at_ms < between[0] - STRANGE_MS || debit.at_ms > between[1] + STRANGE_MS) {
    const text = `it is ${timeOf(debit.at_ms)} ${isOf}, which was made just now; ms since the epoch, or a time with its zone?`;
    strange.push({ column: 'at', text });
  }
  return strange;
}

/** For people: how many, and the newest. */
export function shownDebits(debits: readonly LedgerDebit[]): string {
  const shown = debits
    .slice(-SHOWN)
    .map(({ redemption_id, points }) => `${redemption_id} of ${points} points`);
  return `${debits.length === 1 ? '1 debit' : `${debits.length} debits`}${shown.length === 0 ? '' : `: ${debits.length > SHOWN ? '…, ' : ''}${shown.join(', ')}`}`;
}

/** Of the redemption that the answer names; where it names none, what is new. */
function debitsOf(
  { redemption }: Answer,
  before: readonly LedgerDebit[],
  after: readonly LedgerDebit[],
): readonly LedgerDebit[] {
  if (redemption === undefined) return freshIn(before, after);
  return after.filter(({ redemption_id }) => redemption_id === redemption);
}

function freshIn(before: readonly LedgerDebit[], after: readonly LedgerDebit[]): readonly LedgerDebit[] {
  const known = new Set(before.map(({ redemption_id }) => redemption_id));
  return after.filter(({ redemption_id }) => !known.has(redemption_id));
}

function timeOf(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? String(ms) : time.toISOString();
}
