import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDoor } from '../../../harness/proxy/stores/door.ts';
import type { Door, DoorEvent } from '../../../harness/proxy/stores/types.ts';
import { NO_REDIS, startRedis, type RunningRedis } from '../../support/redis.ts';

const title =
  NO_REDIS === undefined ? 'a door before a real Redis' : `a door before a real Redis: ${NO_REDIS}`;

describe.skipIf(NO_REDIS !== undefined)(title, () => {
  let redis: RunningRedis;
  let door: Door;
  let events: DoorEvent[];
  const clients: Redis[] = [];

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await door.close();
  });

  async function open(): Promise<void> {
    door = await openDoor({ kind: 'redis', upstream: `127.0.0.1:${redis.port}` });
    events = [];
    door.onEvent((event) => events.push(event));
  }

  async function connect(port = door.port): Promise<Redis> {
    const client = new Redis({
      port,
      host: '127.0.0.1',
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
    });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    await client.ping();
    return client;
  }

  test('commands are counted from the window on, and named without keys and values', async () => {
    await open();
    const client = await connect();
    const window = door.begin();
    await client.set('secret-key', 'secret-value', 'PX', 9000, 'NX');
    await client.eval('return redis.call("get", KEYS[1])', 1, 'secret-key');
    await client.multi().incr('secret-counter').get('secret-key').exec();
    await client.ping();
    expect(window.counted.map(({ index, name }) => [index, name])).toEqual([
      [1, 'SET ? ? PX ? NX'],
      [2, 'EVAL a5260dd6 1 ?'],
      [3, 'MULTI'],
      [4, 'INCR ?'],
      [5, 'GET ?'],
      [6, 'EXEC'],
    ]);
    expect(window.uncounted.map(({ name, role }) => [name, role])).toEqual([['PING', 'idle']]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  test('cut before: the store never gets it, and what came before it was done', async () => {
    await open();
    const client = await connect();
    await client.set('a', '0');
    const stand = door.begin().stand({ kind: 'cut-before', at: 2 });
    const answers = await Promise.allSettled([client.incr('a'), client.incr('a'), client.incr('a')]);
    await stand.done;
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await (await connect(redis.port)).get('a')).toBe('1');
    expect(await stand.replied).toBeUndefined();
  });

  test('cut after: the store has done it, the client never hears, and what is behind it was passed', async () => {
    await open();
    const client = await connect();
    await client.set('a', '0');
    const stand = door.begin().stand({ kind: 'cut-after', at: 2 });
    const answers = await Promise.allSettled([client.incr('a'), client.incr('a')]);
    expect((await stand.replied)?.name).toBe('INCR ?');
    await stand.done;
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await (await connect(redis.port)).get('a')).toBe('2');
  });

  test('a message is held while another connection works, and goes on when it is released', async () => {
    await open();
    const [first, second] = [await connect(), await connect()];
    await first.set('a', '0');
    const window = door.begin();
    const stand = window.stand({ kind: 'hold-message', at: 1 });
    const held = first.getset('a', '1');
    expect((await stand.reached)?.name).toBe('GETSET ? ?');
    expect(stand.state).toBe('held');
    expect(await second.getset('a', '2')).toBe('0');
    expect(await window.quiet({ quietMs: 1, withinMs: 20 })).toBe(false);
    stand.release();
    expect(await held).toBe('2');
    expect((await stand.replied)?.index).toBe(1);
    expect(await window.quiet({ quietMs: 1, withinMs: 5000 })).toBe(true);
    expect(stand.state).toBe('done');
  });

  test('on a shared connection the other request queues behind the held message, before the next one', async () => {
    await open();
    const client = await connect();
    await client.del('order');
    const window = door.begin();
    const stand = window.stand({ kind: 'hold-message', at: 1 });
    const mine = client.rpush('order', 'mine-1').then(() => client.rpush('order', 'mine-2'));
    await stand.reached;
    const other = client.rpush('order', 'other-1');
    stand.release();
    await Promise.all([mine, other]);
    expect(await client.lrange('order', 0, -1)).toEqual(['mine-1', 'other-1', 'mine-2']);
  });

  test('a reply is held, seen, and comes when it is released', async () => {
    await open();
    const client = await connect();
    const stand = door.begin().stand({ kind: 'hold-reply', at: ({ name }) => name.startsWith('SET') });
    let hasHeard = false;
    const heard = client.set('a', '7').then(() => (hasHeard = true));
    await stand.replied;
    expect(await (await connect(redis.port)).get('a')).toBe('7');
    expect(hasHeard).toBe(false);
    stand.release();
    await heard;
  });

  test('a held message whose client is gone is still on its way', async () => {
    await open();
    const client = await connect();
    const stand = door.begin().stand({ kind: 'hold-message', at: 1 });
    void client.set('late', '1').catch(() => {});
    await stand.reached;
    const ended = new Promise((resolve) => {
      door.onEvent((event) => void (event.type === 'ended' && resolve(event.by)));
    });
    client.disconnect();
    expect(await ended).toBe('client');
    stand.release();
    expect((await stand.replied)?.name).toBe('SET ? ?');
    expect(await (await connect(redis.port)).get('late')).toBe('1');
  });

  test('a subscription and MONITOR are left alone, and what came before them is not', async () => {
    await open();
    const client = await connect();
    const said = new Promise((resolve) => {
      client.on('message', (_channel, text: string) => resolve(text));
    });
    await client.subscribe('news');
    await (await connect()).publish('news', 'hello');
    expect(await said).toBe('hello');
    expect(events.filter(({ type }) => type === 'left-alone')).toEqual([
      { type: 'left-alone', connection: 1, reason: 'SUBSCRIBE ?' },
    ]);
  });

  test('every command that MONITOR shows is one message, and no other is', async () => {
    await open();
    const seen: string[] = [];
    const watcher = await connect(redis.port);
    const monitor = await watcher.monitor();
    clients.push(monitor);
    monitor.on('monitor', (_time: string, args: string[], source: string) => {
      if (source !== 'lua') seen.push((args[0] as string).toUpperCase());
    });
    const client = await connect();
    const jobs: Promise<unknown>[] = [];
    for (let turn = 0; turn < 200; turn++) {
      jobs.push(client.set(`k${turn}`, 'v'.repeat(turn * 20)), client.get(`k${turn}`));
      jobs.push(client.multi().incr('n').hset('h', { a: turn, b: 'x' }).exec());
      jobs.push(client.eval('return redis.call("incr", KEYS[1])', 1, 'n'));
      if (turn % 10 === 0) await Promise.all(jobs.splice(0));
    }
    await Promise.all(jobs);
    await client.set('last', '1');
    await expect.poll(() => seen.at(-1)).toBe('SET');
    const names = events.flatMap((event) =>
      event.type === 'message' ? [event.message.name.split(' ')[0] as string] : [],
    );
    // MONITOR does not show administration and what may hold a password.
    const without = (list: string[]): string[] =>
      list.filter((name) => !['HELLO', 'AUTH', 'CLIENT'].includes(name));
    expect(without(names).toSorted()).toEqual(without(seen).toSorted());
    expect(names.length).toBeGreaterThan(1400);
  });

  test('a cluster is refused with that reason, a plain Redis is not', async () => {
    await open();
    const client = await connect();
    await expect(client.call('CLUSTER', 'INFO')).rejects.toThrow('cluster support disabled');
    expect(door.refusal).toBeUndefined();
    await door.close();
    const cluster = await startRedis({ cluster: true });
    try {
      door = await openDoor({ kind: 'redis', upstream: `127.0.0.1:${cluster.port}` });
      await (await connect()).call('CLUSTER', 'INFO');
      expect(door.refusal?.code).toBe('redis-cluster');
    } finally {
      await cluster.stop();
    }
  });
});
