/** Rows of a query, or lines of a command, become a ledger. Throws with the row and the column that is wrong. */

import { pointsOf, type Amounts } from '../model/amounts.ts';
import type { LedgerConfig } from './define.ts';

/** More rows of one customer than this are no answer to the question that was asked. */
const MOST_ROWS = 100_000;

export interface RowOptions {
  /** How amounts are written; absent: whole numbers, also as texts. */
  readonly amounts: Amounts | undefined;
  /** Whether rows of the kind `reward` are all that was handed out. */
  readonly hasRewards: boolean;
}

/** Columns: redemption, points, at, and where there is one kind, key, client_redemption_id, reward. */
export function ledgerOfRows(rows: readonly unknown[], { amounts, hasRewards }: RowOptions): LedgerConfig {
  if (rows.length > MOST_ROWS) throw new Error(`more than ${MOST_ROWS} rows of one customer`);
  const debits: LedgerConfig['debits'][number][] = [];
  const credits: NonNullable<LedgerConfig['credits']>[number][] = [];
  const rewards: NonNullable<LedgerConfig['rewards']>[number][] = [];
  rows.forEach((given, index) => {
    const row = new Row(given, index + 1);
    const at = row.instant();
    const kind = row.text('kind') ?? 'debit';
    if (kind === 'debit') {
      const key = row.text('key', 'idempotencykey');
      const own = row.text('clientredemptionid');
      debits.push({
        redemption: row.needed('redemption', 'redemptionid'),
        points: row.points(amounts),
        at,
        ...(key !== undefined && { key }),
        ...(own !== undefined && { clientRedemptionId: own }),
      });
    } else if (kind === 'credit') credits.push({ points: row.points(amounts), at });
    else if (kind === 'reward')
      rewards.push({
        redemption: row.needed('redemption', 'redemptionid'),
        reward: row.needed('reward', 'rewardid'),
        at,
      });
    else throw new Error(`effects, row ${index + 1}: kind: expected debit, credit or reward; found ${kind}`);
  });
  return { debits, credits, ...(hasRewards && { rewards }) };
}

/** A row whose columns are found in any letter case, with or without underscores: databases fold names. */
class Row {
  readonly #columns = new Map<string, unknown>();
  readonly #place: string;

  constructor(row: unknown, number: number) {
    this.#place = `effects, row ${number}`;
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new Error(`${this.#place}: expected an object of columns`);
    for (const [name, value] of Object.entries(row))
      this.#columns.set(name.toLowerCase().replaceAll('_', ''), value);
  }

  text(...names: readonly string[]): string | undefined {
    const value = this.#value(names);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
      return String(value);
    throw this.#wrong(names, 'a text');
  }

  needed(...names: readonly string[]): string {
    const text = this.text(...names);
    if (text === undefined) throw this.#wrong(names, 'a text');
    return text;
  }

  points(amounts: Amounts | undefined): number {
    const value = this.#value(['points', 'amount']);
    const plain = typeof value === 'bigint' ? String(value) : value;
    const points = pointsOf(plain, amounts ?? { unit: 1, as: 'number' });
    if (points === undefined || points < 0)
      throw this.#wrong(['points'], 'what was booked, as a number that is not negative');
    return points;
  }

  instant(): number | Date | string {
    const value = this.#value(['at', 'atms']);
    if (typeof value === 'number' || value instanceof Date) return value;
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'string' && value !== '') return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    throw this.#wrong(['at'], 'ms since the epoch, or a time');
  }

  #value(names: readonly string[]): unknown {
    const name = names.find((one) => this.#columns.has(one));
    return name === undefined ? undefined : this.#columns.get(name);
  }

  #wrong([name = '']: readonly string[], expected: string): Error {
    return new Error(
      `${this.#place}: ${name}: expected ${expected}; it has ${[...this.#columns.keys()].join(', ')}`,
    );
  }
}
