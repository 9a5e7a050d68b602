import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../harness/config/load.ts';
import type { ResolvedConfig } from '../../harness/config/resolve.ts';
import { startHooksBridge, type HooksBridge } from '../../harness/config/hooks-bridge.ts';
import { fillPath, HOOK_PATHS, type LedgerReading } from '../../harness/model/protocol.ts';
import { balanceUrl, redeemRequest, redemptionsUrl } from '../../harness/model/redeem-request.ts';
import { readAnswer, readBalance, readRedemptions } from '../../harness/model/read-answer.ts';
import { findPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { startVouchers, type Vouchers } from '../support/vouchers.ts';

const example = resolve(import.meta.dirname, '../../examples/own-endpoint');
const isMissing = findPostgres() === undefined;
const why = isMissing ? ' (skipped: PostgreSQL is not installed)' : '';

describe.skipIf(isMissing)(`the voucher service, spoken to by its config alone${why}`, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
    // The config's own hooks look for the tables there.
    process.env['VOUCHERS_DATABASE'] = postgres.url;
  });
  afterAll(async () => {
    delete process.env['VOUCHERS_DATABASE'];
    await postgres.stop();
  });

  describe('the right edition', () => {
    const service = serviceOf('right', () => postgres.url);

    test('gives one voucher for two requests with one key at once, and says which is the repeat', async () => {
      const { redeem, ledger, provision } = service();
      await provision('together', 500);
      const answers = await Promise.all([redeem('together', 'k-1'), redeem('together', 'k-1')]);
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(new Set(answers.map(({ redemption }) => redemption)).size).toBe(1);
      expect(answers.filter(({ replayed }) => replayed)).toHaveLength(1);
      expect((await ledger('together')).debits.map(({ points }) => points)).toEqual([120]);
    });

    test('shows each pointer of the config what it is to show', async () => {
      const { redeem, balance, list, provision, credit, ledger } = service();
      await provision('pointers', 500);
      const answer = await redeem('pointers', 'k-1', 'wish-1');
      expect(answer).toMatchObject({ customer: 'pointers', balance: 380, replayed: false });
      await credit('pointers', 20);
      expect(await balance('pointers')).toBe(400);
      expect(await list('pointers')).toEqual([
        { redemption: answer.redemption, clientRedemptionId: 'wish-1', reward: 'espresso', points: 120 },
      ]);
      const { debits, credits, rewards } = await ledger('pointers');
      expect(debits).toMatchObject([
        { redemption_id: answer.redemption, points: 120, idempotency_key: 'k-1' },
      ]);
      expect(credits.map(({ points }) => points)).toEqual([20]);
      expect(rewards).toMatchObject([{ redemption_id: answer.redemption, reward_id: 'espresso' }]);
    });

    test('lists what takes more than one page, newest first', async () => {
      const { redeem, list, provision } = service();
      await provision('pages', 10_000);
      const numbers: (string | undefined)[] = [];
      for (let index = 0; index < 41; index++) numbers.push((await redeem('pages', `k-${index}`)).redemption);
      expect((await list('pages')).map(({ redemption }) => redemption)).toEqual(numbers.toReversed());
    });

    test('keeps its contract around the expiry of a key, to the millisecond', async () => {
      const { redeem, provision, clock, config } = service();
      const { ttlMs, tombstoneMs } = config.contract;
      if (ttlMs === 'unspecified') throw new Error('the config says how long a key lives');
      await provision('expiry', 1000);
      const start = 1_800_000_000_000;
      await clock('expiry', start);
      const first = await redeem('expiry', 'k-1');
      await clock('expiry', start + ttlMs - 1);
      expect(await redeem('expiry', 'k-1')).toMatchObject({
        status: 201,
        redemption: first.redemption,
        replayed: true,
      });
      await clock('expiry', start + ttlMs);
      expect(await redeem('expiry', 'k-1')).toMatchObject({ status: 410, code: 'KEY_EXPIRED' });
      await clock('expiry', start + tombstoneMs - 1);
      expect(await redeem('expiry', 'k-1')).toMatchObject({ status: 410 });
      await clock('expiry', start + tombstoneMs);
      expect(await redeem('expiry', 'k-1')).toMatchObject({ status: 201, replayed: false });
    });

    test('refuses as its contract says', async () => {
      const { redeem, provision, config } = service();
      const { missingKey, malformedKey, otherPayload, duplicateIntent, insufficientPoints } = config.contract;
      await provision('refusals', 300);
      expect(await redeem('refusals', undefined)).toMatchObject(missingKey as object);
      expect(await redeem('refusals', 'a b')).toMatchObject(malformedKey as object);
      expect(await redeem('refusals', 'k'.repeat(201))).toMatchObject(malformedKey as object);
      expect(await redeem('refusals', 'k-1', 'wish-1')).toMatchObject({ status: 201 });
      expect(await redeem('refusals', 'k-1', 'wish-2')).toMatchObject(otherPayload as object);
      expect(await redeem('refusals', 'k-2', 'wish-1')).toMatchObject(duplicateIntent as object);
      expect(await redeem('refusals', 'k-3')).toMatchObject({ status: 201 });
      expect(await redeem('refusals', 'k-4')).toMatchObject(insufficientPoints as object);
      expect(await redeem('nobody', 'k-1')).toMatchObject(config.contract.unknownCustomer as object);
    });
  });

  describe('the wrong edition', () => {
    const service = serviceOf('wrong', () => postgres.url);

    test('is right as long as one request comes after the other', async () => {
      const { redeem, ledger, provision } = service();
      await provision('one-by-one', 500);
      const first = await redeem('one-by-one', 'k-1');
      expect(await redeem('one-by-one', 'k-1')).toMatchObject({
        redemption: first.redemption,
        replayed: true,
      });
      expect((await ledger('one-by-one')).debits).toHaveLength(1);
    });

    test('debits twice when two requests with one key come at once', async () => {
      const { redeem, ledger, provision } = service();
      await provision('at-once', 100_000);
      // Many keys: of all these pairs at least one meets in the gap.
      const keys = Array.from({ length: 20 }, (_, index) => `k-${index}`);
      await Promise.all(keys.flatMap((key) => [redeem('at-once', key), redeem('at-once', key)]));
      expect((await ledger('at-once')).debits.length).toBeGreaterThan(keys.length);
    });
  });
});

/** Starts an edition before the tests of a suite, and gives them what its config makes of it. */
function serviceOf(edition: 'right' | 'wrong', database: () => string): () => Client {
  let vouchers: Vouchers | undefined;
  let bridge: HooksBridge | undefined;
  let client: Client | undefined;
  beforeAll(async () => {
    vouchers = await startVouchers(database(), edition);
    const env = { VOUCHERS_URL: vouchers.url, VOUCHERS_TOKEN: vouchers.token };
    const config = await loadConfig(join(example, 'onceproof.config.ts'), { env });
    bridge = await startHooksBridge({ hooks: config.hooks, token: 'hooks', tokenFor: config.auth.tokenFor });
    client = clientOf(config, bridge);
  });
  afterAll(async () => {
    await bridge?.close();
    await vouchers?.stop();
  });
  return () => {
    if (client === undefined) throw new Error('the service did not start');
    return client;
  };
}

type Client = ReturnType<typeof clientOf>;

/** What the harness does with a config, in small. */
function clientOf(config: ResolvedConfig, bridge: HooksBridge) {
  const { target } = config;
  const hook = async (method: string, path: string, customer: string, body?: object): Promise<unknown> => {
    const answer = await fetch(bridge.url + fillPath(path, { customer_id: customer }), {
      method,
      headers: { Authorization: 'Bearer hooks' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (answer.status !== 200) throw new Error(await answer.text());
    return await answer.json();
  };
  const get = async (url: string | undefined): Promise<string> => {
    const answer = await fetch(url ?? '', {
      headers: { Authorization: `Bearer ${await config.auth.tokenFor('')}` },
    });
    return await answer.text();
  };
  return {
    config,
    provision: (customer: string, points: number) =>
      hook('POST', HOOK_PATHS.customers, customer, { customer_id: customer, points }),
    credit: (customer: string, points: number) => hook('POST', HOOK_PATHS.credit, customer, { points }),
    clock: (customer: string, nowMs: number) =>
      hook('PUT', HOOK_PATHS.clock, customer, { now_ms: nowMs, frozen: true }),
    ledger: async (customer: string) => (await hook('GET', HOOK_PATHS.ledger, customer)) as LedgerReading,
    balance: async (customer: string) => readBalance(target, await get(balanceUrl(target, customer))),
    list: async (customer: string) => {
      const items = [];
      let next: string | undefined;
      do {
        const page = readRedemptions(target, await get(redemptionsUrl(target, customer, next)));
        items.push(...(page?.items ?? []));
        next = page?.next;
      } while (next !== undefined);
      return items;
    },
    redeem: async (customer: string, key: string | undefined, clientRedemptionId?: string) => {
      const payload = {
        customer,
        reward: 'espresso',
        points: 120,
        ...(clientRedemptionId && { clientRedemptionId }),
      };
      const { method, url, body, headers } = redeemRequest(target, payload);
      const token = await config.auth.tokenFor(customer);
      const withKey = key === undefined ? {} : { [target.redeem.keyHeader]: key };
      const answer = await fetch(url, {
        method,
        body,
        headers: { ...headers, ...withKey, Authorization: `Bearer ${token}` },
      });
      const replayed = answer.headers.get(config.contract.replayMarker) === 'true';
      return { status: answer.status, replayed, ...readAnswer(target, await answer.text()) };
    },
  };
}
