/** Four small right endpoints, written for their documents: one process, one map, the answer of a key kept. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

type Body = Record<string, unknown>;

interface Shape {
  /** What the header `Authorization` has to be. */
  readonly authorization?: string;
  readonly keyHeader: string;
  readonly redeem: RegExp;
  readonly balance: RegExp;
  readonly list: RegExp;
  /** Customer, reward and points of a redemption; the customer may stand in the path. */
  readonly wish: (
    body: Body,
    inPath: string,
  ) => { customer: string; reward: string; points: number } | undefined;
  /** `location`: its address, and nothing else. */
  readonly done: (made: Made) => Done;
  readonly shownBalance: (customer: string, points: number) => unknown;
  readonly shownList: (made: readonly Made[]) => unknown;
}

type Done = { readonly status: number; readonly body: unknown } | { readonly location: string };

export interface Made {
  readonly id: string;
  readonly customer: string;
  readonly reward: string;
  readonly points: number;
  readonly left: number;
  readonly body: Body;
}

const START = 10_000;
/** The only customers there are. */
const CUSTOMERS = ['cus_9s6XKzkNRiz8i3', 'M-1001', '4711', 'ada'];

async function start(shape: Shape): Promise<Endpoint> {
  const left = new Map(CUSTOMERS.map((customer) => [customer, START]));
  const made: Made[] = [];
  const byKey = new Map<string, Done>();
  const server: Server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const tell = (done: Done): void => {
      if ('location' in done) response.writeHead(201, { location: done.location }).end();
      else send(done.status, done.body);
    };
    const path = request.url ?? '';
    const isAllowed =
      shape.authorization === undefined || request.headers.authorization === shape.authorization;
    if (!isAllowed) return send(401, { error: { code: 'unauthorized' } });
    if (request.method === 'GET') {
      const [, balanceOf] = shape.balance.exec(path) ?? [];
      const [, listOf] = shape.list.exec(path) ?? [];
      const points = left.get(decodeURIComponent(balanceOf ?? ''));
      if (points !== undefined)
        return send(200, shape.shownBalance(decodeURIComponent(balanceOf ?? ''), points));
      if (listOf !== undefined && left.has(decodeURIComponent(listOf)))
        return send(
          200,
          shape.shownList(made.filter(({ customer }) => customer === decodeURIComponent(listOf))),
        );
      return send(404, { code: 'nowhere' });
    }
    void (json(request) as Promise<Body>).then((body) => {
      const found = shape.redeem.exec(path);
      const key = request.headers[shape.keyHeader];
      if (found === null || typeof key !== 'string') return send(found === null ? 404 : 400, { code: 'no' });
      const known = byKey.get(key);
      if (known !== undefined) return tell(known);
      const wish = shape.wish(body, decodeURIComponent(found[1] ?? ''));
      const points = left.get(wish?.customer ?? '');
      if (wish === undefined || points === undefined || points < wish.points)
        return send(422, { code: 'no' });
      const one = { ...wish, id: `x-${made.length + 1}`, left: points - wish.points, body };
      left.set(wish.customer, one.left);
      made.unshift(one);
      const answer = shape.done(one);
      byKey.set(key, answer);
      return tell(answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

const whole = (value: unknown): value is number => Number.isInteger(value);

export const ENDPOINTS: Readonly<
  Record<string, { readonly base: string; readonly start: () => Promise<Endpoint> }>
> = {
  'stripe-style.json': {
    base: '',
    start: () => {
      const shown = ({ id, customer, reward, points }: Made) => ({
        id,
        object: 'voucher_redemption',
        customer,
        reward,
        points,
        created: 1,
        status: 'succeeded',
      });
      return start({
        authorization: 'Bearer sk_test_of_this_test',
        keyHeader: 'idempotency-key',
        redeem: /^\/v1\/voucher_redemptions$/,
        balance: /^\/v1\/customers\/([^/?]+)$/,
        list: /^\/v1\/voucher_redemptions\?customer=([^&]+)$/,
        wish: ({ customer, reward, points }) =>
          reward === 'rwd_espresso' && whole(points)
            ? { customer: String(customer), reward, points }
            : undefined,
        done: (made) => ({ status: 200, body: shown(made) }),
        shownBalance: (id, points) => ({
          id,
          object: 'customer',
          created: 1,
          points_balance: points,
          livemode: false,
        }),
        shownList: (made) => ({ object: 'list', has_more: false, data: made.map(shown) }),
      });
    },
  },
  'loyalty.yaml': {
    base: '/programme',
    start: () => {
      const shown = ({ id, customer, reward, points, body }: Made) => ({
        redemptionId: id,
        member: { id: customer, tier: 'gold' },
        rewardId: reward,
        points,
        clientReference: body['clientReference'],
        state: 'DONE',
      });
      return start({
        authorization: 'Bearer sk_test_of_this_test',
        keyHeader: 'x-idempotency-key',
        redeem: /^\/programme\/members\/([^/]+)\/redemptions$/,
        balance: /^\/programme\/members\/([^/]+)\/account$/,
        list: /^\/programme\/members\/([^/]+)\/redemptions$/,
        wish: ({ reward, cost, channel }, customer) => {
          const { id } = reward as { id?: unknown };
          const { points } = cost as { points?: unknown };
          const isRight = id === 'MUG' && whole(points) && ['app', 'web', 'till'].includes(String(channel));
          return isRight ? { customer, reward: id, points } : undefined;
        },
        done: (made) => ({ status: 201, body: { redemption: shown(made), remainingPoints: made.left } }),
        shownBalance: (id, points) => ({
          member: { id, tier: 'gold', points: { available: points, pending: 0 } },
        }),
        shownList: (made) => made.map(shown),
      });
    },
  },
  'wallet.json': {
    base: '/wallet',
    start: () =>
      start({
        keyHeader: 'request-id',
        redeem: /^\/wallet\/redeem$/,
        balance: /^\/wallet\/users\/([^/]+)\/wallet$/,
        list: /^\/wallet\/users\/([^/?]+)\/history/,
        wish: ({ user_id: user, offer_id: offer, amount }) =>
          offer === 'cinema' && whole(amount)
            ? { customer: String(user), reward: offer, points: amount }
            : undefined,
        done: ({ id, customer, left: now }) => ({
          status: 200,
          body: { transaction_id: id, user_id: Number(customer), new_balance: now },
        }),
        shownBalance: (customer, points) => ({ data: { user_id: Number(customer), balance: points } }),
        shownList: (made) => ({
          next_cursor: null,
          entries: made.map(({ id, reward, points }) => ({
            transaction_id: id,
            offer_id: reward,
            amount: points,
          })),
        }),
      }),
  },
  // Amounts as decimals in texts, a Location and no body, customers in paths, pages by links, Basic.
  'points-bank.yaml': {
    base: '',
    start: () =>
      start({
        authorization: `Basic ${Buffer.from('till-7:of-this-test').toString('base64')}`,
        keyHeader: 'x-request-id',
        redeem: /^\/accounts\/([^/]+)\/burns$/,
        balance: /^\/accounts\/([^/]+)$/,
        list: /^\/accounts\/([^/]+)\/burns$/,
        wish: ({ item }, customer) => (item === 'mug' ? { customer, reward: item, points: 1250 } : undefined),
        done: ({ id, customer }) => ({ location: `/accounts/${customer}/burns/${id}` }),
        shownBalance: (_, points) => ({ account: { available: (points / 100).toFixed(2) } }),
        shownList: (made) =>
          made.map(({ id, reward, points }) => ({ ref: id, item: reward, cost: (points / 100).toFixed(2) })),
      }),
  },
};
