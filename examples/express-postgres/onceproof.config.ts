import pg from 'pg';
import { defineConfig } from 'onceproof';

const database = process.env['DATABASE_URL'] ?? 'postgres://127.0.0.1:5432/gifts';

export default defineConfig({
  baseUrl: 'http://127.0.0.1:0',
  redeem: { path: '/accounts/{customer_id}/gifts', body: { gift: '{reward_id}' } },
  answer: { redemption: '/order', balance: '/left', code: '/code' },
  balance: { path: '/accounts/{customer_id}', value: '/points' },
  redemptions: { path: '/accounts/{customer_id}/gifts', items: '/gifts', redemption: '/id' },
  rewards: [
    { id: 'umbrella', points: 900 },
    { id: 'sticker', points: 40 },
  ],
  contract: {
    profile: 'ietf',
    replayMarker: 'Idempotent-Replayed',
    quotedKeysEqual: false,
    insufficientPoints: { status: 402, code: 'too_few_points' },
    ttlMs: 'unspecified',
    expiredKey: 'unspecified',
  },
  effects: { url: database, sql: 'select id as redemption, points, at from gifts where account = :customer' },
  service: {
    command: ['node', 'service.mjs'],
    env: { PORT: '{port}', DATABASE_URL: database, EDITION: process.env['EDITION'] ?? 'right' },
    ready: '/ready',
    replicas: 2,
  },
  hooks: {
    async provision({ customer, points }) {
      const pool = new pg.Pool({ connectionString: database });
      await pool.query('insert into accounts values ($1, $2)', [customer, points]);
      await pool.end();
    },
  },
});
