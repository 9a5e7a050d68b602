import { Redis } from 'ioredis';
import { defineConfig } from 'onceproof';

const address = process.env['REDIS'] ?? '127.0.0.1:6379';

export default defineConfig({
  baseUrl: 'http://127.0.0.1:0',
  redeem: { path: '/flyers/{customer_id}/perks', body: { perk: '{reward_id}' } },
  answer: { redemption: '/perk', balance: '/left', code: '/code' },
  balance: { path: '/flyers/{customer_id}/miles', value: '/miles' },
  redemptions: { path: '/flyers/{customer_id}/perks', items: '/perks', redemption: '/redemption' },
  rewards: [
    { id: 'lounge', points: 400 },
    { id: 'snack', points: 60 },
  ],
  contract: {
    profile: 'ietf',
    inFlight: 'wait',
    keyMaxLength: 128,
    quotedKeysEqual: false,
    insufficientPoints: 402,
    ttlMs: 'unspecified',
    expiredKey: 'unspecified',
    replayMarker: 'Idempotent-Replayed',
  },
  stores: { miles: { kind: 'redis', at: address } },
  service: {
    command: [process.env['PERKS'] ?? './perks'],
    env: { PORT: '{port}', REDIS: '{miles}', EDITION: process.env['EDITION'] ?? 'right' },
    ready: '/ready',
    replicas: 2,
  },
  hooks: {
    async provision({ customer, points }) {
      const redis = new Redis(`redis://${address}`);
      await redis.set(`miles:${customer}`, points).finally(() => redis.disconnect());
    },
  },
});
