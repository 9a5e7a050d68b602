/**
 * Reading from a team's database: drivers are loaded when they are first used, statements run in read-only
 * transactions, the customer is bound and never part of the text.
 */

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { harnessError, messageOf } from '../base/errors.ts';
import { withParameter } from './sql-text.ts';

export type DatabaseKind = 'postgres' | 'mysql' | 'sqlite';

export interface DatabaseAddress {
  readonly kind: DatabaseKind;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Name of the database, or the file of SQLite. */
  readonly database: string;
  /** Absent: no TLS. */
  readonly tls?: 'unchecked' | 'checked';
}

/** Rows of the statement for one customer. */
export type Query = (customer: string) => Promise<readonly unknown[]>;

/** A statement is given up after this long, ms. */
const TIMEOUT_MS = 4_000;
/** Statements that run at once. */
export const CONNECTIONS = 4;

/** The query of a statement that holds `:customer`. Connects when it is first used. */
export function queryOf(address: DatabaseAddress, sql: string, drivers: Drivers): Query {
  let opened: Promise<Query> | undefined;
  return async (customer) => {
    opened ??= OPEN[address.kind](address, sql, drivers);
    const query = await opened;
    return await query(customer);
  };
}

const OPEN: Readonly<
  Record<DatabaseKind, (address: DatabaseAddress, sql: string, drivers: Drivers) => Promise<Query>>
> = { postgres: openPostgres, mysql: openMysql, sqlite: openSqlite };

interface PostgresClient {
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  release(broken?: boolean): void;
}
interface PostgresPool {
  connect(): Promise<PostgresClient>;
  on(event: 'error', listener: () => void): void;
}

async function openPostgres(address: DatabaseAddress, sql: string, drivers: Drivers): Promise<Query> {
  const module = await drivers.load<{ Pool: new (options: object) => PostgresPool }>('pg');
  const { host, port, user, password, database, tls } = address;
  const pool = new module.Pool({
    host,
    port,
    user,
    password,
    database,
    max: CONNECTIONS,
    allowExitOnIdle: true,
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
    application_name: 'onceproof',
    ssl: tls === undefined ? false : { rejectUnauthorized: tls === 'checked' },
  });
  // A connection that breaks while nobody uses it is replaced.
  pool.on('error', () => {});
  const statement = withParameter(sql, '$1').sql;
  return async (customer) => {
    const client = await pool.connect();
    let isBroken = true;
    try {
      await client.query('begin transaction read only');
      const { rows } = await client.query(statement, [customer]);
      await client.query('rollback');
      isBroken = false;
      return rows;
    } finally {
      client.release(isBroken);
    }
  };
}

interface MysqlConnection {
  query(text: string): Promise<unknown>;
  execute(text: { sql: string; timeout: number }, values: readonly string[]): Promise<[unknown, unknown]>;
  release(): void;
  destroy(): void;
}

async function openMysql(address: DatabaseAddress, sql: string, drivers: Drivers): Promise<Query> {
  type Pool = { getConnection(): Promise<MysqlConnection> };
  const module = await drivers.load<{ createPool(options: object): Pool }>('mysql2/promise');
  const { host, port, user, password, database, tls } = address;
  const pool = module.createPool({
    host,
    port,
    user,
    password,
    database,
    connectionLimit: CONNECTIONS,
    connectTimeout: TIMEOUT_MS,
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    ...(tls !== undefined && { ssl: { rejectUnauthorized: tls === 'checked' } }),
  });
  const { sql: statement, count } = withParameter(sql, '?');
  return async (customer) => {
    const connection = await pool.getConnection();
    let isBroken = true;
    try {
      await connection.query('start transaction read only');
      const values = Array<string>(count).fill(customer);
      const [rows] = await connection.execute({ sql: statement, timeout: TIMEOUT_MS }, values);
      await connection.query('rollback');
      isBroken = false;
      return Array.isArray(rows) ? (rows as readonly unknown[]) : [];
    } finally {
      if (isBroken) connection.destroy();
      else connection.release();
    }
  };
}

interface SqliteStatement {
  all(...values: readonly string[]): readonly unknown[];
}
interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
}

/** Opened for reading only; each question sees what is committed by then. */
async function openSqlite({ database }: DatabaseAddress, sql: string, drivers: Drivers): Promise<Query> {
  const opened = await sqliteOf(database, drivers);
  opened.exec(`pragma busy_timeout = ${TIMEOUT_MS}`);
  const { sql: statement, count } = withParameter(sql, '?');
  const prepared = opened.prepare(statement);
  return async (customer) => await Promise.resolve(prepared.all(...Array<string>(count).fill(customer)));
}

async function sqliteOf(file: string, drivers: Drivers): Promise<SqliteDatabase> {
  const own = builtInSqlite();
  if (own !== undefined) return new own.DatabaseSync(file, { readOnly: true });
  type Module = { default: new (file: string, options: object) => SqliteDatabase };
  const { default: Database } = await drivers.load<Module>('better-sqlite3');
  return new Database(file, { readonly: true, fileMustExist: true });
}

interface BuiltInSqlite {
  readonly DatabaseSync: new (file: string, options: object) => SqliteDatabase;
}

/** Node has it from version 22 on. */
function builtInSqlite(): BuiltInSqlite | undefined {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  return getBuiltinModule?.('node:sqlite') as BuiltInSqlite | undefined;
}

/** The drivers of a project: its own ones first, then those beside us. */
export class Drivers {
  readonly #from: readonly string[];

  /** `file`: a file of the project, e.g. its config. */
  constructor(file: string) {
    this.#from = [file, import.meta.url];
  }

  /** The package that a kind needs and that is not installed; undefined where nothing is missing. */
  missing(kind: DatabaseKind): string | undefined {
    if (kind === 'sqlite' && builtInSqlite() !== undefined) return undefined;
    const name = { postgres: 'pg', mysql: 'mysql2', sqlite: 'better-sqlite3' }[kind];
    return this.#find(name) === undefined ? name : undefined;
  }

  async load<T>(name: string): Promise<T> {
    const path = this.#find(name);
    if (path === undefined)
      throw harnessError('driver_missing', `${name} is not installed`, { expected: `npm install ${name}` });
    try {
      const module = (await import(pathToFileURL(path).href)) as { readonly default?: object };
      // CommonJS: what it exports is its default.
      return { ...module.default, ...module } as T;
    } catch (error) {
      throw harnessError('driver_failed', `${name} cannot be loaded: ${messageOf(error)}`);
    }
  }

  #find(name: string): string | undefined {
    for (const from of this.#from) {
      try {
        return createRequire(from).resolve(name);
      } catch {
        // The next place.
      }
    }
    return undefined;
  }
}
