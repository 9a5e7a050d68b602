/** Writes a commented config for one's own endpoint. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { harnessError, messageOf, usageError } from '../base/errors.ts';

export const CONFIG_FILE = 'onceproof.config.ts';

/**
 * Writes `onceproof.config.ts` into a folder that exists and returns its path. It is valid as it stands: what has
 * to be changed is marked. Throws a usage error when there is one already, unless `force`.
 */
export async function initConfig({
  dir,
  force = false,
}: {
  readonly dir: string;
  readonly force?: boolean;
}): Promise<string> {
  const file = join(dir, CONFIG_FILE);
  try {
    await writeFile(file, TEMPLATE, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw usageError('init_exists', 'is there already', {
        field: file,
        expected: '--force to overwrite it',
      });
    }
    throw harnessError('init_failed', `cannot be written: ${messageOf(error)}`, {
      field: file,
      cause: error,
    });
  }
  return file;
}

const TEMPLATE = `import { defineConfig } from 'onceproof';

// How onceproof speaks to your redemption endpoint. Lines that you have to adapt are marked with "<-".
// Check it with:  onceproof check-config
export default defineConfig({
  // A test system: points will be spent on it. From the environment: { env: 'BASE_URL' }.
  baseUrl: 'http://127.0.0.1:8080', // <-
  // Nothing is ever sent to a host that is not named. Needed for every host that is not a loopback address.
  // allowedHosts: ['api.staging.example.com'],

  // Sent as "Authorization: Bearer ...". One of:
  auth: 'none', // <-
  // auth: { env: 'API_TOKEN' },
  // auth: { command: ['./print-token.sh', 'staging'] },
  // auth: { oauth: { tokenUrl: 'http://127.0.0.1:9090/token', clientId: 'onceproof', clientSecret: { env: 'SECRET' } } },

  // The call that spends points. Placeholders: {customer_id}, {reward_id}, {points_amount}, {redemption_type} and
  // {client_redemption_id}, the client's own name for what the customer wants; leave out what you do not have.
  redeem: {
    method: 'POST',
    path: '/v1/customers/{customer_id}/redemptions', // <-
    keyHeader: 'Idempotency-Key',
    body: { reward: '{reward_id}', points: '{points_amount}' }, // <-
  },
  // Where things stand in its answers, as JSON pointers.
  answer: {
    redemption: '/id', // <-
    // balance: '/balance',
    // code: '/error/code', // without it, refusals are judged by their status alone
  },

  // How effects are read back. Either may be left out: the rules that need it are then listed as unjudged.
  balance: { path: '/v1/customers/{customer_id}', value: '/points' }, // <-
  redemptions: {
    path: '/v1/customers/{customer_id}/redemptions', // <-
    items: '', // the whole body is the array; '/data' where it is a member
    redemption: '/id',
    points: '/points',
    // nextCursor: '/next', cursorParameter: 'after',
  },

  rewards: [{ id: 'coffee', points: 120 }], // <-

  // What your endpoint promises: 'seed', 'ietf', 'stripe', 'stripe-v2', 'paypal' or 'adyen', and the rows in which it
  // differs; docs/contract.md has them all.
  // 'unspecified' where it promises nothing: then nothing is judged there, and the report says so.
  contract: {
    profile: 'ietf',
    missingKey: 400,
    malformedKey: 'unspecified', // blank, doubled, with blanks in it
    quotedKeysEqual: 'unspecified', // whether "k" and k are one key
    inFlight: 409, // or 'wait': the second request waits for the first one's answer
    otherPayload: 422,
    insufficientPoints: 422,
    ttlMs: 24 * 60 * 60 * 1000,
    expiredKey: 'new', // an old key is a new request at once
  },

  // Customers that exist and have points (with tokens of their own: { id: 'c-1', token: { env: 'TOKEN_1' } }) ...
  customers: ['c-1', 'c-2'], // <-
  // ... or, better, functions that make them. They run in Node beside the test; import what you need for them.
  // hooks: {
  //   async provision({ customer, points }) { await db.query('...'); },
  //   async credit({ customer, points }) { await db.query('...'); },
  //   async ledger({ customer }) { return { debits: await db.query('...') }; }, // { redemption, points, at, key? }
  //   async advanceClock({ customer, byMs }) { return await testClock.advance(customer, byMs); },
  // },

  limits: { maxRequestsPerSecond: 50, maxVus: 10, timeoutMs: 5000, settleMs: 10_000 },
});
`;
