// Put the description of your endpoint here: `npx onceproof init` writes one, `npx onceproof check-config` tries it.
import { defineConfig } from 'onceproof';

export default defineConfig({
  baseUrl: 'http://loyalty.shop.svc.cluster.local:8080',
  allowedHosts: ['loyalty.shop.svc.cluster.local'],
  auth: { env: 'ENDPOINT_TOKEN' },
  redeem: {
    path: '/api/v2/loyalty/rewards/redeem',
    body: {
      customer_id: '{customer_id}',
      reward_id: '{reward_id}',
      points_amount: '{points_amount}',
      client_redemption_id: '{client_redemption_id}',
    },
  },
  answer: { redemption: '/redemption_id', balance: '/balance_after', code: '/code' },
  balance: { path: '/api/v2/loyalty/customers/{customer_id}/balance', value: '/balance' },
  redemptions: {
    path: '/api/v2/loyalty/redemptions/{customer_id}',
    items: '/redemptions',
    redemption: '/redemption_id',
  },
  rewards: [{ id: 'reward_coffee', points: 120 }],
  // Each virtual user needs one of its own: as many as VUS, over all processes.
  customers: Array.from({ length: 40 }, (_, index) => `load-${index + 1}`),
});
