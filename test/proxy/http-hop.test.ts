import { afterEach, expect, test } from 'vitest';
import { below } from '../../harness/model/decide.ts';
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import type { ArrivalRecord, ChaosProxyOptions, ProxySpec } from '../../harness/proxy/types.ts';
import { closeReplicas, post, replica } from './http-servers.ts';
import { closeAll, later, open, serve, type TestClient } from './servers.ts';

const proxies: ChaosProxy[] = [];

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
  await closeReplicas();
  await closeAll();
});

interface TestHop {
  readonly proxy: ChaosProxy;
  readonly listen: string;
  readonly arrivals: ArrivalRecord[];
}

async function hopTo(
  upstreams: readonly string[],
  spec: Partial<ProxySpec> = {},
  options: Partial<ChaosProxyOptions> = {},
): Promise<TestHop> {
  const arrivals: ArrivalRecord[] = [];
  const proxy = new ChaosProxy({ seed: 7, onArrival: (arrival) => arrivals.push(arrival), ...options });
  proxies.push(proxy);
  const { listen } = await proxy.create({ name: 'hop', mode: 'http', upstreams, ...spec });
  return { proxy, listen, arrivals };
}

/** How many whole answers of known length have come. */
function answerCount({ text }: TestClient): number {
  return text.split(/HTTP\/1\.1 (?!100)/).length - 1;
}

async function ask(client: TestClient, request: string): Promise<string> {
  const before = client.text.length;
  const answers = answerCount(client);
  client.send(request);
  await client.until((each) => answerCount(each) > answers && each.text.endsWith('}'));
  return client.text.slice(before);
}

const statusOf = (answer: string): number => Number(answer.split(' ')[1]);

test('a request goes on as it came, without the headers of its connection and of the harness', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  const headers = {
    'X-Odd': 'a  b',
    'x-odd': 'c',
    Connection: 'keep-alive',
    'Onceproof-Attempt': 'i-1.1',
    'Idempotency-Key': '"k"',
  };
  const answer = await ask(client, post('/redeem?x=1', '{"a":1}', headers));
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain('{"redemption_id":"r-one","got":"{\\"a\\":1}"}');
  expect(answer).not.toMatch(/keep-alive/i);
  expect(server.received[0]).toMatchObject({ method: 'POST', url: '/redeem?x=1', body: '{"a":1}' });
  expect(server.received[0]?.rawHeaders).toEqual([
    'Host',
    'test',
    'Content-Length',
    '7',
    'X-Odd',
    'a  b',
    'x-odd',
    'c',
    'Idempotency-Key',
    '"k"',
  ]);
});

test('a header that Connection names stays on this side (RFC 9110, section 7.6.1)', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  await ask(client, post('/', '{}', { Connection: 'keep-alive, X-Mine', 'X-Mine': '1', 'X-Other': '2' }));
  expect(server.received[0]?.headers).toMatchObject({ 'x-other': '2' });
  expect(server.received[0]?.headers['x-mine']).toBeUndefined();
});

test('bytes beyond ASCII in a header go on as they came', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.send(Buffer.from(post('/', '{}', { 'Idempotency-Key': 'caf\u00e9\u00ff' }), 'latin1'));
  await client.until((each) => answerCount(each) === 1);
  expect(server.received[0]?.headers['idempotency-key']).toBe('caf\u00e9\u00ff');
});

test('an arrival tells attempt, key, replica, answer and redemption', async () => {
  const server = await replica('one', (_, response) => {
    response.setHeader('Idempotent-Replayed', 'true');
    response.statusCode = 201;
    response.end('{"data":{"id":"r-9"}}');
  });
  let clock = 1000;
  const { listen, arrivals } = await hopTo(
    [server.address],
    { keyHeader: 'X-Key', redemptionPointer: '/data/id' },
    { now: () => clock++ },
  );
  await ask(await open(listen), post('/', '{}', { 'Onceproof-Attempt': 'a.b.2', 'X-Key': 'k' }));
  expect(arrivals).toEqual([
    {
      type: 'arrival',
      hop: 'hop',
      attempt: 'a.b.2',
      key: 'k',
      at: 1000,
      copy: 0,
      upstream: server.address,
      endedAt: 1001,
      answer: 201,
      replayed: true,
      redemption: 'r-9',
    },
  ]);
});

test('a POST without an attempt is an arrival, a GET without one is not', async () => {
  const server = await replica('one');
  const { listen, arrivals } = await hopTo([server.address]);
  const client = await open(listen);
  await ask(client, post('/', '{}'));
  await ask(client, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await ask(client, 'GET / HTTP/1.1\r\nHost: a\r\nOnceproof-Attempt: i.1\r\n\r\n');
  expect(arrivals.map(({ attempt }) => attempt)).toEqual([undefined, 'i.1']);
});

test('a replica is chosen by intent and attempt, whatever came before', async () => {
  const servers = await Promise.all(['one', 'two', 'three'].map((name) => replica(name)));
  const { listen } = await hopTo(servers.map(({ address }) => address));
  const client = await open(listen);
  for (let attempt = 1; attempt <= 12; attempt++) {
    const answer = await ask(client, post('/', '{}', { 'Onceproof-Attempt': `i-1.${attempt}` }));
    const expected = ['one', 'two', 'three'][below(3, 7, 'route', 'i-1', attempt)];
    expect(answer).toContain(`r-${expected}`);
  }
});

test('requests without an attempt take the replicas in turn', async () => {
  const servers = await Promise.all(['one', 'two'].map((name) => replica(name)));
  const { listen } = await hopTo(servers.map(({ address }) => address));
  const client = await open(listen);
  const got = [];
  for (let count = 0; count < 4; count++) got.push(/r-(\w+)/.exec(await ask(client, post('/', '{}')))?.[1]);
  expect(got).toEqual(['one', 'two', 'one', 'two']);
});

test('a dead replica is a 502 in the name of the proxy, and the route does not change', async () => {
  const server = await replica('one');
  const dead = await replica('dead');
  await dead.close();
  const { listen, arrivals } = await hopTo([dead.address, server.address]);
  const attempt = [1, 2, 3, 4, 5, 6, 7, 8].find((number) => below(2, 7, 'route', 'i', number) === 0) ?? 0;
  const client = await open(listen);
  for (let again = 0; again < 3; again++) {
    const answer = await ask(client, post('/', '{}', { 'Onceproof-Attempt': `i.${attempt}` }));
    expect(statusOf(answer)).toBe(502);
    expect(answer).toContain('Onceproof-By: proxy\r\n');
  }
  expect(arrivals).toHaveLength(3);
  expect(arrivals[0]).toMatchObject({ upstream: dead.address, error: 'ECONNREFUSED' });
  expect(arrivals[0]?.answer).toBeUndefined();
});

test('an upstream connection is used again, and the client keeps its own', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  for (let count = 0; count < 3; count++) await ask(client, post('/', '{}'));
  expect(new Set(server.received.map(({ connection }) => connection)).size).toBe(1);
});

test('a used connection that dies before the answer is a 502; nothing is sent again', async () => {
  let requests = 0;
  const server = await serve((socket) => {
    socket.on('data', () => {
      requests += 1;
      if (requests === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    });
  });
  const { listen, arrivals } = await hopTo([server.address]);
  const client = await open(listen);
  await ask(client, post('/', '{}'));
  const lost = await ask(client, post('/', '{}'));
  expect(statusOf(lost)).toBe(502);
  expect(statusOf(await ask(client, post('/', '{}')))).toBe(200);
  expect(requests).toBe(3);
  expect(arrivals.map(({ answer }) => answer)).toEqual([200, undefined, 200]);
});

test('an answer that breaks off breaks the client off', async () => {
  const server = await serve((socket) => {
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.destroy());
    });
  });
  const { listen, arrivals } = await hopTo([server.address]);
  const client = await open(listen);
  client.send(post('/', '{}'));
  expect(await client.untilEnded()).toBe('reset');
  expect(arrivals[0]).toMatchObject({ copy: 0, error: expect.any(String) });
  expect(arrivals[0]?.answer).toBeUndefined();
});

test('no answer in time is a 504 in the name of the proxy', async () => {
  const server = await serve(() => {});
  const { listen, arrivals } = await hopTo([server.address], { answerTimeoutMs: 300 });
  const answer = await ask(await open(listen), post('/', '{}'));
  expect(statusOf(answer)).toBe(504);
  expect(arrivals[0]?.error).toBe('no answer within 300 ms');
});

test('pipelined requests are answered in their order', async () => {
  const server = await replica('one', ({ body }, response) => {
    // The first is the slowest.
    setTimeout(() => response.end(`{"n":${body}}`), body === '1' ? 60 : 0);
  });
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.send(['1', '2', '3', '4'].map((body) => post('/', body)).join(''));
  await client.untilText('{"n":4}');
  expect([...client.text.matchAll(/\{"n":(\d)\}/g)].map(([, n]) => n)).toEqual(['1', '2', '3', '4']);
});

test('pipelined requests of a client that closes its side are still served', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.socket.end(post('/a', '{}') + post('/b', '{}'));
  await client.untilEnded();
  expect(server.received.map(({ url }) => url)).toEqual(['/a', '/b']);
});

test('chunked bodies pass both ways, however they are cut', async () => {
  const server = await replica('one', ({ body }, response) => {
    response.write('{"got":"');
    response.write(body);
    response.end('"}');
  });
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Trailer: no\r\n\r\n';
  const request = `${head}5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-End: yes\r\n\r\n`;
  for (const byte of request) {
    client.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await client.untilText('0\r\n\r\n');
  expect(server.received[0]).toMatchObject({
    body: 'hello world',
    headers: { 'transfer-encoding': 'chunked' },
  });
  expect(client.text).toContain('hello world');
  client.send(post('/again', '{}'));
  await server.untilReceived(2);
});

test('Expect: 100-continue is answered here, before the body comes', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
  await client.untilText('HTTP/1.1 100 Continue\r\n\r\n');
  expect(server.received).toHaveLength(0);
  client.send('body');
  await client.untilText('r-one');
  expect(server.received[0]).toMatchObject({ body: 'body' });
  expect(server.received[0]?.headers.expect).toBeUndefined();
});

test('an answer that lasts until its connection ends is passed on, and ends the client', async () => {
  const server = await serve((socket) => {
    socket.on('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
  });
  const { listen, arrivals } = await hopTo([server.address]);
  const client = await open(listen);
  client.send(post('/', '{}'));
  expect(await client.untilEnded()).toBe('end');
  expect(client.text).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it');
  expect(arrivals[0]?.answer).toBe(200);
});

test('HEAD, 204 and interim answers have no body to wait for', async () => {
  const server = await serve((socket) => {
    socket.on('data', (data: Buffer) => {
      if (data.toString().startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n');
      else socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n');
    });
  });
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.untilText('Content-Length: 50\r\n\r\n');
  client.send(post('/', '{}'));
  await client.untilText('204 No Content\r\n\r\n');
  expect(client.text).not.toContain('103');
});

test('HTTP/1.0 and Connection: close end the connection after the answer', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  for (const request of [
    'POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n',
    post('/', '{}', { Connection: 'close' }),
  ]) {
    const client = await open(listen);
    client.send(request);
    expect(await client.untilEnded()).toBe('end');
    expect(client.text).toContain('Connection: close\r\n');
  }
});

test.each([
  ['two framings at once', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
  ['a negative length', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400],
  ['another transfer coding', 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', 501],
  ['a broken chunk', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
  ['no request line', 'hello\r\n\r\n', 400],
  ['a head without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}`, 431],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\n\r\n', 501],
])('%s is refused in the name of the proxy and reaches nobody', async (_, request, status) => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.send(request);
  await client.untilEnded();
  expect(statusOf(client.text)).toBe(status);
  expect(client.text).toContain('Onceproof-By: proxy');
  expect(server.received).toHaveLength(0);
});

test('a request that its client never finished reaches nobody', async () => {
  const server = await replica('one');
  const { listen, arrivals } = await hopTo([server.address]);
  const client = await open(listen);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  client.socket.end();
  await client.untilEnded();
  expect(server.received).toHaveLength(0);
  expect(arrivals).toEqual([]);
});

test("a client that goes away does not stop the replica's answer from being recorded", async () => {
  let answer = (): void => {};
  const server = await replica(
    'one',
    (_, response) => (answer = () => response.end('{"redemption_id":"r"}')),
  );
  const arrived = later<ArrivalRecord>();
  const { listen } = await hopTo([server.address], {}, { onArrival: arrived.resolve });
  const client = await open(listen);
  client.send(post('/', '{}', { 'Onceproof-Attempt': 'i.1' }));
  await server.untilReceived(1);
  client.socket.resetAndDestroy();
  answer();
  expect(await arrived.promise).toMatchObject({ attempt: 'i.1', answer: 200, redemption: 'r' });
});

test('clientGone: abort passes the abort on', async () => {
  const aborted = later<void>();
  const server = await replica('one', (_, response) =>
    response.on('close', () => aborted.resolve(undefined)),
  );
  const arrived = later<ArrivalRecord>();
  const { listen } = await hopTo([server.address], { clientGone: 'abort' }, { onArrival: arrived.resolve });
  const client = await open(listen);
  client.send(post('/', '{}'));
  await server.untilReceived(1);
  client.socket.destroy();
  await aborted.promise;
  expect(await arrived.promise).toMatchObject({ error: 'the client went away' });
});

test('a large answer waits for a slow client, and none of it is lost', async () => {
  const body = Buffer.alloc(12_000_000, 'x');
  const server = await replica('one', (_, response) => response.end(body));
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.socket.pause();
  client.send(post('/', '{}'));
  await server.untilReceived(1);
  setTimeout(() => client.socket.resume(), 100);
  await client.until(({ byteCount }) => byteCount > body.length);
  await client.until(({ text }) => text.length - text.indexOf('\r\n\r\n') - 4 === body.length);
});

test('a body beyond the limit is a 413', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address]);
  const client = await open(listen);
  client.send('POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n');
  client.send(Buffer.alloc(20_000_000));
  await client.untilEnded();
  expect(server.received).toHaveLength(0);
});

test('hostHeader replaces the Host, strip: false leaves the attempt', async () => {
  const server = await replica('one');
  const { listen } = await hopTo([server.address], { hostHeader: 'shop.example' }, { strip: false });
  await ask(await open(listen), post('/', '{}', { 'Onceproof-Attempt': 'i.1' }));
  expect(server.received[0]?.headers).toMatchObject({ host: 'shop.example', 'onceproof-attempt': 'i.1' });
});

test('a hop that is down refuses, and is there again afterwards', async () => {
  const server = await replica('one');
  const { proxy, listen } = await hopTo([server.address]);
  const client = await open(listen);
  await ask(client, post('/', '{}'));
  await proxy.setEnabled('hop', false);
  await client.untilEnded();
  expect(await (await open(listen)).untilEnded()).toBe('refused');
  await proxy.setEnabled('hop', true);
  await ask(await open(listen), post('/', '{}'));
});

test('replicas can be changed while the hop stays where it is', async () => {
  const one = await replica('one');
  const two = await replica('two');
  const { proxy, listen } = await hopTo([one.address]);
  await proxy.update('hop', { upstreams: [two.address] });
  expect(await ask(await open(listen), post('/', '{}'))).toContain('r-two');
  expect(proxy.get('hop').listen).toBe(listen);
});
