/**
 * Starts the voucher service. Environment: VOUCHERS_DATABASE (the URL of a PostgreSQL, or `mysql://…` of a MariaDB), VOUCHERS_EDITION (right, wrong or fragile),
 * VOUCHERS_PORT (default 4010, 0: a free one), VOUCHERS_TOKEN.
 */

import type { AddressInfo } from 'node:net';
import { addMembers, openDatabase } from './database.ts';
import { createService } from './http.ts';
import { rightEdition } from './redeem-right.ts';
import { wrongEdition } from './redeem-wrong.ts';

const { VOUCHERS_DATABASE, VOUCHERS_EDITION = 'right', VOUCHERS_PORT = '4010', VOUCHERS_TOKEN } = process.env;
if (!VOUCHERS_DATABASE || !VOUCHERS_TOKEN) {
  console.error('VOUCHERS_DATABASE and VOUCHERS_TOKEN are needed, see the README');
  process.exit(1);
}

// The fragile edition is the right one as it was before a sweep found that a broken connection ends its process.
const database = await openDatabase(VOUCHERS_DATABASE, { hearsBreaks: VOUCHERS_EDITION !== 'fragile' });
await addMembers(database, ['ada', 'grace', 'katherine', 'margaret'], 1_000_000);
const redeem = VOUCHERS_EDITION === 'wrong' ? wrongEdition(database) : rightEdition(database);
const server = createService(database, redeem, VOUCHERS_TOKEN);
server.listen(Number(VOUCHERS_PORT), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`the ${VOUCHERS_EDITION} edition listens on http://127.0.0.1:${port}`);
});

process.once('SIGTERM', () => {
  server.close(() => void database.close());
  server.closeIdleConnections();
});
