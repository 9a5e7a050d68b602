/** One redis-server of ours: started on a port and a folder, and waited for. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Persistence } from './persistence.ts';
import { harnessError } from '../base/errors.ts';
import { findProgram } from '../base/program.ts';
import { startChild, type Child } from './child.ts';
import { TEMPORARY_PREFIX, type Keeper } from './keeper.ts';
import { answersPing } from './redis-command.ts';
import { until } from './store.ts';

/** How long a start may take, the append-only file loaded. ms. */
const START_LIMIT_MS = 15_000;

/** What Redis itself is told: once a second it is we who sync (see append-only-file.ts). */
const APPENDONLY: Readonly<Record<Persistence, Readonly<Record<string, string>>>> = {
  always: { appendonly: 'yes', appendfsync: 'always' },
  everysec: { appendonly: 'yes', appendfsync: 'no', 'auto-aof-rewrite-percentage': '0' },
  none: { appendonly: 'no' },
};

/** The system's redis-server, or undefined. */
export function findRedisServer(): string | undefined {
  return findProgram('redis-server');
}

export interface RedisProcessOptions {
  readonly keeper: Keeper;
  readonly onLog: (text: string) => void;
  readonly persistence: Persistence;
}

/** A folder for the data of one Redis; it goes with everything else that is ours. */
export function dataFolder(keeper: Keeper): string {
  const folder = mkdtempSync(join(tmpdir(), `${TEMPORARY_PREFIX}redis-`));
  keeper.addFolder(folder);
  return folder;
}

/** Starts redis-server and waits until it answers, its file loaded. Throws when it is not installed or does not come up. */
export async function startRedisProcess(
  { keeper, onLog, persistence }: RedisProcessOptions,
  port: number,
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const command = findRedisServer();
  if (command === undefined) {
    throw harnessError('redis_missing', 'redis-server is not installed', {
      field: '--store redis',
      expected: 'redis-server on the PATH, or --store memory, or --store redis://host:port',
    });
  }
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    'protected-mode': 'yes',
    dir: folder,
    save: '',
    ...APPENDONLY[persistence],
    daemonize: 'no',
    databases: '1',
    loglevel: 'notice',
    ...more,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = await startChild({ name: 'redis-server', command, args, keeper, onLog });
  const answers = await until(async () => child.hasExited() || (await answersPing(port)), START_LIMIT_MS);
  if (answers && !child.hasExited()) return child;
  await child.end(0);
  throw harnessError(
    'redis_start_failed',
    `redis-server did not come up on port ${port}: ${child.lastLog()}`,
  );
}
