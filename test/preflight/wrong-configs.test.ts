import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseOptions } from '../../reference-server/options.ts';
import { startServer, type RunningServer } from '../../reference-server/server.ts';
import { command } from '../hostile/in-process.ts';
import { temporaryFolder } from '../support/cli.ts';
import { WRONG_CONFIGS, type Config } from './wrong-configs.ts';

const folder = temporaryFolder();
/** Each row has a customer of its own: what one row redeems is no duplicate of another's. */
const CUSTOMERS = WRONG_CONFIGS.map((_, index) => `c-${index + 1}`);
const TOKEN = 'the-token-of-the-wrong-configs';
let server: RunningServer;
let url = '';

beforeAll(async () => {
  const points = [...CUSTOMERS, 'c-right'].map((customer) => `${customer}=5000`);
  const customers = [...points, 'c-poor=20'].flatMap((customer) => ['--customer', customer]);
  const options = parseOptions(['--token', TOKEN, ...customers]);
  if (typeof options === 'string') throw new Error('a text was asked for');
  server = await startServer(options, { emit: () => {}, log: () => {}, die: () => {}, isMortal: false });
  url = server.replicas[0]?.url ?? '';
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

function rightConfig(customer: string): Config {
  return {
    baseUrl: url,
    auth: { token: TOKEN },
    redeem: {
      path: '/api/v2/loyalty/rewards/redeem',
      body: {
        customer_id: '{customer_id}',
        reward_id: '{reward_id}',
        points_amount: '{points_amount}',
        client_redemption_id: '{client_redemption_id}',
      },
    },
    answer: {
      redemption: '/redemption_id',
      customer: '/customer_id',
      balance: '/balance_after',
      code: '/code',
    },
    balance: { path: '/api/v2/loyalty/customers/{customer_id}/balance', value: '/balance' },
    redemptions: {
      path: '/api/v2/loyalty/redemptions/{customer_id}',
      items: '/redemptions',
      redemption: '/redemption_id',
      clientRedemptionId: '/client_redemption_id',
      reward: '/reward_id',
      points: '/points_amount',
      status: '/status',
    },
    rewards: [{ id: 'reward_67890', points: 500 }],
    customers: [customer],
    contract: 'seed',
  };
}

function written(config: Config): string {
  const file = join(folder.path, `${String(config.customers[0])}.json`);
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe('a config that does not describe its endpoint is told in one line', () => {
  test('there are at least sixty of them, no two alike', () => {
    expect(WRONG_CONFIGS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(WRONG_CONFIGS.map(({ title }) => title)).size).toBe(WRONG_CONFIGS.length);
  });

  test.for(WRONG_CONFIGS.map((row, index) => [row.title, row, index] as const))(
    '%s',
    // The issue allows for 5 s.
    { timeout: 5000 },
    async ([, { change, code, line }, index]) => {
      const config = rightConfig(CUSTOMERS[index] ?? '');
      change(config);
      const told = await command(['check-config', written(config)]);
      expect(told.stderr).toMatch(line);
      expect(told.stderr.trimEnd().split('\n'), told.stderr).toHaveLength(1);
      expect(told.stderr).not.toContain(TOKEN);
      expect(told.code).toBe(code);
    },
  );

  test('the right one passes, shows each request and hides the token', async () => {
    const told = await command(['check-config', '--target', written(rightConfig('c-right'))]);
    expect(told.stderr).toBe('');
    expect(told.code).toBe(0);
    for (const step of ['balance', 'list', 'redeem', 'replay', 'read back', 'in flight'])
      expect(told.stdout).toMatch(new RegExp(`^${step}$`, 'm'));
    expect(told.stdout).toContain('= answer.balance: `/balance_after` is 4500');
    expect(told.stdout).toContain('The config describes this endpoint');
    expect(told.stdout).not.toContain(TOKEN);
  });

  test('a run says the same before it attacks, and leaves nothing behind', async () => {
    const config = rightConfig('c-right');
    config.balance.value = '/points';
    const out = join(folder.path, 'out');
    const told = await command(['run', 'lost-answer', '--target', written(config), '--out', out]);
    expect(told.stderr).toMatch(
      /^onceproof: balance\.value: `\/points` not found; the answer has `\/balance`/,
    );
    expect(told.code).toBe(4);
    expect(existsSync(join(out, 'lost-answer')) ? readdirSync(join(out, 'lost-answer')) : []).toEqual([]);
  });
});
