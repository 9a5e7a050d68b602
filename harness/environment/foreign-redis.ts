/** A Redis that was there before us: it can be cut off, never killed, and only keys under our own prefix are ours. */

import type { Redis } from 'ioredis';
import { harnessError, messageOf, usageError } from '../base/errors.ts';
import type { StoreHandle } from './store.ts';

/** Checks that it answers. On close the keys under `keyPrefix` are deleted, nothing else. Throws when it cannot be reached. */
export async function openForeignRedis(url: string, keyPrefix: string): Promise<StoreHandle> {
  const address = redisAddress(url);
  const version = await withRedis(
    url,
    async (redis) => /redis_version:(\S+)/.exec(await redis.info('server'))?.[1],
  );
  const nothing = async (): Promise<void> => {};
  return {
    kind: 'redis',
    description: `redis ${version ?? 'unknown'} at ${address}`,
    ...(!url.startsWith('rediss:') && { address }),
    pid: () => undefined,
    isUp: () => true,
    kill: nothing,
    pause: () => {},
    resume: () => {},
    restart: nothing,
    close: async () => void (await removeKeys(url, keyPrefix)),
  };
}

/** Removes the keys under a prefix, in batches, and no other; gives how many. Throws when it cannot be reached. */
export function removeKeys(url: string, prefix: string): Promise<number> {
  return withRedis(url, (redis) => deletePrefix(redis, prefix));
}

/** `host:port` of a Redis URL. Throws for anything else. */
export function redisAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '') {
    throw usageError('store', 'no such store', {
      field: '--store',
      expected: 'auto, memory, redis or redis://host:port',
      found: url,
    });
  }
  return `${parsed.hostname}:${parsed.port || '6379'}`;
}

/** The same URL with another host and port: credentials and database stay. */
export function redisUrlAt(url: string, address: string): string {
  const changed = new URL(url);
  changed.host = address;
  return changed.href;
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  // Loaded when there is one: most runs have none, and it is many files.
  const { Redis: Client } = await import('ioredis');
  const redis = new Client(url, {
    lazyConnect: true,
    connectTimeout: 3000,
    commandTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // Without a listener ioredis prints to the console; the rejected call says the same.
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await work(redis);
  } catch (cause) {
    throw harnessError('redis_unreachable', `the Redis cannot be used: ${messageOf(cause)}`, {
      field: '--store',
      found: redisAddress(url),
      cause,
    });
  } finally {
    redis.disconnect();
  }
}

async function deletePrefix(redis: Redis, prefix: string): Promise<number> {
  // The pattern's own signs in a prefix would match other people's keys.
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
  let cursor = '0';
  let count = 0;
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    for (let from = 0; from < keys.length; from += 1000) {
      count += await redis.unlink(keys.slice(from, from + 1000));
    }
    cursor = next;
  } while (cursor !== '0');
  return count;
}
