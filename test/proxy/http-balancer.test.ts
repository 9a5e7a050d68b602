/** Each profile before upstreams that really fail: they reset, say nothing, close early, answer junk or a 503. */
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { attempt, closeHops, hopTo, send, TestTimers, type TestHop } from './hop-support.ts';
import { post, replica, type Replica } from './http-servers.ts';
import { later, open, serve, type TestServer } from './servers.ts';

afterEach(closeHops);

type Behaviour = (socket: Socket, request: number) => void;

const json = (status: number, body: string): string =>
  `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const FAILURES = {
  reset: (socket) => socket.resetAndDestroy(),
  close: (socket) => socket.end(),
  'half a head': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'),
  junk: (socket) => socket.end('hello, this is no HTTP\r\n\r\n'),
  hang: () => {},
  'half an answer': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"half'),
  '500': (socket) => socket.write(json(500, '{"own":500}')),
  '503': (socket) => socket.write(json(503, '{"own":503}')),
  '404': (socket) => socket.write(json(404, '{"own":404}')),
} satisfies Record<string, Behaviour>;
type FailureName = keyof typeof FAILURES;

interface Failing extends TestServer {
  /** How many requests have come. */
  readonly count: () => number;
}

/** An upstream that does this to each request (small ones, of one packet each). */
async function failing(behaviour: Behaviour): Promise<Failing> {
  let count = 0;
  const server = await serve((socket) => {
    socket.on('data', () => behaviour(socket, ++count));
    socket.on('end', () => socket.end());
  });
  return { ...server, count: () => count };
}

/** An upstream that is not there. */
async function gone(): Promise<string> {
  const server = await serve(() => {});
  await server.close();
  return server.address;
}

/** An attempt that the seed sends to the first upstream: so that it fails first. */
async function firstTo(hop: TestHop, address: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = `probe-${number}.1`;
    await send(hop.listen, attempt(name));
    const found = hop.arrivals.find((each) => each.attempt === name);
    if (found?.upstream === address) return name;
  }
}

interface Tried {
  readonly hop: TestHop;
  readonly good: Replica;
  readonly bad: string;
  readonly count: () => number;
  readonly name: string;
}

/** A failing upstream and a good one behind one hop with a balancer, and an attempt that meets the failing one first. */
async function tried(
  profile: string,
  failure: FailureName | 'refuse',
  attributes: Record<string, unknown> = {},
): Promise<Tried> {
  const good = await replica('good');
  const server = failure === 'refuse' ? undefined : await failing(FAILURES[failure]);
  const bad = server?.address ?? (await gone());
  // Upstreams that hang are found out by their answer's limit before the toxic is there.
  const hop = await hopTo([bad, good.address], {}, { answerTimeoutMs: 300 });
  const name = await firstTo(hop, bad);
  const before = server?.count() ?? 0;
  good.received.length = 0;
  hop.arrivals.length = 0;
  await hop.toxic('http_balancer', { profile, timeout_ms: 100, ...attributes });
  return { hop, good, bad, count: () => (server?.count() ?? 0) - before, name };
}

const copiesOf = ({ arrivals }: TestHop) =>
  arrivals
    .toSorted((one, two) => one.copy - two.copy)
    .map(({ copy, upstream, answer, fault }) => ({ copy, upstream, answer, fault }));

describe('nginx-non-idempotent', () => {
  test.each(['reset', 'close', 'half a head', 'junk', 'hang', '503', 'refuse'] as const)(
    'sends a POST again to the next server after: %s',
    async (failure) => {
      const { hop, good, bad, name } = await tried('nginx-non-idempotent', failure);
      expect((await send(hop.listen, attempt(name))).text).toContain('r-good');
      await hop.untilArrivals(2);
      expect(good.received.map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual([
        ['k', '{}'],
      ]);
      expect(copiesOf(hop)).toEqual([
        { copy: 0, upstream: bad, answer: failure === '503' ? 503 : undefined, fault: undefined },
        { copy: 1, upstream: good.address, answer: 200, fault: ['http_balancer'] },
      ]);
    },
  );

  test.each([
    ['404', '{"own":404}'],
    ['500', '{"own":500}'],
    ['half an answer', 'Onceproof-By: proxy'],
  ] as const)('does not after: %s', async (failure, expected) => {
    const { hop, good, name } = await tried('nginx-non-idempotent', failure);
    expect((await send(hop.listen, attempt(name))).text).toContain(expected);
    expect(good.received).toHaveLength(0);
  });

  test('asks each server once, and passes on what the last one said', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => failing(FAILURES['503'])));
    const hop = await hopTo(servers.map(({ address }) => address));
    await hop.toxic('http_balancer', { profile: 'nginx-non-idempotent' });
    const { text } = await send(hop.listen, attempt('i.1'));
    expect(text).toContain('{"own":503}');
    expect(text).not.toContain('Onceproof-By');
    expect(servers.map(({ count }) => count())).toEqual([1, 1, 1]);
  });

  test('statuses replace its own', async () => {
    const { hop, name } = await tried('nginx-non-idempotent', '404', { statuses: [404] });
    expect((await send(hop.listen, attempt(name))).text).toContain('r-good');
  });

  test('without the toxic nothing is sent again', async () => {
    const { hop, good, name } = await tried('nginx-non-idempotent', 'reset');
    await hop.proxy.removeToxic('hop', 'http_balancer');
    expect((await send(hop.listen, attempt(name))).text).toContain('HTTP/1.1 502');
    expect(good.received).toHaveLength(0);
  });
});

describe('haproxy-retry-on', () => {
  test.each(['reset', 'close', 'half a head', 'junk', 'hang', '500', '503'] as const)(
    'asks the same server three times more, the last time another, after: %s',
    async (failure) => {
      const { hop, bad, good, count, name } = await tried('haproxy-retry-on', failure);
      expect((await send(hop.listen, attempt(name))).text).toContain('r-good');
      expect(count()).toBe(3);
      await hop.untilArrivals(4);
      expect(copiesOf(hop).map(({ upstream }) => upstream)).toEqual([bad, bad, bad, good.address]);
    },
  );

  test('redispatches each time where it is told so', async () => {
    const { hop, count, name } = await tried('haproxy-retry-on', '503', { redispatch: 'each' });
    expect((await send(hop.listen, attempt(name))).text).toContain('r-good');
    expect(count()).toBe(1);
  });

  test('never redispatches where it is told so, and the client gets the last answer', async () => {
    const { hop, good, count, name } = await tried('haproxy-retry-on', '503', {
      redispatch: 'none',
      retries: 2,
    });
    expect((await send(hop.listen, attempt(name))).text).toContain('{"own":503}');
    expect(count()).toBe(3);
    expect(good.received).toHaveLength(0);
  });

  test.each(['404', 'half an answer'] as const)('does not after: %s', async (failure) => {
    const { hop, count, name } = await tried('haproxy-retry-on', failure);
    await send(hop.listen, attempt(name));
    expect(count()).toBe(1);
  });

  test('a request that does not fit in its buffer is repeated only when no connection came about', async () => {
    const large = `{"pad":"${'x'.repeat(20_000)}"}`;
    const refused = await tried('haproxy-retry-on', 'refuse');
    expect((await send(refused.hop.listen, attempt(refused.name, {}, large))).text).toContain('r-good');
    const unavailable = await tried('haproxy-retry-on', 'reset');
    expect((await send(unavailable.hop.listen, attempt(unavailable.name, {}, large))).text).toContain(
      'HTTP/1.1 502',
    );
    expect(unavailable.good.received).toHaveLength(0);
  });
});

describe('envoy-hedge', () => {
  test('a second request leaves after the per-try timeout, the first goes on, and the first good answer wins', async () => {
    const answers: (() => void)[] = [];
    const slow = await replica('slow', (_, response) => answers.push(() => response.end('{"n":"slow"}')));
    const timers = new TestTimers();
    const hop = await hopTo([slow.address], { after: timers.after });
    await hop.toxic('http_balancer', { profile: 'envoy-hedge', timeout_ms: 250 });
    const client = send(hop.listen, attempt('i.1'));
    await slow.untilReceived(1);
    timers.fire(250);
    await slow.untilReceived(2);
    answers[1]?.();
    expect((await client).text).toContain('{"n":"slow"}');
    expect(hop.arrivals.map(({ copy }) => copy)).toEqual([1]);
    // The first is still on its way: an auditor has to wait for it, and its answer is recorded.
    expect(hop.proxy.pendingFor('k')).toBe(1);
    answers[0]?.();
    await hop.untilArrivals(2);
    expect(hop.arrivals[1]).toMatchObject({ copy: 0, answer: 200 });
  });

  test('the first may win after all', async () => {
    const answers: ((text: string) => void)[] = [];
    const slow = await replica('slow', (_, response) => answers.push((text) => response.end(text)));
    const timers = new TestTimers();
    const hop = await hopTo([slow.address], { after: timers.after });
    await hop.toxic('http_balancer', { profile: 'envoy-hedge', timeout_ms: 250 });
    const client = send(hop.listen, attempt('i.1'));
    await slow.untilReceived(1);
    timers.fire(250);
    await slow.untilReceived(2);
    answers[0]?.('{"n":"first"}');
    expect((await client).text).toContain('{"n":"first"}');
    expect(hop.proxy.pendingFor('k')).toBe(1);
    answers[1]?.('{"n":"second"}');
    await hop.untilArrivals(2);
  });

  test('an error before the timeout is repeated at once', async () => {
    const { hop, count, name } = await tried('envoy-hedge', '503', { timeout_ms: 600_000 });
    expect((await send(hop.listen, attempt(name))).text).toContain('r-good');
    expect(count()).toBe(1);
  });

  test.each([
    ['the request that was hedged', 0],
    ['the hedge', 1],
  ])('%s may fail: the other one is waited for', async (_, failing) => {
    const answers: ((status: number) => void)[] = [];
    const slow = await replica('slow', (_, response) =>
      answers.push((status) => {
        response.statusCode = status;
        response.end(`{"status":${status}}`);
      }),
    );
    const timers = new TestTimers();
    const hop = await hopTo([slow.address], { after: timers.after });
    await hop.toxic('http_balancer', { profile: 'envoy-hedge', timeout_ms: 250 });
    const client = await open(hop.listen);
    client.send(attempt('i.1'));
    await slow.untilReceived(1);
    timers.fire(250);
    await slow.untilReceived(2);
    answers[failing]?.(503);
    await hop.untilArrivals(1);
    expect(client.text).toBe('');
    answers[1 - failing]?.(200);
    expect(await client.untilText('}')).toContain('{"status":200}');
    expect(slow.received).toHaveLength(2);
  });

  test('an answer within the timeout is the only one', async () => {
    const good = await replica('good');
    const hop = await hopTo([good.address]);
    await hop.toxic('http_balancer', { profile: 'envoy-hedge', timeout_ms: 600_000 });
    expect((await send(hop.listen, attempt('i.1'))).text).toContain('r-good');
    expect(good.received).toHaveLength(1);
    expect(hop.arrivals.map(({ copy, fault }) => ({ copy, fault }))).toEqual([{ copy: 0, fault: undefined }]);
  });
});

describe('go-transport', () => {
  /** Answers the first request of each connection, and ends the connection at the second one. */
  const endsSecond = (how: (socket: Socket) => void): Promise<Failing> => {
    const seen = new WeakMap<Socket, number>();
    return failing((socket) => {
      const count = (seen.get(socket) ?? 0) + 1;
      seen.set(socket, count);
      if (count === 1) socket.write(json(200, '{"n":1}'));
      else how(socket);
    });
  };
  const withBalancer = async (server: Failing): Promise<TestHop> => {
    const hop = await hopTo([server.address]);
    await hop.toxic('http_balancer', { profile: 'go-transport' });
    expect((await send(hop.listen, attempt('warm.1'))).text).toContain('{"n":1}');
    return hop;
  };

  test.each([
    ['reset', FAILURES.reset],
    ['close', FAILURES.close],
  ])('repeats on a new connection when a reused one ends before the first byte: %s', async (_, how) => {
    const server = await endsSecond(how);
    const hop = await withBalancer(server);
    expect((await send(hop.listen, attempt('i.1'))).text).toContain('{"n":1}');
    expect(server.count()).toBe(3);
    expect(server.sockets).toHaveLength(2);
    expect(hop.arrivals.slice(1).map(({ copy, answer }) => ({ copy, answer }))).toEqual([
      { copy: 0, answer: undefined },
      { copy: 1, answer: 200 },
    ]);
  });

  test.each([
    ['X-Idempotency-Key', { 'X-Idempotency-Key': 'k' }, '200 X'],
    ['no such header', { 'X-Key': 'k' }, '502 '],
  ])('a POST with %s', async (_, headers, status) => {
    const hop = await withBalancer(await endsSecond(FAILURES.reset));
    expect((await send(hop.listen, post('/', '{}', headers))).text).toContain(`HTTP/1.1 ${status}`);
  });

  test('a GET is repeated without any key', async () => {
    const hop = await withBalancer(await endsSecond(FAILURES.reset));
    expect((await send(hop.listen, 'GET / HTTP/1.1\r\nHost: test\r\n\r\n')).text).toContain('{"n":1}');
  });

  test('nothing is repeated once a byte of the answer has come', async () => {
    const server = await endsSecond(FAILURES['half a head']);
    const hop = await withBalancer(server);
    expect((await send(hop.listen, attempt('i.1'))).text).toContain('HTTP/1.1 502');
    expect(server.count()).toBe(2);
  });

  test.each(['reset', '503'] as const)('a new connection that fails is not repeated: %s', async (failure) => {
    const server = await failing(FAILURES[failure]);
    const hop = await hopTo([server.address]);
    await hop.toxic('http_balancer', { profile: 'go-transport' });
    await send(hop.listen, attempt('i.1'));
    expect(server.count()).toBe(1);
  });
});

describe('a balancer', () => {
  test('sends nothing again for a client that has gone', async () => {
    const sockets: Socket[] = [];
    const silent = await failing((socket) => sockets.push(socket));
    const good = await replica('good');
    const timers = new TestTimers();
    const hop = await hopTo([silent.address, good.address], { after: timers.after });
    await hop.toxic('http_balancer', { profile: 'nginx-non-idempotent', timeout_ms: 100 });
    // Requests without an attempt go to the upstreams in turn: this one to the first.
    const client = await open(hop.listen);
    client.send(post('/', '{}'));
    await timers.untilWaiting(100);
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    client.socket.destroy();
    sockets[0]?.resetAndDestroy();
    await hop.untilArrivals(1);
    expect(good.received).toHaveLength(0);
  });

  test('that ends lets the request that it watched have its answer', async () => {
    const answers: (() => void)[] = [];
    const slow = await replica('slow', (_, response) => answers.push(() => response.end('{"n":1}')));
    const timers = new TestTimers();
    const hop = await hopTo([slow.address], { after: timers.after });
    await hop.toxic('http_balancer', { profile: 'envoy-hedge', timeout_ms: 100 });
    const client = send(hop.listen, attempt('i.1'));
    await slow.untilReceived(1);
    await hop.proxy.removeToxic('hop', 'http_balancer');
    answers[0]?.();
    expect((await client).text).toContain('{"n":1}');
    expect(slow.received).toHaveLength(1);
    expect(timers.waiting.size).toBe(0);
  });

  test('aborts what it gives up where the hop aborts with its clients', async () => {
    const closed = later<void>();
    const silent = await serve((socket) =>
      socket.resume().on('end', () => socket.end(() => closed.resolve())),
    );
    const good = await replica('good');
    const hop = await hopTo([silent.address, good.address], {}, { clientGone: 'abort' });
    await hop.toxic('http_balancer', { profile: 'nginx-non-idempotent', timeout_ms: 50 });
    expect((await send(hop.listen, post('/', '{}'))).text).toContain('r-good');
    await closed.promise;
    expect(hop.proxy.pending()).toBe(0);
  });

  test('meets faults of the connection to its upstream: a TCP toxic resets it, the request goes to the other', async () => {
    const servers = await Promise.all(['a', 'b'].map((name) => replica(name)));
    const hop = await hopTo(['127.0.0.1:9']);
    const edges: string[] = [];
    for (const [index, { address }] of servers.entries())
      edges.push((await hop.proxy.create({ name: `edge-${index}`, upstream: address })).listen);
    const { listen } = await hop.proxy.create({ name: 'front', mode: 'http', upstreams: edges });
    await hop.proxy.addToxic('front', {
      name: 'lb',
      type: 'http_balancer',
      attributes: { profile: 'nginx-non-idempotent' },
    });
    await hop.proxy.addToxic('edge-0', { type: 'reset_peer', attributes: { timeout: 0 } });
    expect((await send(listen, post('/', '{}'))).text).toContain('r-b');
    // The replica did the work all the same: its answer met the reset.
    await servers[0]?.untilReceived(1);
    expect(servers[1]?.received).toHaveLength(1);
  });
});
