/** The tables of the voucher service, and the one way in which it writes to them together. */

import { Pool, type QueryResultRow } from 'pg';

/** What runs queries: the pool (each query for itself) or one connection (inside a transaction). */
export interface Queries {
  // The caller says what its columns are.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
}

export interface Database extends Queries {
  /** Everything that `work` writes becomes visible at once, or not at all. */
  together<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Whether somebody hears when a connection breaks in the middle of a transaction. */
  readonly hearsBreaks: boolean;
}

export async function openDatabase(url: string, options: DatabaseOptions): Promise<Database> {
  const pool = new Pool({ connectionString: url, max: 20 });
  // A connection that breaks while it is idle is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  await pool.query(TABLES);
  return {
    query: (text, values = []) => pool.query(text, [...values]),
    together: (work) => inTransaction(pool, work, options),
    close: () => pool.end(),
  };
}

/** Members who are there from the start, so that somebody can spend points by hand. */
export async function addMembers(database: Queries, ids: readonly string[], points: number): Promise<void> {
  for (const id of ids) {
    await database.query('insert into members (id, points) values ($1, $2) on conflict do nothing', [
      id,
      points,
    ]);
  }
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

/**
 * A member's own time, in milliseconds since 1970: the real one, but for a test, which may shift or stop it.
 * The one place that knows; both editions ask by it.
 */
export const MEMBER_NOW =
  'coalesce(test_clock, (extract(epoch from clock_timestamp()) * 1000)::bigint + test_shift)';

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
    key text,
    booked_at bigint not null
  );
  create index if not exists bookings_of_member on bookings (member);
  create table if not exists answers (
    member text not null,
    key text not null,
    asked text not null,
    body text not null,
    first_used_at bigint not null,
    primary key (member, key)
  );
`;
