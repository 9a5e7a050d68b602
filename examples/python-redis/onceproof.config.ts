import { Redis } from 'ioredis';
import { defineConfig } from 'onceproof';

const address = process.env['REDIS'] ?? '127.0.0.1:6379';
/** The hooks go past the service, straight to its store; a connection left open would keep onceproof from ending. */
async function asked<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(`redis://${address}`);
  redis.on('error', () => {});
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

interface Entry {
  readonly redemption: string;
  readonly points: number;
  readonly key: string;
  readonly at: number;
}

export default defineConfig({
  baseUrl: 'http://127.0.0.1:0',
  redeem: { path: '/redeem', body: { member: '{customer_id}', gift: '{reward_id}' } },
  answer: { redemption: '/order', code: '/code' },
  balance: { path: '/points/{customer_id}', value: '/points' },
  rewards: [
    { id: 'mug', points: 300 },
    { id: 'pen', points: 100 },
  ],
  contract: {
    profile: 'ietf',
    inFlight: 'wait',
    missingKey: { status: 400, code: 'NO_KEY' },
    otherPayload: { status: 422, code: 'KEY_USED' },
    insufficientPoints: { status: 402, code: 'TOO_FEW_POINTS' },
    storeDown: { status: 503, code: 'STORE_DOWN' },
    unknownCustomer: { status: 404, code: 'WHO' },
    unknownReward: { status: 404, code: 'NO_SUCH_GIFT' },
    ttlMs: 'unspecified',
    expiredKey: 'unspecified',
  },
  stores: { cache: { kind: 'redis', at: address } },
  service: {
    command: ['python3', 'service.py'],
    env: { REDIS: '{cache}', PORT: '{port}', EDITION: process.env['EDITION'] ?? 'right' },
    ready: '/ready',
    replicas: 2,
  },
  hooks: {
    async provision({ customer, points }) {
      await asked((redis) => redis.set(`points:${customer}`, points));
    },
    async ledger({ customer }) {
      const entries = await asked((redis) => redis.lrange(`ledger:${customer}`, 0, -1));
      return { debits: entries.map((entry) => JSON.parse(entry) as Entry) };
    },
  },
  limits: { timeoutMs: 2000, settleMs: 5000 },
});
