/** The tables in MariaDB. */

import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import type { Database, Queries } from './database.ts';

export async function openMariadb(url: string): Promise<Database> {
  const pool = createPool({ uri: url, connectionLimit: 20 });
  for (const table of TABLES) await pool.query(table);
  return {
    words: {
      // Not now(): that stands still while a statement waits for a lock.
      memberNow: 'coalesce(test_clock, cast(unix_timestamp(sysdate(3)) * 1000 as signed) + test_shift)',
      orLeave: 'on duplicate key update id = id',
      orOverwriteAnswer: 'on duplicate key update asked = $3, body = $4, first_used_at = $5',
    },
    ...queriesOf(pool),
    together: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

function queriesOf(connection: Pool | PoolConnection): Queries {
  return {
    // The caller says what its columns are.
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      const placed: unknown[] = [];
      // It counts question marks; a value that stands twice is sent twice.
      const counted = text.replace(/\$(\d+)/g, (_, number: string) => {
        placed.push(values[Number(number) - 1]);
        return '?';
      });
      const [rows] = await connection.execute(counted, placed as string[]);
      // An insert has no rows, but a summary.
      return { rows: (Array.isArray(rows) ? rows : []) as Row[] };
    },
  };
}

async function inTransaction<T>(pool: Pool, work: (queries: Queries) => Promise<T>): Promise<T> {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    const result = await work(queriesOf(connection));
    await connection.commit();
    connection.release();
    return result;
  } catch (error) {
    // It is not known how far the transaction came: it ends with its connection.
    connection.destroy();
    throw error;
  }
}

/** Ids and keys that differ in case are others: by default they would be the same here. */
const TABLES = [
  `create table if not exists members (
    id varchar(150) primary key,
    points bigint not null,
    test_clock bigint,
    test_shift bigint not null default 0
  ) collate utf8mb4_bin`,
  `create table if not exists vouchers (
    number varchar(60) primary key,
    member varchar(150) not null references members (id),
    offer varchar(60) not null,
    cost bigint not null,
    reference varchar(300),
    issued_at bigint not null,
    position bigint not null auto_increment unique,
    index (member, position)
  ) collate utf8mb4_bin`,
  `create table if not exists bookings (
    id bigint primary key auto_increment,
    member varchar(150) not null references members (id),
    points bigint not null,
    voucher varchar(60),
    used_key varchar(200),
    booked_at bigint not null,
    index (member)
  ) collate utf8mb4_bin`,
  `create table if not exists answers (
    member varchar(150) not null,
    used_key varchar(200) not null,
    asked text not null,
    body text not null,
    first_used_at bigint not null,
    primary key (member, used_key)
  ) collate utf8mb4_bin`,
];
