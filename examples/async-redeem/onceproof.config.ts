import { defineConfig } from 'onceproof';

const port = Number(process.env['PORT'] ?? 4030);

export default defineConfig({
  baseUrl: `http://127.0.0.1:${port}`,
  redeem: { path: '/orders', keyPointer: '/request', body: { member: '{customer_id}', gift: '{reward_id}' } },
  answer: { redemption: '/order', code: '/code' },
  status: { value: '/state', done: ['done'], refused: { refused: 402 }, everyMs: 10 },
  balance: { path: '/members/{customer_id}', value: '/points' },
  redemptions: {
    path: '/members/{customer_id}/orders',
    items: '/orders',
    redemption: '/order',
    reward: '/gift',
    points: '/points',
  },
  rewards: [
    { id: 'mug', points: 300 },
    { id: 'pen', points: 100 },
  ],
  contract: {
    profile: 'ietf',
    inFlight: 'wait',
    insufficientPoints: 402,
    ttlMs: 'unspecified',
    expiredKey: 'unspecified',
  },
  service: {
    command: ['node', 'service.mjs'],
    env: { PORT: '{port}', EDITION: process.env['EDITION'] ?? 'right' },
  },
  hooks: {
    async provision({ customer, points }) {
      const url = `http://127.0.0.1:${port}/members/${encodeURIComponent(customer)}`;
      await fetch(url, { method: 'PUT', body: JSON.stringify({ points }) });
    },
  },
  limits: { timeoutMs: 2000, settleMs: 5000 },
});
