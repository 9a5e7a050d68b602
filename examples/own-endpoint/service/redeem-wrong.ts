/**
 * The wrong edition, as it is written every day: look whether the key is known, and if not, do the work. Each query
 * is right by itself, each one is awaited, a client that retries one after the other never notices anything.
 * Between the look and the last insert, a second request with the same key sees what the first one saw: nothing.
 */

import type { Database } from './database.ts';
import { asked, KEY_FORGOTTEN_MS, KEY_LIVES_MS, printVoucher, receipt, refused } from './voucher.ts';
import type { Order, Redeem, Result } from './voucher.ts';

export function wrongEdition(database: Database): Redeem {
  return (order) => redeem(database, order);
}

async function redeem(database: Database, order: Order): Promise<Result> {
  const member = await findMember(database, order.member);
  if (!member) return refused(404, 'NO_SUCH_MEMBER');

  const known = await database.query<{ asked: string; body: string; first_used_at: string }>(
    'select asked, body, first_used_at from answers where member = $1 and used_key = $2',
    [order.member, order.key],
  );
  const [answer] = known.rows;
  const age = member.now - Number(answer?.first_used_at ?? 0);
  if (answer && age < KEY_FORGOTTEN_MS) {
    if (answer.asked !== asked(order)) return refused(409, 'KEY_USED_FOR_ANOTHER_ORDER');
    if (age >= KEY_LIVES_MS) return refused(410, 'KEY_EXPIRED');
    return { kind: 'issued', body: answer.body, isRepeat: true };
  }

  const duplicates = await database.query('select 1 from vouchers where member = $1 and reference = $2', [
    order.member,
    order.reference ?? null,
  ]);
  if (duplicates.rows.length > 0) return refused(409, 'ALREADY_REDEEMED');
  if (member.points < order.cost) return refused(402, 'NOT_ENOUGH_POINTS');

  const voucher = await printVoucher();
  await database.query('update members set points = points - $2 where id = $1', [order.member, order.cost]);
  await database.query(
    'insert into bookings (member, points, voucher, used_key, booked_at) values ($1, $2, $3, $4, $5)',
    [order.member, -order.cost, voucher, order.key, member.now],
  );
  await database.query(
    'insert into vouchers (number, member, offer, cost, reference, issued_at) values ($1, $2, $3, $4, $5, $6)',
    [voucher, order.member, order.offer, order.cost, order.reference ?? null, member.now],
  );
  const body = receipt(order, voucher, member.points - order.cost);
  await database.query(
    `insert into answers (member, used_key, asked, body, first_used_at) values ($1, $2, $3, $4, $5)
       ${database.words.orOverwriteAnswer}`,
    [order.member, order.key, asked(order), body, member.now],
  );
  return { kind: 'issued', body, isRepeat: false };
}

async function findMember(
  database: Database,
  id: string,
): Promise<{ points: number; now: number } | undefined> {
  const { rows } = await database.query<{ points: string; now: string }>(
    `select points, ${database.words.memberNow} as now from members where id = $1`,
    [id],
  );
  const [row] = rows;
  return row && { points: Number(row.points), now: Number(row.now) };
}
