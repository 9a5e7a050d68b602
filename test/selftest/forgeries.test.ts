/** Lies in answers and reads: which there are, that they are told only by rewriting, and that a silent rule is seen. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { PROFILES } from '../../harness/model/contract.ts';
import { referenceTarget } from '../../harness/model/target.ts';
import { RULES, type Verdict, type Violation } from '../../harness/model/verdict.ts';
import { resultOfAll, rulesOf, tallied, together, untold } from '../../harness/selftest/alive.ts';
import { FORGERIES, sorted } from '../../harness/selftest/forgeries.ts';
import { startForgingHop } from '../../harness/selftest/forging-hop.ts';
import { Teller } from '../../harness/selftest/teller.ts';
import { WireCalls, type Asked } from '../../harness/selftest/wire-calls.ts';
import {
  doubled,
  hidden,
  withBalanceMoved,
  withItems,
  withValue,
} from '../../harness/selftest/wire-edits.ts';

const target = referenceTarget('http://127.0.0.1:1');
const contract = PROFILES.seed;
const told = (body: unknown, status = 200) => ({
  status,
  headers: { 'content-type': 'application/json' },
  text: JSON.stringify(body),
});
const asked = (path: string, over: Partial<Asked> = {}): Asked => ({
  method: 'GET',
  path,
  headers: {},
  text: '',
  ...over,
});

test('each rule that answers and reads can break has a forgery; a name is there once', () => {
  const rules = new Set(FORGERIES.map(({ rule }) => rule));
  expect(RULES.filter((rule) => !rules.has(rule))).toEqual(['process-death']);
  expect(new Set(FORGERIES.map(({ name }) => name)).size).toBe(FORGERIES.length);
});

describe('where a config has no place for a lie it is said why', () => {
  const whyNot = (over: Partial<typeof target>, rows: Partial<typeof contract> = {}, readLagMs = 0) =>
    new Map(
      sorted({ ...target, ...over }, { ...contract, ...rows }, readLagMs).map(({ forgery, why }) => [
        forgery.name,
        why,
      ]),
    );

  test('the bundled server has a place for all', () => {
    expect([...whyNot({}).values()].filter((why) => why !== undefined)).toEqual([]);
  });

  test('a read that may lag tells no lie by lagging', () => {
    expect(whyNot({}, {}, 1).get('shown-too-late')).toMatch(/may lag by 1 ms/);
    expect(whyNot({}, {}, 1).get('hidden-entry')).toBeUndefined();
  });

  test.each([
    ['swapped-answer', { answer: {} }, {}, /no answer names its redemption/],
    ['point-too-few', { balance: undefined as never }, {}, /no balance is read/],
    ['hidden-entry', { redemptions: undefined as never }, {}, /no list is read/],
    ['marked-too-soon', {}, { replayMarker: 'none' }, /no replay marker/],
    ["missing-key's-200", {}, { missingKey: 'accepted' as never }, /missingKey refuses nothing/],
  ])('%s', (name, over, rows, why) => {
    expect(whyNot(over, rows as never).get(name)).toMatch(why);
  });
});

describe('which call a request is', () => {
  const calls = new WireCalls(target, '/shop');
  const none = new Set<string>();
  test.each([
    ['/shop/api/v2/loyalty/customers/c%201/balance', 'balance', 'c 1'],
    ['/shop/api/v2/loyalty/redemptions/c1?cursor=2', 'list', 'c1'],
  ])('%s', (path, kind, customer) => {
    expect(calls.callOf(asked(path), none)).toEqual({ kind, customer });
  });

  test('a redemption is known by its body, what is not ours by nothing', () => {
    const post = asked('/shop/api/v2/loyalty/rewards/redeem', {
      method: 'POST',
      headers: { 'idempotency-key': 'k' },
      text: JSON.stringify({ customer_id: 'c1', reward_id: 'reward_coffee', points_amount: 120 }),
    });
    expect(calls.callOf(post, none)).toEqual({ kind: 'redeem', customer: 'c1' });
    expect(calls.wantedOf(post)).toEqual({ key: 'k', hasManyKeys: false, reward: 'reward_coffee' });
    expect(calls.callOf(asked('/api/v2/loyalty/rewards/redeem'), none)).toBeUndefined();
    expect(calls.callOf(asked('/shop/other'), none)).toBeUndefined();
  });

  test('a customer that stands in no path is found among those that are known, the longest name first', () => {
    const own = { ...target, balance: { path: '/me/balance', value: '/points' } };
    const known = new Set(['c1', 'c11']);
    const request = asked('/me/balance', { headers: { authorization: 'Bearer token-of-c11' } });
    expect(new WireCalls(own, '').callOf(request, known)).toEqual({ kind: 'balance', customer: 'c11' });
    expect(new WireCalls(own, '').callOf(asked('/me/balance'), known)).toBeUndefined();
  });
});

describe('rewriting', () => {
  const list = told({
    redemptions: [{ redemption_id: 'r1', points_amount: 5 }, { redemption_id: 'r2' }],
    x: 1,
  });
  const idsOf = ({ text }: { readonly text: string }) =>
    (JSON.parse(text) as { redemptions: { redemption_id: string }[] }).redemptions.map(
      (one) => one.redemption_id,
    );

  test('changes what the pointer names, and nothing beside it', () => {
    expect(idsOf(withItems(target, list, hidden(target, 'r1')))).toEqual(['r2']);
    expect(idsOf(withItems(target, list, doubled(target, 'r1', 'r9')))).toEqual(['r9', 'r1', 'r2']);
    expect(JSON.parse(withBalanceMoved(target, told({ balance: 7, y: 2 }), -3).text)).toEqual({
      balance: 4,
      y: 2,
    });
    expect(withValue(told({ a: { b: 1, c: 2 } }), '/a/b', 9).text).toBe('{"a":{"b":9,"c":2}}');
  });

  test('leaves alone what is no JSON, and what is not there', () => {
    const plain = { ...list, text: '<html>' };
    expect(withItems(target, plain, hidden(target, 'r1'))).toBe(plain);
    expect(withBalanceMoved(target, list, 1)).toBe(list);
  });
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

describe('the forging hop', () => {
  /** A server that does each redemption and counts what reaches it. */
  async function rig(names: readonly string[]) {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      const key = String(request.headers['idempotency-key'] ?? '');
      seen.push(`${request.method} ${request.url} ${key}`);
      request.resume().once('end', () => {
        const isRead = request.method === 'GET';
        response.writeHead(200, { 'content-type': 'application/json', 'x-own': 'kept' });
        response.end(JSON.stringify(isRead ? { balance: 100 } : { redemption_id: 'r1', customer_id: 'c1' }));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closers.push(async () => server.close().closeAllConnections());
    const teller = new Teller({ target, contract, isListed: true });
    teller.want(FORGERIES.filter(({ name }) => names.includes(name)));
    const port = (server.address() as AddressInfo).port;
    const hop = await startForgingHop([`http://127.0.0.1:${port}`], target, teller, new Set());
    closers.push(() => hop.close());
    const redeem = (key: string) =>
      fetch(`${hop.urls[0]}/api/v2/loyalty/rewards/redeem`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ customer_id: 'c1', reward_id: 'reward_coffee', points_amount: 120 }),
      });
    const balance = async () => {
      const answer = await fetch(`${hop.urls[0]}/api/v2/loyalty/customers/c1/balance`);
      return ((await answer.json()) as { balance: number }).balance;
    };
    return { seen, teller, redeem, balance };
  }

  test('passes each request on once, and tells the truth where no lie was asked for', async () => {
    const { seen, redeem, balance, teller } = await rig([]);
    const answer = await redeem('k1');
    expect([answer.status, answer.headers.get('x-own')]).toEqual([200, 'kept']);
    expect(await answer.json()).toEqual({ redemption_id: 'r1', customer_id: 'c1' });
    expect(await balance()).toBe(100);
    expect(seen).toEqual([
      'POST /api/v2/loyalty/rewards/redeem k1',
      'GET /api/v2/loyalty/customers/c1/balance ',
    ]);
    expect(teller.told.size).toBe(0);
  });

  test('tells a lost effect in the balance without a second request', async () => {
    const { seen, redeem, balance, teller } = await rig(['lost-effect']);
    expect(await balance()).toBe(100);
    expect((await redeem('k1')).status).toBe(200);
    expect(await balance()).toBe(220);
    expect(seen).toHaveLength(3);
    expect([...teller.told].map(([{ name }, customers]) => [name, customers])).toEqual([
      ['lost-effect', ['c1']],
    ]);
  });

  test('swaps the answer to a key that comes again, and keeps to it', async () => {
    const { redeem } = await rig(['swapped-answer']);
    const named = async () =>
      ((await (await redeem('k1')).json()) as { redemption_id: string }).redemption_id;
    expect(await named()).toBe('r1');
    const swapped = await named();
    expect(swapped).not.toBe('r1');
    expect(await named()).toBe(swapped);
  });
});

describe('which rules are alive', () => {
  const forgery = FORGERIES.find(({ name }) => name === 'doubled-debit') ?? expect.fail('no such forgery');
  const at = (rule: Violation['rule'], customer: string): Violation => ({
    ...{ rule, customer, summary: 's', attempts: [], expected: '', found: '' },
  });
  const unforged: Pick<Verdict, 'unjudged'>[] = [{ unjudged: [] }];
  const valid = [{ scenario: 'double-click', verdict: 'valid' as const }];
  const stateOf = (violations: readonly Violation[]) =>
    rulesOf([tallied(forgery, ['c1', 'c2'], { violations })], unforged).find(
      ({ rule }) => rule === 'double-debit',
    )?.state;

  test('one that found its lie at one customer at least, in one of several runs', () => {
    expect(stateOf([at('double-debit', 'c1'), at('double-debit', 'c2')])).toBe('alive');
    expect(stateOf([at('double-debit', 'c1'), at('duplicate-intent', 'c2')])).toBe('alive');
    expect(stateOf([at('double-debit', 'c1')])).toBe('alive');
    const silent = tallied(forgery, ['c1'], { violations: [] });
    const found = tallied(forgery, ['c2'], { violations: [at('double-debit', 'c2')] });
    expect(together(silent, found)).toMatchObject({ customers: 2, found: 1, fired: 1 });
  });

  test('not one whose lie nobody found: dead; or that other rules found: not proved', () => {
    expect(stateOf([])).toBe('dead');
    expect(stateOf([at('double-debit', 'c3')])).toBe('dead');
    expect(stateOf([at('conservation', 'c1'), at('conservation', 'c2')])).toBe('unproved');
  });

  test('a dead rule, and a finding where nobody was lied to, fail; what could not be tried is undecided', () => {
    const dead = rulesOf([tallied(forgery, ['c1'], { violations: [] })], unforged);
    expect(resultOfAll(valid, dead, [], false)).toBe('missed');
    const alive = rulesOf(
      [tallied(forgery, ['c1'], { violations: [at('double-debit', 'c1')] })],
      [{ unjudged: RULES.filter((rule) => rule !== 'double-debit').map((rule) => ({ rule, why: 'w' })) }],
    );
    expect(resultOfAll(valid, alive, [], false)).toBe('caught');
    expect(resultOfAll(valid, alive, ['double-click: stuck at c3'], false)).toBe('missed');
    expect(resultOfAll(valid, alive, [], true)).toBe('undecided');
    expect(resultOfAll([{ scenario: 's', verdict: 'invalid' }], alive, [], false)).toBe('missed');
    expect(resultOfAll([{ scenario: 's', verdict: 'unknown' }], alive, [], false)).toBe('undecided');
    expect(resultOfAll(valid, rulesOf([untold(forgery)], unforged), [], false)).toBe('undecided');
  });

  test('a rule that no run of the truth judges is not judgeable; one that a single run judges is', () => {
    const why = 'no balance can be read';
    const unjudged = [{ unjudged: [{ rule: 'double-debit', why }] }];
    const [row] = rulesOf([untold(forgery)], unjudged);
    expect(row).toMatchObject({ rule: 'double-debit', state: 'not-judgeable', why });
    expect(rulesOf([untold(forgery)], [...unjudged, { unjudged: [] }])[0]?.state).toBe('unproved');
  });
});
