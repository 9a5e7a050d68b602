/** What a running Redis of our own is told so that its memory is full, keys are evicted, or its next start takes time. */

import { harnessError } from '../base/errors.ts';
import { infoOf, inlineCommand, mustDo } from './redis-command.ts';
import { until } from './store.ts';

/** Commands in the append-only file that say nothing new: a load of them can be made as slow as is wanted. */
const LOAD_COMMANDS = 4096;
/** What a delay of Redis takes beyond what it is told, µs (a system's timers do not sleep for less). */
const LEAST_DELAY_US = 100;
/** Given back with each step of an eviction, bytes. */
const STEP_BYTES = 8192;
const EVICT_LIMIT_MS = 5000;
const WRITE_LIMIT_MS = 10_000;

/** Redis has a setting for tests of just this: a delay for each command that is loaded. */
export const LOAD_DELAY = {
  setting: 'key-load-delay',
  valueFor: (loadMs: number): string =>
    String(Math.max(1, Math.round((loadMs * 1000) / LOAD_COMMANDS) - LEAST_DELAY_US)),
} as const;

export async function fillMemory(port: number): Promise<void> {
  await mustDo(port, 'CONFIG SET maxmemory-policy noeviction');
  await mustDo(port, 'CONFIG SET maxmemory 1');
}

export async function freeMemory(port: number): Promise<void> {
  await mustDo(port, 'CONFIG SET maxmemory 0');
  await mustDo(port, 'CONFIG SET maxmemory-policy noeviction');
}

/** Lowers the limit step by step until about `percent` of the keys are evicted; then it stays there. */
export async function evictKeys(port: number, percent: number): Promise<void> {
  const keys = Number(/^:(\d+)/.exec((await inlineCommand(port, 'DBSIZE')) ?? '')?.[1] ?? 0);
  const wanted = Math.ceil((keys * percent) / 100);
  const evicted = async (): Promise<number> => Number((await infoOf(port, 'stats')).get('evicted_keys') ?? 0);
  const before = await evicted();
  await mustDo(port, 'CONFIG SET maxmemory-policy allkeys-random');
  const isDone = await until(async () => {
    const used = Number((await infoOf(port, 'memory')).get('used_memory') ?? 0);
    await mustDo(port, `CONFIG SET maxmemory ${Math.max(1, used - STEP_BYTES)}`);
    return (await evicted()) - before >= wanted;
  }, EVICT_LIMIT_MS);
  if (isDone) return;
  throw harnessError('redis_evict_failed', 'redis did not evict its keys', {
    expected: `${wanted} of ${keys} keys evicted`,
    found: (await evicted()) - before,
  });
}

/** Writes what the next start has to load, once: it stays in the file. */
export async function writeLoad(port: number): Promise<void> {
  const key = 'onceproof-load';
  if ((await inlineCommand(port, `EXISTS ${key}`))?.startsWith(':1')) return;
  const lines = Array.from({ length: LOAD_COMMANDS }, (_, n) => `SET ${key} ${n}`);
  const last = `SET ${key} end GET`;
  const wanted = `\r\n${LOAD_COMMANDS - 1}\r\n`;
  const answer = await inlineCommand(port, [...lines, last].join('\r\n'), {
    wanted,
    limitMs: WRITE_LIMIT_MS,
  });
  if (answer === undefined)
    throw harnessError('redis_command_failed', 'redis did not write what it is to load');
}
