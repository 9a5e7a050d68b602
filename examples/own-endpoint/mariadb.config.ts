import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { defineConfig } from 'onceproof';
import service from './onceproof.config.ts';

const address = process.env['VOUCHERS_DATABASE'] ?? '';

/** The hooks go past the service, straight to its tables; a connection left open would keep onceproof from ending. */
async function asked(text: string, values: readonly (string | number | null)[]): Promise<RowDataPacket[]> {
  const connection = await createConnection({ uri: address });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(text, [...values]);
    return rows;
  } finally {
    connection.destroy();
  }
}

// The same service, told of a MariaDB instead: only the store and the hooks are others.
export default defineConfig({
  ...service,
  // A free port for each process.
  baseUrl: 'http://127.0.0.1:0',
  stores: { db: { kind: 'mysql', at: { env: 'VOUCHERS_DATABASE' } } },
  service: {
    command: ['node', '--import', 'tsx', 'service/main.ts'],
    env: {
      VOUCHERS_DATABASE: 'mysql://test@{db}/test',
      VOUCHERS_EDITION: { env: 'VOUCHERS_EDITION' },
      VOUCHERS_TOKEN: { env: 'VOUCHERS_TOKEN' },
      VOUCHERS_PORT: '{port}',
    },
    replicas: 2,
  },
  hooks: {
    async provision({ customer, points }) {
      await asked(
        `insert into members (id, points) values (?, ?)
           on duplicate key update points = values(points), test_clock = null, test_shift = 0`,
        [customer, points],
      );
    },
    async credit({ customer, points }) {
      await asked(
        `insert into bookings (member, points, booked_at)
           values (?, ?, cast(unix_timestamp(sysdate(3)) * 1000 as signed))`,
        [customer, points],
      );
      await asked('update members set points = points + ? where id = ?', [points, customer]);
    },
    async setClock({ customer, nowMs, frozen }) {
      const [clock, shift] = frozen ? [nowMs, 0] : [null, nowMs - Date.now()];
      await asked('update members set test_clock = ?, test_shift = ? where id = ?', [clock, shift, customer]);
    },
    async ledger({ customer }) {
      const rows = await asked(
        'select points, voucher, used_key, booked_at from bookings where member = ? order by id',
        [customer],
      );
      const issued = await asked(
        'select number, offer, issued_at from vouchers where member = ? order by position',
        [customer],
      );
      const bookings = rows.map((row) => ({
        voucher: row['voucher'] as string | null,
        key: row['used_key'] as string | null,
        points: Number(row['points']),
        at: Number(row['booked_at']),
      }));
      return {
        debits: bookings
          .filter(({ points }) => points < 0)
          .map(({ points, voucher, key, at }) => ({ redemption: voucher ?? '?', points: -points, key, at })),
        credits: bookings.filter(({ points }) => points > 0).map(({ points, at }) => ({ points, at })),
        rewards: issued.map((row) => ({
          redemption: String(row['number']),
          reward: String(row['offer']),
          at: Number(row['issued_at']),
        })),
      };
    },
  },
});
