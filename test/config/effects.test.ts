/** `effects` on real databases: PostgreSQL, MariaDB, SQLite by a command, and by a driver where one is installed. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HarnessError } from '../../harness/base/errors.ts';
import { Drivers } from '../../harness/config/databases.ts';
import { ledgerOfRows } from '../../harness/config/effect-rows.ts';
import { HookCalls } from '../../harness/config/hook-calls.ts';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { withParameter } from '../../harness/config/sql-text.ts';
import { temporaryFolder } from '../support/cli.ts';
import { NO_MARIADB, startMariadb, type Mariadb } from '../support/mariadb.ts';
import { findPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { configWith } from './configs.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const file = join(folder.path, 'onceproof.config.ts');

function ledgerBy(effects: object, env: Record<string, string> = {}) {
  const { hooks, capabilities } = resolveConfig(configWith({ effects }), {
    file,
    env: { PATH: process.env['PATH'], ...env },
  });
  expect(capabilities.ledger).toBe(true);
  const { ledger } = hooks;
  if (ledger === undefined) throw new Error('no ledger');
  return async (customer: string) => await ledger({ customer });
}

function lineOf(members: Readonly<Record<string, unknown>>): string {
  try {
    resolveConfig(configWith(members), { file, env: {} });
  } catch (error) {
    if (error instanceof HarnessError && error.kind === 'usage') return error.message;
    throw error;
  }
  return 'no error';
}

const ODD = "o'clock; drop table bookings --";
const SQL = `select redemption, points, at, idempotency_key, ':customer' as "text", kind, reward
             from bookings where member = :customer order by at -- :customer`;
const EXPECTED = {
  debits: [
    { redemption: 'r1', points: 120, at: 1_700_000_000_000, key: 'k1' },
    { redemption: 'r2', points: 80, at: 1_700_000_000_001 },
  ],
  credits: [{ points: 500, at: 1_700_000_000_002 }],
  rewards: [{ redemption: 'r1', reward: 'tea', at: 1_700_000_000_003 }],
};
const TABLE = `create table bookings (member varchar(60), redemption varchar(20), points bigint, at bigint,
               idempotency_key varchar(20), kind varchar(10), reward varchar(20))`;
const ROWS = [ODD, 'other'].flatMap((member) => [
  [member, 'r1', 120, 1_700_000_000_000, 'k1', 'debit', null],
  [member, 'r2', 80, 1_700_000_000_001, null, null, null],
  [member, null, 500, 1_700_000_000_002, null, 'credit', null],
  [member, 'r1', 0, 1_700_000_000_003, null, 'reward', 'tea'],
]);

const noPostgres = findPostgres() === undefined;
describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ' (skipped: not installed)' : ''}`, () => {
  let database: Postgres;
  let client: pg.Client;
  beforeAll(async () => {
    database = await startPostgres();
    client = new pg.Client(database.url);
    await client.connect();
    await client.query(TABLE);
    for (const row of ROWS) await client.query('insert into bookings values ($1,$2,$3,$4,$5,$6,$7)', row);
  });
  afterAll(async () => {
    await client?.end();
    await database?.stop();
  });

  test('a statement is a ledger: the customer is bound, whatever stands in its name', async () => {
    const read = ledgerBy({ sql: SQL, url: { env: 'DB' }, rewards: true }, { DB: database.url });
    expect(await read(ODD)).toEqual(EXPECTED);
    expect(await read('nobody')).toEqual({ debits: [], credits: [], rewards: [] });
    expect((await client.query('select count(*) from bookings')).rows).toEqual([{ count: '8' }]);
  });

  test('a statement that writes is refused by the database, and nothing is written', async () => {
    const sql = 'with gone as (delete from bookings where member = :customer returning *) select * from gone';
    await expect(ledgerBy({ sql, url: database.url })(ODD)).rejects.toThrow('read-only transaction');
    expect((await client.query('select count(*) from bookings')).rows).toEqual([{ count: '8' }]);
  });

  test('a statement that takes too long is given up', async () => {
    const sql = 'select pg_sleep(30)::text as redemption from bookings where member = :customer';
    await expect(ledgerBy({ sql, url: database.url })(ODD)).rejects.toThrow('statement timeout');
  });
});

describe.skipIf(NO_MARIADB !== undefined)(
  `MariaDB${NO_MARIADB === undefined ? '' : ` (skipped: ${NO_MARIADB})`}`,
  () => {
    let url: string;
    let database: Mariadb;
    let connection: mysql.Connection;
    beforeAll(async () => {
      database = await startMariadb();
      url = `mysql://test@127.0.0.1:${database.port}/test`;
      connection = await mysql.createConnection(url);
      await connection.query(TABLE);
      for (const row of ROWS) await connection.query('insert into bookings values (?,?,?,?,?,?,?)', row);
    });
    afterAll(async () => {
      await connection?.end();
      await database?.stop();
    });

    test('a statement is a ledger, and the transaction that it runs in cannot write', async () => {
      const sql = SQL.replace('as "text"', 'as `text`');
      expect(await ledgerBy({ sql, url, rewards: true })(ODD)).toEqual(EXPECTED);
      const [rows] = await connection.query('select count(*) as n from bookings');
      expect(rows).toEqual([{ n: 8 }]);
    });
  },
);

const python = ['python3', 'python'].find((name) => {
  try {
    execFileSync(name, ['-c', 'import sqlite3']);
    return true;
  } catch {
    return false;
  }
});
const path = join(folder.path, 'points.db');

describe.skipIf(python === undefined)(
  `SQLite${python === undefined ? ' (skipped: no Python with sqlite3)' : ''}`,
  () => {
    beforeAll(() => {
      const script = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute(sys.argv[2])
db.executemany('insert into bookings values (?,?,?,?,?,?,?)', json.loads(sys.argv[3]))
db.commit()`;
      execFileSync(python ?? '', ['-c', script, path, TABLE, JSON.stringify(ROWS)]);
      const reader = `import json, sqlite3, sys
db = sqlite3.connect('points.db')
db.row_factory = sqlite3.Row
for row in db.execute('select * from bookings where member = ?', (sys.argv[1],)):
    print(json.dumps(dict(row)))`;
      writeFileSync(join(folder.path, 'read.py'), reader);
    });

    test('by a command that prints a row a line', async () => {
      const command = [python, 'read.py', '{customer_id}'];
      expect(await ledgerBy({ command, rewards: true })(ODD)).toEqual(EXPECTED);
    });

    const missing = new Drivers(import.meta.url).missing('sqlite');
    test.skipIf(missing !== undefined)(
      `by a statement${missing === undefined ? '' : ` (skipped: ${missing} is not installed)`}`,
      async () => {
        expect(await ledgerBy({ sql: SQL, url: 'sqlite:points.db', rewards: true })(ODD)).toEqual(EXPECTED);
      },
    );
  },
);

describe('commands', () => {
  const node = (script: string) => ({ command: [process.execPath, '-e', script] });

  test('the customer is in the environment, too, and no shell reads it', async () => {
    const script = `console.log(JSON.stringify({ redemption: process.env.ONCEPROOF_CUSTOMER, points: '7', at: 1 }))`;
    expect(await ledgerBy(node(script))('$(id)')).toEqual({
      debits: [{ redemption: '$(id)', points: 7, at: 1 }],
      credits: [],
    });
  });

  test.each([
    ['console.error("no such table"); process.exit(3)', 'effects.command ended with 3: no such table'],
    ['console.log("hello")', 'a JSON object on each line'],
    ['console.log("[]")', 'effects, row 1: expected an object of columns'],
    ['console.log(JSON.stringify({points: 1, at: 1}))', 'effects, row 1: redemption: expected a text'],
    ['console.log(JSON.stringify({redemption: "r", points: -1, at: 1}))', 'effects, row 1: points'],
    ['console.log(JSON.stringify({redemption: "r", points: 1}))', 'effects, row 1: at'],
  ])('%s is told in one line', async (script, line) => {
    await expect(ledgerBy(node(script))('c')).rejects.toThrow(line);
  });
});

test('whoever waits for a turn has not begun: many customers at once are all read, however short a hook may take', async () => {
  const script = `console.log(JSON.stringify({ redemption: process.env.ONCEPROOF_CUSTOMER, points: 7, at: 1 }))`;
  const { hooks } = resolveConfig(configWith({ effects: { command: [process.execPath, '-e', script] } }), {
    file,
    env: { PATH: process.env['PATH'] },
  });
  // A hook of the config's own would be given up at once.
  const calls = new HookCalls({ hooks, timeoutMs: 1 });
  const customers = Array.from({ length: 12 }, (_, index) => `c${index}`);
  const read = await Promise.all(customers.map((customer) => calls.ledger(customer)));
  expect(read.map(({ debits }) => debits[0]?.redemption_id)).toEqual(customers);
});

describe('what is wrong is said before anything starts', () => {
  const url = 'postgres://u:hidden-word@127.0.0.1/db';
  const IN = 'wrong in onceproof.config.ts';
  test.each([
    [
      { sql: 'select 1', url },
      `effects.sql: ${IN}; expected a select statement with :customer in it; found "select 1"`,
    ],
    [
      { sql: 'delete from t where c = :customer', url },
      `effects.sql: ${IN}; expected a statement that reads: select …, or with … select …; found "delete from t where c = :customer"`,
    ],
    [
      { sql: 'select :customer', url: 'postgres://u:hidden-word@db.example/x' },
      'effects.url: its host is not a loopback address and is not in allowedHosts; expected \'db.example:5432\' in allowedHosts; found "db.example"',
    ],
    [
      { sql: 'select :customer', url: `${url}?host=db.example` },
      `effects.url: ${IN}; expected no parameters but sslmode=disable, require or verify-full; found "a value of type string"`,
    ],
    [
      { sql: 'select :customer', url: 'oracle://hidden-word' },
      `effects.url: ${IN}; expected postgres://…, mysql://… or sqlite:FILE; found "a value of type string"`,
    ],
  ])('%j', (effects, line) => {
    const told = lineOf({ effects });
    expect(told).toBe(line);
    expect(told).not.toContain('hidden-word');
  });

  test('two ways at once are refused, a hook beside it too', () => {
    expect(lineOf({ effects: { sql: 'select :customer', url, command: ['x'] } })).toContain(
      'either sql with url, or command',
    );
    expect(lineOf({ effects: { command: ['x'] }, hooks: { ledger: () => ({ debits: [] }) } })).toContain(
      'either effects or hooks.ledger',
    );
  });
});

test('a parameter is found where it is one', () => {
  const sql = `select ':customer', "a:customer", x::customer -- :customer
    /* :customer */ from t where $q$ :customer $q$ <> :customer and y = :customer2 and z=:customer`;
  const { sql: text, count } = withParameter(sql, '?');
  expect(count).toBe(2);
  expect(text).toBe(sql.replace('<> :customer', '<> ?').replace('z=:customer', 'z=?'));
});

test('amounts of rows are written as those of answers, and columns are found as databases fold them', () => {
  const rows = [{ RedemptionId: 9, AMOUNT: '12.50', AT: '1700000000000', clientredemptionid: 'mine' }];
  expect(ledgerOfRows(rows, { amounts: { unit: 100, as: 'text' }, hasRewards: false })).toEqual({
    debits: [{ redemption: '9', points: 1250, at: 1_700_000_000_000, clientRedemptionId: 'mine' }],
    credits: [],
  });
});
