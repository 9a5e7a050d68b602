/** The tables, and how a transaction is begun and ended. */

import pg from 'pg';

// Whole numbers of points: PostgreSQL's bigint would come as a text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
// A connection that breaks while it is idle is replaced by the next one.
pool.on('error', () => {});

export async function makeTables() {
  await pool.query(`
    create table if not exists accounts (id text primary key, points bigint not null check (points >= 0));
    create table if not exists gifts (
      id uuid primary key, account text not null, gift text not null, points bigint not null, request bigint not null unique,
      at timestamptz not null default clock_timestamp());
    create table if not exists requests (
      id bigint generated always as identity primary key, account text not null, key text not null, gift text not null,
      recovery_point text not null default 'started', locked_at timestamptz, status int, answer text,
      unique (account, key));`);
}

/** All of it or nothing, again where two transactions got into each other's way. */
export async function transaction(work) {
  for (let tries = 1; ; tries++) {
    const client = await pool.connect();
    try {
      await client.query('begin isolation level serializable');
      const result = await work(client);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      const isLost = await client.query('rollback').then(
        () => false,
        () => true,
      );
      client.release(isLost);
      // Serialization failure, deadlock, and a row that another one inserted first.
      if (!['40001', '40P01', '23505'].includes(error.code) || tries >= 20) throw error;
    }
  }
}
