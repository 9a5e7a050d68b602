import { defineConfig } from 'onceproof';

const port = Number(process.env['PORT'] ?? 4031);
const { EDITION = 'right', DATABASE = 'treats.db' } = process.env;

export default defineConfig({
  baseUrl: `http://127.0.0.1:${port}`,
  redeem: { path: '/redeem/{customer_id}', body: { treat: '{reward_id}' } },
  answer: { redemption: '/id', balance: '/left', code: '/code' },
  balance: { path: '/points/{customer_id}', value: '/points' },
  redemptions: { path: '/redeemed/{customer_id}', items: '', redemption: '/id', reward: '/treat' },
  rewards: [
    { id: 'cake', points: 250 },
    { id: 'tea', points: 80 },
  ],
  contract: {
    profile: 'stripe',
    inFlight: 'wait',
    missingKey: { status: 400, code: 'no_key' },
    malformedKey: { status: 400, code: 'bad_key' },
    otherPayload: { status: 422, code: 'key_used' },
    insufficientPoints: { status: 402, code: 'too_few_points' },
    keyMaxLength: 200,
    quotedKeysEqual: false,
    storesServerErrors: false,
    ttlMs: 'unspecified',
  },
  service: {
    command: ['python3', 'service.py'],
    env: { PORT: '{port}', DATABASE, EDITION },
    ready: '/ready',
  },
  hooks: {
    async provision({ customer, points }) {
      const url = `http://127.0.0.1:${port}/points/${encodeURIComponent(customer)}`;
      await fetch(url, { method: 'PUT', body: JSON.stringify({ points }) });
    },
  },
});
