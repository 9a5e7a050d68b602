import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROFILES } from '../../harness/model/contract.ts';
import { MemoryStore } from '../../reference-server/memory-store.ts';
import { FulfilmentFailed, redeem, type RedeemParts } from '../../reference-server/redeem.ts';
import { openRedisStore } from '../../reference-server/redis-store.ts';
import { fingerprintOf, rulesOf } from '../../reference-server/rules.ts';
import type { Claim, ClaimRequest, Payload, Store } from '../../reference-server/store.ts';
import { NO_REDIS, startRedis, type RunningRedis } from '../support/redis.ts';
import { gate, partsOver, payloadOf } from './core.ts';
import { fresh } from './harness.ts';

const KINDS = [
  { name: 'memory', skip: false, cluster: undefined },
  { name: 'Redis', skip: NO_REDIS !== undefined, cluster: false },
  { name: 'a Redis Cluster of one node', skip: NO_REDIS !== undefined, cluster: true },
];
const LEASE_MS = 60_000;

describe.each(KINDS)('the store in $name', ({ skip, cluster }) => {
  let store: Store;
  let redis: RunningRedis | undefined;

  beforeAll(async () => {
    if (skip) return;
    if (cluster !== undefined) redis = await startRedis({ cluster });
    store = redis
      ? await openRedisStore({ url: redis.url, keyPrefix: 'test', timeoutMs: 5000, log: () => {} })
      : new MemoryStore();
  });
  afterAll(async () => {
    await store?.close();
    await redis?.stop();
  });
  const test = it.skipIf(skip);

  async function customerWith(points: number, idleTtlMs?: number): Promise<string> {
    const customer = fresh('c');
    await store.provision({ customer, points, reset: false, ...(idleTtlMs ? { idleTtlMs } : {}) });
    return customer;
  }

  /** A claim as its owner holds it. `leaseMs` 0 has lapsed at once. */
  async function claimed(payload: Payload, owner: string, leaseMs = LEASE_MS): Promise<Claim> {
    const result = await store.claim(asked(payload, owner, leaseMs));
    if (result.kind !== 'claimed') throw new Error(`not claimed but ${result.kind}`);
    return { customer: payload.customer, key: 'k', owner, leaseMs, redemption: result.redemption, payload };
  }

  test('of fifty concurrent claims of one key exactly one gets it', async () => {
    const payload = payloadOf(await customerWith(1000));
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) => store.claim(asked(payload, `owner${n}`, LEASE_MS))),
    );
    expect(results.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'in-flight')).toHaveLength(49);
  });

  test('every step repeated by its owner changes nothing and says the same', async () => {
    const payload = payloadOf(await customerWith(1000), { clientRedemptionId: 'mine' });
    const first = await store.claim(asked(payload, 'me', LEASE_MS));
    const second = await store.claim({ ...asked(payload, 'me', LEASE_MS), redemption: 'another' });
    expect({ ...second, isResumed: false }).toEqual(first);
    const claim = await claimed(payload, 'me');
    const debit = await store.debit(claim, false);
    expect(await store.debit(claim, false)).toEqual(debit);
    await store.issueReward(payload.customer, claim.redemption, payload.reward);
    await store.issueReward(payload.customer, claim.redemption, payload.reward);
    const answer = { status: 200, body: 'first' };
    expect(await store.complete(claim, answer)).toEqual({ kind: 'completed' });
    expect(await store.complete(claim, { status: 200, body: 'second' })).toEqual({ kind: 'completed' });
    expect(await store.claim(asked(payload, 'other', LEASE_MS))).toEqual({ kind: 'done', answer });
    const { debits, rewards } = (await store.ledger(payload.customer)) ?? { debits: [] };
    expect([debits.length, rewards?.length, await store.balance(payload.customer)]).toEqual([1, 1, 880]);
  });

  test('a claim with the debit in the same step debits once, however often it is taken over', async () => {
    const payload = payloadOf(await customerWith(1000));
    const first = await store.claim({ ...asked(payload, 'one', 0), debits: true });
    const second = await store.claim({ ...asked(payload, 'two', 0), debits: true });
    expect(first).toMatchObject({ kind: 'claimed', isResumed: false, debited: { balanceAfter: 880 } });
    expect(second).toEqual({ ...first, isResumed: true });
    expect(await store.balance(payload.customer)).toBe(880);
  });

  test('an owner whose lease has lapsed can neither debit nor complete nor release', async () => {
    const payload = payloadOf(await customerWith(1000));
    const claim = await claimed(payload, 'slow', 0);
    expect(await store.debit(claim, false)).toEqual({ kind: 'lost' });
    expect(await store.complete(claim, { status: 200, body: '' })).toEqual({ kind: 'lost' });
    await store.release(claim);
    expect(await store.balance(payload.customer)).toBe(1000);
    const next = await claimed(payload, 'next');
    expect(next.redemption).toBe(claim.redemption);
    expect(await store.debit(claim, false)).toEqual({ kind: 'lost' });
    expect(await store.debit(next, false)).toMatchObject({ kind: 'debited', balanceAfter: 880 });
    expect(await store.complete(claim, { status: 200, body: 'stale' })).toEqual({ kind: 'lost' });
    await store.release(claim);
    expect(await store.claim(asked(payload, 'third', LEASE_MS))).toMatchObject({ kind: 'in-flight' });
  });

  test('of many that take over a lapsed claim exactly one gets it', async () => {
    const payload = payloadOf(await customerWith(1000));
    const { redemption } = await claimed(payload, 'dead', 0);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.claim(asked(payload, `next${n}`, LEASE_MS))),
    );
    const winners = results.filter(({ kind }) => kind === 'claimed');
    expect(winners).toEqual([{ kind: 'claimed', redemption, isResumed: true, isRewarded: false }]);
  });

  test('too few points at the debit leave no trace of the claim', async () => {
    const payload = payloadOf(await customerWith(100), { clientRedemptionId: 'mine' });
    const claim = await claimed(payload, 'me');
    expect(await store.debit(claim, false)).toEqual({ kind: 'insufficient-points', balance: 100 });
    expect(await store.debit(claim, false)).toEqual({ kind: 'lost' });
    await store.credit(payload.customer, 20);
    const again = await store.claim({ ...asked(payload, 'other', LEASE_MS), key: 'k2', debits: true });
    expect(again).toMatchObject({ kind: 'claimed', isResumed: false, debited: { balanceAfter: 0 } });
  });

  test('a frozen clock neither keeps a lease alive nor lets it lapse', async () => {
    const payload = payloadOf(await customerWith(1000));
    await store.setClock(payload.customer, { kind: 'set', nowMs: 1_700_000_000_000, isFrozen: true });
    const lapsed = await claimed(payload, 'dead', 0);
    expect((await claimed(payload, 'next')).redemption).toBe(lapsed.redemption);
    await store.setClock(payload.customer, { kind: 'advance', byMs: 3_600_000 });
    expect(await store.claim(asked(payload, 'third', LEASE_MS))).toMatchObject({ kind: 'in-flight' });
  });

  test('a claim that is still held is never taken for new, whatever its age', async () => {
    const payload = payloadOf(await customerWith(1000));
    const request = asked(payload, 'me', LEASE_MS);
    const rules = { ...request.rules, tombstoneMs: request.rules.ttlMs };
    await store.claim({ ...request, rules });
    await store.setClock(payload.customer, { kind: 'advance', byMs: rules.tombstoneMs });
    expect(await store.claim({ ...request, rules, owner: 'other' })).toMatchObject({ kind: 'in-flight' });
  });

  test('the clock can be frozen, moved and let go from where it stands', async () => {
    const customer = await customerWith(0);
    expect(await store.setClock(customer, { kind: 'set', nowMs: 5000, isFrozen: true })).toEqual({
      nowMs: 5000,
      isFrozen: true,
    });
    expect(await store.setClock(customer, { kind: 'advance', byMs: 7 })).toEqual({
      nowMs: 5007,
      isFrozen: true,
    });
    const running = await store.setClock(customer, { kind: 'run' });
    expect(running).toMatchObject({ isFrozen: false });
    expect(running?.nowMs).toBeGreaterThanOrEqual(5007);
    expect((await store.clock(customer))?.nowMs).toBeLessThan(3_600_000);
    expect(await store.clock('nobody')).toBeUndefined();
  });

  test('keys whose tombstone has ended are removed as others come', async () => {
    const customer = await customerWith(1_000_000);
    const claim = (key: string, n: number) =>
      store.claim({ ...asked(payloadOf(customer, { clientRedemptionId: `c${n}` }), `o${n}`, 0), key });
    for (let n = 0; n < 20; n++) await claim(`old${n}`, n);
    await store.setClock(customer, { kind: 'advance', byMs: rulesOf(PROFILES.seed).tombstoneMs });
    for (let n = 0; n < 10; n++) await claim(`new${n}`, 100 + n);
    for (let n = 0; n < 20; n++) expect(await store.raw.record(customer, `old${n}`)).toBeUndefined();
    for (let n = 0; n < 10; n++) expect(await store.raw.record(customer, `new${n}`)).toBeDefined();
  });

  test('a customer made by a hook is forgotten when it was idle long enough, and kept while it is used', async () => {
    const idle = await customerWith(1, 50);
    const used = await customerWith(1, 1000);
    // Each look is a use, so nobody looks at the idle one before its time is over.
    for (let n = 0; n < 15; n++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await store.balance(used)).toBe(1);
    }
    expect(await store.balance(idle)).toBeUndefined();
  });

  test('customers with braces in their names are kept apart', async () => {
    const names = ['}', '{}', '{a}b', '%7D'].map((name) => fresh(name));
    for (const [n, customer] of names.entries()) await store.provision({ customer, points: n, reset: false });
    expect(await Promise.all(names.map((name) => store.balance(name)))).toEqual([0, 1, 2, 3]);
  });

  test('counts what it holds', async () => {
    const before = await store.stats();
    const customer = await customerWith(1000);
    await store.claim({ ...asked(payloadOf(customer), 'me', 0), debits: true });
    const after = await store.stats();
    expect(after.customers - before.customers).toBe(1);
    expect(after.redemptions - before.redemptions).toBe(1);
    expect(after.keys).toBeGreaterThan(before.keys);
  });

  describe('with the core', () => {
    const parts = (replaced: Partial<RedeemParts> = {}): RedeemParts => partsOver(store, replaced);

    test('a slow owner that is overtaken answers with the result of the one who finished', async () => {
      const payload = payloadOf(await customerWith(1000));
      const [working, finish] = [gate(), gate()];
      const slow = redeem(
        parts({
          leaseMs: 1,
          fulfil: async () => {
            working.open();
            await finish.opened;
          },
        }),
        { key: 'k', payload },
      );
      await working.opened;
      const other = await redeemUntilDone(parts(), payload);
      finish.open();
      const outcome = await slow;
      expect(outcome).toEqual({ kind: 'answered', isReplay: true, answer: answerIn(other) });
      expect(await effectsOf(payload.customer)).toEqual({ balance: 880, debits: 1, rewards: 1 });
    });

    test('an abandoned redemption is finished for a duplicate under another key', async () => {
      const payload = payloadOf(await customerWith(1000), { clientRedemptionId: 'mine' });
      const dead = await claimed(payload, 'dead', 0);
      const outcome = await redeem(parts(), { key: 'k2', payload });
      expect(outcome).toMatchObject({ kind: 'refused', row: 'duplicateIntent', redemption: dead.redemption });
      expect(await effectsOf(payload.customer)).toEqual({ balance: 880, debits: 1, rewards: 1 });
      expect(await redeem(parts(), { key: 'k', payload })).toMatchObject({
        kind: 'answered',
        isReplay: true,
      });
    });

    test('while the original is open, another key for it is in progress', async () => {
      const payload = payloadOf(await customerWith(1000), { clientRedemptionId: 'mine' });
      await claimed(payload, 'busy');
      const outcome = await redeem(parts(), { key: 'k2', payload });
      expect(outcome).toMatchObject({ kind: 'refused', row: 'inFlight' });
    });

    test('a profile that waits gives the first answer to all', async () => {
      const payload = payloadOf(await customerWith(1000));
      const contract = { ...PROFILES.seed, inFlight: 'wait' } as const;
      const [working, finish] = [gate(), gate()];
      const fulfil = async () => {
        working.open();
        await finish.opened;
      };
      const first = redeem(parts({ contract, fulfil }), { key: 'k', payload });
      await working.opened;
      const second = redeem(parts({ contract }), { key: 'k', payload });
      finish.open();
      expect(answerIn(await second)).toEqual(answerIn(await first));
      expect(await effectsOf(payload.customer)).toEqual({ balance: 880, debits: 1, rewards: 1 });
    });

    test('work that takes longer than its lease is done all the same, once', async () => {
      const payload = payloadOf(await customerWith(1000));
      let made = 0;
      const fulfil = async () => {
        made++;
        await new Promise((resolve) => setTimeout(resolve, 150));
      };
      const outcome = await redeem(parts({ leaseMs: 100, fulfil }), { key: 'k', payload });
      expect(outcome).toMatchObject({ kind: 'answered', isReplay: false });
      expect([made, await effectsOf(payload.customer)]).toEqual([1, { balance: 880, debits: 1, rewards: 1 }]);
    });

    test('a failed fulfilment leaves the redemption open, and the retry finishes it at once', async () => {
      const payload = payloadOf(await customerWith(1000));
      const failing = parts({ fulfil: () => Promise.reject(new FulfilmentFailed('no')) });
      expect(await redeem(failing, { key: 'k', payload })).toEqual({
        kind: 'refused',
        row: 'fulfilmentFailed',
      });
      expect(await redeem(parts(), { key: 'k', payload })).toMatchObject({
        kind: 'answered',
        isReplay: false,
      });
      expect(await effectsOf(payload.customer)).toEqual({ balance: 880, debits: 1, rewards: 1 });
    });

    test('a profile that stores server errors replays them', async () => {
      const payload = payloadOf(await customerWith(1000));
      const contract = PROFILES.stripe;
      const failing = parts({ contract, fulfil: () => Promise.reject(new FulfilmentFailed('no')) });
      const first = await redeem(failing, { key: 'k', payload });
      const again = await redeem(parts({ contract }), { key: 'k', payload });
      expect([answerIn(first).status, answerIn(again)]).toEqual([503, answerIn(first)]);
    });

    test('a profile that stores the refusal for points replays it after a top-up', async () => {
      const payload = payloadOf(await customerWith(100), { clientRedemptionId: 'mine' });
      const contract = { ...PROFILES.seed, storesInsufficientPoints: true };
      for (const splitsDebit of [() => false, () => true]) {
        const first = await redeem(parts({ contract, splitsDebit }), { key: `k${splitsDebit()}`, payload });
        expect(first).toMatchObject({ row: 'insufficientPoints' });
      }
      await store.credit(payload.customer, 1000);
      for (const key of ['kfalse', 'ktrue']) {
        const again = await redeem(parts({ contract }), { key, payload });
        expect(answerIn(again).status).toBe(422);
      }
      // The refused one does not stand in the way of the same redemption under another key.
      expect(await redeem(parts({ contract }), { key: 'k3', payload })).toMatchObject({ kind: 'answered' });
    });

    async function redeemUntilDone(over: RedeemParts, payload: Payload) {
      for (;;) {
        const outcome = await redeem(over, { key: 'k', payload });
        if (outcome.kind === 'answered') return outcome;
      }
    }

    async function effectsOf(customer: string) {
      const { debits, rewards = [] } = (await store.ledger(customer)) ?? { debits: [] };
      return { balance: await store.balance(customer), debits: debits.length, rewards: rewards.length };
    }
  });
});

function asked(payload: Payload, owner: string, leaseMs: number): ClaimRequest {
  return {
    key: 'k',
    fingerprint: fingerprintOf(payload),
    payload,
    rules: rulesOf(PROFILES.seed),
    owner,
    leaseMs,
    redemption: `red_${owner}`,
    isRewardKnown: true,
    debits: false,
    keepsRefused: false,
  };
}

function answerIn(outcome: Awaited<ReturnType<typeof redeem>>) {
  if (outcome.kind !== 'answered') throw new Error(`refused: ${outcome.row}`);
  return outcome.answer;
}
