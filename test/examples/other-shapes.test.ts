/** Amounts as texts, pages without cursors, lists per account: judged by config alone. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pointsOf, writtenPoints } from '../../harness/model/amounts.ts';
import { anyConfig, startAnyEndpoint, writeConfig, type EndpointShape } from '../support/any-endpoint.ts';
import { runForVerdict, temporaryFolder, told } from '../support/cli.ts';
import { Lanes } from '../support/lanes.ts';

/** Runs wait more than they work: three at once, each with an endpoint of its own. */
const lanes = new Lanes([1, 2, 3]);

const CENTS = { unit: 100, as: 'text' } as const;
const list = anyConfig('')['redemptions'] as Record<string, unknown>;

async function run(
  shape: EndpointShape,
  members: Readonly<Record<string, unknown>>,
  scenario = 'duplicated-requests',
) {
  const endpoint = await startAnyEndpoint(shape);
  const folder = temporaryFolder();
  try {
    const file = writeConfig(folder.path, anyConfig(endpoint.url, members));
    const out = join(folder.path, 'results');
    const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--seed', '1', '--out', out];
    const args = [scenario, '--target', file, '--intents', '16', ...parts];
    return { ...(await lanes.use(() => runForVerdict(args))), endpoint };
  } finally {
    await endpoint.close();
    folder.remove();
  }
}

test.concurrent(
  'amounts such as "2.50", and pages by an offset: valid, and the wrong edition is not',
  async () => {
    const shape = {
      write: (points: number) => writtenPoints(points, CENTS),
      read: (written: unknown) => pointsOf(written, CENTS) ?? 0,
      paging: 'offset',
    } as const;
    const members = {
      unit: 100,
      amounts: 'text',
      redemptions: { ...list, paging: { by: 'offset', size: 2 } },
    };
    const [right, wrong] = await Promise.all([
      run(shape, members),
      run({ ...shape, isWrong: true }, members),
    ]);
    expect(told(right.verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
    expect(wrong.verdict.violations.map(({ rule }) => rule)).toContain('double-debit');
  },
);

test.concurrent('list and balance of an account, customers that exist, pages by Link: valid', async () => {
  const { verdict, endpoint } = await run(
    { accountOf: (customer) => customer.replace('c', 'acc'), points: 100_000, paging: 'link' },
    {
      balance: { path: '/customers/{account_id}/balance', value: '/balance/amount' },
      redemptions: { ...list, path: '/customers/{account_id}/redemptions', paging: { by: 'link' } },
      customers: [1, 2, 3, 4].map((n) => ({ id: `c${n}`, account: `acc${n}`, token: 't' })),
    },
  );
  expect(told(verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
  expect([...endpoint.accounts.keys()].sort()).toEqual(['acc1', 'acc2', 'acc3', 'acc4']);
  expect(endpoint.seen.some((line) => line.includes('?page=2'))).toBe(true);
});

test.concurrent(
  'rewards that the endpoint prices: valid by its prices, and others are asked about',
  async () => {
    const prices = { tea: 250, cake: 400 };
    const redeem = {
      path: '/redeem',
      body: { customer: '{customer_id}', reward: '{reward_id}', name: '{client_redemption_id}' },
    };
    const rewards = [{ id: 'tea', points: 100 }];
    const [right, other] = await Promise.all([
      run({ prices }, { redeem }),
      run({ prices }, { redeem, rewards }, 'lost-answer'),
    ]);
    expect(told(right.verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
    expect(other.stderr).toContain('of 100 points; is 250 the price of tea (rewards[0].points)?');
  },
);

test.concurrent(
  'customers that exist spend what they have down to the last points, and race for those',
  async () => {
    const customers = [1, 2].map((n) => ({ id: `c${n}`, token: 't' }));
    const { verdict, endpoint } = await run({ points: 5000 }, { customers }, 'near-zero');
    expect(told(verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
    for (const { points } of endpoint.accounts.values()) expect(points).toBeLessThan(400);
  },
);
