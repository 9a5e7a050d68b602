/** What hooks return, checked and brought into the names of the wire. Throws usage errors that name the member. */

import { keepSecret } from '../base/secrets.ts';
import type { LedgerDebit, LedgerReading } from '../model/protocol.ts';
import { integerOf, isGiven, itemsOf, objectOf, textOf, wrong, type Member } from './member.ts';

const MAX_POINTS = Number.MAX_SAFE_INTEGER;
const PLACE = 'what the hook returned';

/** A ledger as the wire has it. */
export function ledgerOf(given: unknown): LedgerReading {
  const root: Member = { value: given, path: 'ledger', file: PLACE };
  const { debits, credits, rewards } = objectOf(root, ['debits', 'credits', 'rewards']);
  const reading = {
    debits: itemsOf(debits, 'an array').map(debitOf),
    credits: isGiven(credits) ? itemsOf(credits, 'an array').map(creditOf) : [],
  };
  if (!isGiven(rewards)) return reading;
  return { ...reading, rewards: itemsOf(rewards, 'an array').map(rewardOf) };
}

/** The customer's own token, where `provision` returned one. */
export function tokenOf(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  const { token } = objectOf({ value: given, path: 'provision', file: PLACE }, ['token']);
  if (!isGiven(token)) return undefined;
  if (typeof token.value !== 'string' || token.value === '') throw wrong(token, 'a text', true);
  return keepSecret(token.value);
}

/** What `advanceClock` returned, in whole ms: a boundary cannot be hit with half of one. */
export function wholeInstantOf(given: unknown): number {
  const member: Member = { value: given, path: 'advanceClock', file: PLACE };
  const ms = instant(member);
  if (!Number.isSafeInteger(ms)) throw wrong(member, 'whole ms since the epoch');
  return ms;
}

function debitOf(item: Member): LedgerDebit {
  const members = objectOf(item, ['redemption', 'points', 'at', 'key', 'clientRedemptionId']);
  const debit = {
    redemption_id: textOf(members.redemption),
    points: integerOf(members.points, 0, MAX_POINTS, 'points'),
    at_ms: instant(members.at),
  };
  const key = isSet(members.key) ? { idempotency_key: textOf(members.key) } : {};
  const own = isSet(members.clientRedemptionId)
    ? { client_redemption_id: textOf(members.clientRedemptionId) }
    : {};
  return { ...debit, ...key, ...own };
}

function creditOf(item: Member): LedgerReading['credits'][number] {
  const { points, at } = objectOf(item, ['points', 'at']);
  return { points: integerOf(points, 0, MAX_POINTS, 'points'), at_ms: instant(at) };
}

function rewardOf(item: Member): NonNullable<LedgerReading['rewards']>[number] {
  const { redemption, reward, at } = objectOf(item, ['redemption', 'reward', 'at']);
  return { redemption_id: textOf(redemption), reward_id: textOf(reward), at_ms: instant(at) };
}

/** A column of a database is null where there is nothing. */
function isSet(member: Member): boolean {
  return isGiven(member) && member.value !== null;
}

function instant(member: Member): number {
  const { value } = member;
  if (typeof value !== 'number' && typeof value !== 'string' && !(value instanceof Date))
    throw badInstant(member);
  const ms = typeof value === 'number' ? value : new Date(value).getTime();
  if (!Number.isFinite(ms)) throw badInstant(member);
  return ms;
}

function badInstant(member: Member): Error {
  return wrong(member, 'ms since the epoch, a Date or an ISO 8601 text');
}
