/** The right edition: the member's row is locked first, and everything happens in one transaction. */

import type { Database, Queries } from './database.ts';
import { asked, KEY_FORGOTTEN_MS, KEY_LIVES_MS, printVoucher, receipt, refused } from './voucher.ts';
import type { Order, Redeem, Result } from './voucher.ts';

export function rightEdition(database: Database): Redeem {
  const { memberNow } = database.words;
  return (order) => database.together((queries) => redeem(queries, order, memberNow));
}

async function redeem(queries: Queries, order: Order, memberNow: string): Promise<Result> {
  // From here on, whoever redeems for this member waits until we have committed or rolled back.
  const member = await lockedMember(queries, order.member, memberNow);
  if (!member) return refused(404, 'NO_SUCH_MEMBER');
  const earlier = await earlierAnswer(queries, order, member.now);
  if (earlier) return earlier;
  if (order.reference !== undefined && (await isRedeemed(queries, order.member, order.reference))) {
    return refused(409, 'ALREADY_REDEEMED');
  }
  if (member.points < order.cost) return refused(402, 'NOT_ENOUGH_POINTS');
  const voucher = await printVoucher();
  const body = receipt(order, voucher, member.points - order.cost);
  await queries.query('update members set points = points - $2 where id = $1', [order.member, order.cost]);
  await queries.query(
    'insert into bookings (member, points, voucher, used_key, booked_at) values ($1, $2, $3, $4, $5)',
    [order.member, -order.cost, voucher, order.key, member.now],
  );
  await queries.query(
    'insert into vouchers (number, member, offer, cost, reference, issued_at) values ($1, $2, $3, $4, $5, $6)',
    [voucher, order.member, order.offer, order.cost, order.reference ?? null, member.now],
  );
  await queries.query(
    'insert into answers (member, used_key, asked, body, first_used_at) values ($1, $2, $3, $4, $5)',
    [order.member, order.key, asked(order), body, member.now],
  );
  return { kind: 'issued', body, isRepeat: false };
}

async function lockedMember(
  queries: Queries,
  id: string,
  memberNow: string,
): Promise<{ points: number; now: number } | undefined> {
  await queries.query('select 1 from members where id = $1 for update', [id]);
  // Asked after the lock was got: the time of waiting must not count backwards.
  const { rows } = await queries.query<{ points: string; now: string }>(
    `select points, ${memberNow} as now from members where id = $1`,
    [id],
  );
  const [row] = rows;
  return row && { points: Number(row.points), now: Number(row.now) };
}

async function earlierAnswer(queries: Queries, order: Order, now: number): Promise<Result | undefined> {
  const { rows } = await queries.query<{ asked: string; body: string; first_used_at: string }>(
    'select asked, body, first_used_at from answers where member = $1 and used_key = $2',
    [order.member, order.key],
  );
  const [row] = rows;
  if (!row) return undefined;
  const age = now - Number(row.first_used_at);
  if (age >= KEY_FORGOTTEN_MS) {
    await queries.query('delete from answers where member = $1 and used_key = $2', [order.member, order.key]);
    return undefined;
  }
  if (row.asked !== asked(order)) return refused(409, 'KEY_USED_FOR_ANOTHER_ORDER');
  if (age >= KEY_LIVES_MS) return refused(410, 'KEY_EXPIRED');
  return { kind: 'issued', body: row.body, isRepeat: true };
}

async function isRedeemed(queries: Queries, member: string, reference: string): Promise<boolean> {
  const { rows } = await queries.query('select 1 from vouchers where member = $1 and reference = $2', [
    member,
    reference,
  ]);
  return rows.length > 0;
}
