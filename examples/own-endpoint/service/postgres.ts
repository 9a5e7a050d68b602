/** The tables in PostgreSQL. */

import { Pool } from 'pg';
import type { Database, DatabaseOptions, Queries } from './database.ts';

export async function openPostgres(url: string, options: DatabaseOptions): Promise<Database> {
  const pool = new Pool({ connectionString: url, max: 20 });
  // A connection that breaks while it is idle is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  await pool.query(TABLES);
  return {
    words: {
      memberNow: 'coalesce(test_clock, (extract(epoch from clock_timestamp()) * 1000)::bigint + test_shift)',
      orLeave: 'on conflict do nothing',
      orOverwriteAnswer:
        'on conflict (member, used_key) do update set asked = $3, body = $4, first_used_at = $5',
    },
    query: (text, values = []) => pool.query(text, [...values]),
    together: (work) => inTransaction(pool, work, options),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(
  pool: Pool,
  work: (queries: Queries) => Promise<T>,
  { hearsBreaks }: DatabaseOptions,
): Promise<T> {
  const connection = await pool.connect();
  let broken: Error | undefined;
  const hear = (error: Error): void => {
    broken = error;
  };
  // The pool listens to idle connections only: while one is ours, an `error` that nobody hears ends the process.
  if (hearsBreaks) connection.on('error', hear);
  try {
    await connection.query('begin');
    const result = await work({ query: (text, values = []) => connection.query(text, [...values]) });
    await connection.query('commit');
    return result;
  } catch (error) {
    await connection.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    connection.off('error', hear);
    connection.release(broken);
  }
}

const TABLES = `
  create table if not exists members (
    id text primary key,
    points bigint not null,
    test_clock bigint,
    test_shift bigint not null default 0
  );
  create table if not exists vouchers (
    number text primary key,
    member text not null references members (id),
    offer text not null,
    cost bigint not null,
    reference text,
    issued_at bigint not null,
    position bigserial
  );
  create index if not exists vouchers_of_member on vouchers (member, position);
  create table if not exists bookings (
    id bigserial primary key,
    member text not null references members (id),
    points bigint not null,
    voucher text,
    used_key text,
    booked_at bigint not null
  );
  create index if not exists bookings_of_member on bookings (member);
  create table if not exists answers (
    member text not null,
    used_key text not null,
    asked text not null,
    body text not null,
    first_used_at bigint not null,
    primary key (member, used_key)
  );
`;
