/** The config of a shop, as a file: what all shops have in common, with other members over it. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Members as source text, laid over the common ones. */
export function writeShopConfig(
  folder: string,
  url: string,
  members: Readonly<Record<string, string>>,
  { name = 'shop.config.mjs', admin = url, hooks = '' } = {},
): string {
  const all: Record<string, string> = {
    baseUrl: JSON.stringify(url),
    redeem: "{ path: '/{customer_id}/redemptions', body: { reward: '{reward_id}' } }",
    answer: "{ redemption: '/id', balance: '/points', code: '/code' }",
    balance: "{ path: '/{customer_id}/points', value: '/points' }",
    redemptions:
      "{ path: '/{customer_id}/redemptions', items: '/items', redemption: '/id', reward: '/reward', points: '/points', clientRedemptionId: '/name' }",
    rewards: "[{ id: 'mug', points: 300 }, { id: 'pen', points: 100 }]",
    contract: CONTRACT,
    limits: '{ maxVus: 10, timeoutMs: 2000, settleMs: 5000, quietMs: 50, readLagMs: 500, lateMs: 250 }',
    hooks: `{
      async provision({ customer, points }) {
        await fetch(admin + customer, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ points }) });
      },
      async ledger({ customer }) {
        const { redemptions } = await (await fetch(admin + customer)).json();
        return { debits: redemptions.map(({ id, points, at, key }) => ({ redemption: id, points, at, key })) };
      },
      ${hooks}
    }`,
    ...members,
  };
  const lines = Object.entries(all).map(([member, value]) => `  ${member}: ${value},`);
  const file = join(folder, name);
  writeFileSync(
    file,
    `import { createHmac } from 'node:crypto';\nconst admin = ${JSON.stringify(`${admin}/admin/`)};\nexport default {\n${lines.join('\n')}\n};\n`,
  );
  return file;
}

/** What every shop promises. */
export const CONTRACT = `{
    profile: 'ietf', inFlight: 'wait', replayMarker: 'none', ttlMs: 'unspecified', expiredKey: 'unspecified',
    missingKey: { status: 400, code: 'NO_KEY' }, malformedKey: { status: 400, code: 'BAD_KEY' },
    otherPayload: { status: 422, code: 'KEY_USED' }, insufficientPoints: { status: 402, code: 'TOO_FEW_POINTS' },
    unknownCustomer: { status: 404, code: 'NO_SUCH_CUSTOMER' }, unknownReward: { status: 404, code: 'NO_SUCH_REWARD' },
    badToken: { status: 401, code: 'WHO_ARE_YOU' }, otherCustomersData: 'unspecified', duplicateIntent: 'unspecified', quotedKeysEqual: false,
  }`;
