import { defineConfig } from 'onceproof';
import service from './onceproof.config.ts';

// The same description, and beside it what onceproof needs to stand between the service and its database: where the
// database is, and how the service is started. No line of the service knows of it.
export default defineConfig({
  ...service,
  // A free port for each process.
  baseUrl: 'http://127.0.0.1:0',
  stores: { db: { kind: 'postgres', at: { env: 'VOUCHERS_DATABASE' } } },
  service: {
    command: ['node', '--import', 'tsx', 'service/main.ts'],
    env: {
      VOUCHERS_DATABASE: 'postgres://test@{db}/postgres',
      VOUCHERS_EDITION: { env: 'VOUCHERS_EDITION' },
      VOUCHERS_TOKEN: { env: 'VOUCHERS_TOKEN' },
      VOUCHERS_PORT: '{port}',
    },
    replicas: 2,
  },
});
