/** The database of the voucher service, and the one way in which it writes to its tables together. */

import { openMariadb } from './mariadb.ts';
import { openPostgres } from './postgres.ts';

/** What runs queries: the pool (each query for itself) or one connection (inside a transaction). */
export interface Queries {
  /** Values stand as `$1`, `$2`, … in the text. */
  // The caller says what its columns are.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
}

export interface Database extends Queries {
  readonly words: Words;
  /** Everything that `work` writes becomes visible at once, or not at all. */
  together<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What each database says in its own words. */
export interface Words {
  /**
   * A member's own time, in milliseconds since 1970: the real one, but for a test, which may shift or stop it.
   * The one place that knows; both editions ask by it.
   */
  readonly memberNow: string;
  /** Behind an insert: a row that is there stays as it is. */
  readonly orLeave: string;
  /** Behind the insert of an answer: one that is there is overwritten. */
  readonly orOverwriteAnswer: string;
}

export interface DatabaseOptions {
  /** PostgreSQL: whether somebody hears when a connection breaks in the middle of a transaction. */
  readonly hearsBreaks: boolean;
}

/** By its URL: `mysql:` is a MariaDB, everything else a PostgreSQL. */
export function openDatabase(url: string, options: DatabaseOptions): Promise<Database> {
  return url.startsWith('mysql:') ? openMariadb(url) : openPostgres(url, options);
}

/** Members who are there from the start, so that somebody can spend points by hand. */
export async function addMembers(database: Database, ids: readonly string[], points: number): Promise<void> {
  for (const id of ids) {
    await database.query(`insert into members (id, points) values ($1, $2) ${database.words.orLeave}`, [
      id,
      points,
    ]);
  }
}
