import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { openLink } from '../../reference-server/redis-client.ts';
import { openRedisStore } from '../../reference-server/redis-store.ts';
import { NO_REDIS, redisCommand, startRedis, type RunningRedis } from '../support/redis.ts';
import { customerWith, effects, get, redeem, serve, until, type TestServer } from './harness.ts';

const skip = NO_REDIS !== undefined;

describe(`faults between server and Redis${skip ? ` (skipped: ${NO_REDIS})` : ''}`, () => {
  let redis: RunningRedis | undefined;
  let server: TestServer | undefined;
  let relay: Relay | undefined;

  afterEach(async () => {
    await server?.close();
    relay?.close();
    await redis?.stop();
    server = relay = redis = undefined;
  });
  const test = it.skipIf(skip);

  test('a paused Redis gives 503 with Retry-After, and the retry settles it', async () => {
    redis = await startRedis();
    server = await serve({ store: redis.url, storeTimeoutMs: 100, leaseMs: 50 });
    const { id } = await customerWith(server, 1000);
    process.kill(redis.pid, 'SIGSTOP');
    // Not an assertion on time: without the bound the request would never be answered while Redis stands.
    const reply = await redeem(server, id, { key: 'k' });
    const ready = await get(server, '/readyz');
    process.kill(redis.pid, 'SIGCONT');
    expect([reply.status, reply.code, reply.headers['retry-after']]).toEqual([503, 'store_unavailable', '1']);
    expect([ready.status, (await get(server, '/livez')).status]).toEqual([503, 200]);
    await settled(server, id);
    expect(await effects(server, id)).toMatchObject({ balance: 880, debitCount: 1, rewardCount: 1 });
  });

  test('a process that stood still reads the reply that has come before it calls the store late', async () => {
    redis = await startRedis();
    const store = await openRedisStore({ url: redis.url, keyPrefix: 't', timeoutMs: 100, log: () => {} });
    try {
      await store.provision({ customer: 'c', points: 7, reset: false });
      const reply = store.balance('c');
      // As a paused process: nothing runs here until long after the time-out.
      const standsUntil = Date.now() + 300;
      while (Date.now() < standsUntil);
      expect(await reply).toBe(7);
    } finally {
      await store.close();
    }
  });

  test('a connection that swallows everything is given up, and a new one serves', async () => {
    redis = await startRedis();
    relay = await openRelay(redis.port);
    server = await serve({ store: `redis://127.0.0.1:${relay.port}`, storeTimeoutMs: 50, leaseMs: 50 });
    const { id } = await customerWith(server, 1000);
    relay.swallow();
    await settled(server, id);
    expect(await effects(server, id)).toMatchObject({ balance: 880, debitCount: 1, rewardCount: 1 });
  });

  test('a killed Redis that comes back with its file has lost nothing', async () => {
    redis = await startRedis({ aof: true });
    server = await serve({ store: redis.url, leaseMs: 50 });
    const { id } = await customerWith(server, 1000);
    const first = await redeem(server, id, { key: 'k' });
    await redis.kill();
    expect((await redeem(server, id, { key: 'k2', points: 200 })).code).toBe('store_unavailable');
    redis = await startRedis({ aof: true, dir: redis.dir, port: redis.port });
    await settled(server, id);
    expect((await redeem(server, id, { key: 'k' })).text).toBe(first.text);
    expect((await effects(server, id)).balance).toBe(880);
  });

  test('a server whose store is away starts, is not ready, and serves once the store is there', async () => {
    redis = await startRedis();
    const { url, port, dir } = redis;
    await redis.kill();
    server = await serve({ store: url, storeTimeoutMs: 50 });
    expect((await get(server, '/readyz')).status).toBe(503);
    redis = await startRedis({ port, dir });
    await until(async () => (await get(server ?? never(), '/readyz')).status === 200);
  });

  test.each([
    ['claim', 1],
    ['reward', 2],
    ['completion', 3],
  ])(
    'a dropped reply of the %s step is not sent again, and the retry debits once',
    async (_step, replies) => {
      redis = await startRedis();
      relay = await openRelay(redis.port);
      server = await serve({ store: `redis://127.0.0.1:${relay.port}`, leaseMs: 50 });
      const { id } = await customerWith(server, 1000);
      relay.dropReply(replies);
      const reply = await redeem(server, id, { key: 'k' });
      expect(reply.code).toBe('store_unavailable');
      await settled(server, id);
      expect(await effects(server, id)).toMatchObject({ balance: 880, debitCount: 1, rewardCount: 1 });
    },
  );

  test('the client never repeats a command by itself', async () => {
    redis = await startRedis();
    relay = await openRelay(redis.port);
    const { client, reached } = openLink({
      url: `redis://127.0.0.1:${relay.port}`,
      timeoutMs: 2000,
      log: () => {},
    });
    try {
      await until(async () => client.status === 'ready');
      relay.dropReply(1);
      await expect(reached(client.incr('n'))).rejects.toThrow('store unavailable');
      await until(async () => client.status === 'ready');
      expect(await client.get('n')).toBe('1');
    } finally {
      client.disconnect();
    }
  });

  test('keys level off: those of a customer that nobody uses any more are gone', async () => {
    redis = await startRedis();
    server = await serve({ store: redis.url, customerTtlMs: 300 });
    for (let n = 0; n < 20; n++) {
      const { id } = await customerWith(server, 1000);
      await redeem(server, id, { key: 'k' });
    }
    await until(async () => (await redisCommand(redis?.port ?? 0, 'DBSIZE')).startsWith(':0'));
  });
});

async function settled(server: TestServer, id: string): Promise<void> {
  await until(async () => (await redeem(server, id, { key: 'k' })).status === 200);
}

function never(): never {
  throw new Error('no server');
}

interface Relay {
  readonly port: number;
  /** Lets the n-th reply from now on vanish together with its connection. */
  dropReply(n: number): void;
  /** From now on nothing comes back on the connections that are open. */
  swallow(): void;
  close(): void;
}

async function openRelay(upstreamPort: number): Promise<Relay> {
  let left = 0;
  const sockets = new Set<Socket>();
  const swallowed = new WeakSet<Socket>();
  const server: Server = createServer((client) => {
    const upstream = createConnection({ port: upstreamPort, host: '127.0.0.1' });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (swallowed.has(upstream)) return;
      if (left > 0 && --left === 0) client.resetAndDestroy();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    dropReply: (n) => (left = n),
    swallow: () => {
      for (const socket of sockets) swallowed.add(socket);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
