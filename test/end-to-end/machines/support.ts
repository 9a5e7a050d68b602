/** One reference server, and processes that share one run on it. */

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../../harness/model/protocol.ts';
import { HOOKS_TOKEN, TOKEN, type TestServer } from '../../reference-server/harness.ts';

/** A config that describes the reference server as anybody's endpoint. */
export function writeReferenceConfig(file: string, { url, hooksUrl = '' }: TestServer): string {
  const text = `
const hooks = ${JSON.stringify(hooksUrl)};
async function hook(method, path, body) {
  const response = await fetch(hooks + path, {
    method,
    headers: { authorization: 'Bearer ${HOOKS_TOKEN}', 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(path + ' answered ' + response.status);
  return await response.json();
}
export default {
  baseUrl: ${JSON.stringify(url)},
  auth: { token: ${JSON.stringify(TOKEN)} },
  redeem: {
    path: '${PATHS.redeem}',
    body: { customer_id: '{customer_id}', reward_id: '{reward_id}', points_amount: '{points_amount}', redemption_type: '{redemption_type}', client_redemption_id: '{client_redemption_id}' },
  },
  answer: { redemption: '/redemption_id', customer: '/customer_id', balance: '/balance_after', code: '/code' },
  balance: { path: '${PATHS.balance}', value: '/balance' },
  redemptions: {
    path: '${PATHS.redemptions}', items: '/redemptions', redemption: '/redemption_id',
    clientRedemptionId: '/client_redemption_id', reward: '/reward_id', points: '/points_amount', status: '/status',
    nextCursor: '/next_cursor', cursorParameter: 'cursor',
  },
  rewards: [{ id: 'reward_coffee', points: 120 }],
  redemptionTypes: ['discount', 'voucher'],
  contract: { profile: 'seed' },
  limits: { quietMs: 50, readLagMs: 500, lateMs: 250 },
  hooks: {
    provision: async ({ customer, points }) => { await hook('POST', '/hooks/customers', { customer_id: customer, points }); return {}; },
    ledger: async ({ customer }) => {
      const { debits } = await hook('GET', '/hooks/customers/' + customer + '/ledger');
      return { debits: debits.map((one) => ({ redemption: one.redemption_id, points: one.points, at: one.at_ms, key: one.idempotency_key })) };
    },
  },
};
`;
  writeFileSync(file, text);
  return file;
}

/** Histories of a scenario under `out`, in the order of the parts. */
export function historiesIn(out: string, scenario: string): string[] {
  const folder = join(out, scenario);
  const part = (name: string): number => Number(/-(\d+)of\d+$/.exec(name)?.[1]);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\dof\d+$/.test(name))
    .toSorted((one, two) => part(one) - part(two))
    .map((name) => join(folder, name, 'history.ndjson'));
}
