/** A Redis of our own that forgets nothing: append-only file, synced at every write, on a free loopback port. */

import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { harnessError } from '../errors.ts';
import { findProgram } from '../program.ts';
import { startChild, type Child } from './child.ts';
import { TEMPORARY_PREFIX, type Keeper } from './keeper.ts';
import { until, type StoreHandle } from './store.ts';

/** How long a start may take, the append-only file loaded. ms. */
const START_LIMIT_MS = 15_000;
const REPLY_LIMIT_MS = 500;

/** The system's redis-server, or undefined. */
export function findRedisServer(): string | undefined {
  return findProgram('redis-server');
}

export interface RedisOptions {
  readonly keeper: Keeper;
  readonly onLog: (text: string) => void;
}

/** Starts redis-server; throws when it is not installed or does not come up. */
export async function startRedis({
  keeper,
  onLog,
}: RedisOptions): Promise<StoreHandle & { readonly url: string }> {
  const command = findRedisServer();
  if (command === undefined) {
    throw harnessError('redis_missing', 'redis-server is not installed', {
      field: '--store redis',
      expected: 'redis-server on the PATH, or --store memory, or --store redis://host:port',
    });
  }
  const folder = mkdtempSync(join(tmpdir(), `${TEMPORARY_PREFIX}redis-`));
  keeper.addFolder(folder);
  const start = async (port: number): Promise<Child> => {
    const child = await startChild({
      name: 'redis-server',
      command,
      args: redisArguments(port, folder),
      keeper,
      onLog,
    });
    const answers = await until(async () => child.hasExited() || (await answersPing(port)), START_LIMIT_MS);
    if (answers && !child.hasExited()) return child;
    await child.end(0);
    throw harnessError(
      'redis_start_failed',
      `redis-server did not come up on port ${port}: ${child.lastLog()}`,
    );
  };

  let port = await keeper.ports.take();
  // Another program can take the port between our look and the start.
  let child = await start(port).catch(async () => start((port = await keeper.ports.take())));
  const version = await redisVersion(port);

  return {
    kind: 'redis',
    description: `redis ${version} (own process)`,
    address: `127.0.0.1:${port}`,
    url: `redis://127.0.0.1:${port}`,
    pid: () => (child.hasExited() ? undefined : child.pid),
    isUp: () => !child.hasExited(),
    async kill() {
      child.signal('SIGKILL');
      await child.exited;
    },
    pause: () => child.signal('SIGSTOP'),
    resume: () => child.signal('SIGCONT'),
    async restart() {
      if (child.hasExited()) child = await start(port);
    },
    // Its data dies with it: no need to let it save.
    close: () => child.end(0),
  };
}

function redisArguments(port: number, folder: string): readonly string[] {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    'protected-mode': 'yes',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    daemonize: 'no',
    databases: '1',
    loglevel: 'notice',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

async function answersPing(port: number): Promise<boolean> {
  // While the append-only file is read the answer is -LOADING.
  return (await inlineCommand(port, 'PING'))?.startsWith('+PONG') ?? false;
}

async function redisVersion(port: number): Promise<string> {
  const info = await inlineCommand(port, 'INFO server', 'redis_version');
  return /redis_version:(\S+)/.exec(info ?? '')?.[1] ?? 'unknown';
}

/** One inline command; the answer's text as soon as it holds a whole line (and `wanted`), or undefined. */
function inlineCommand(port: number, command: string, wanted = ''): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    const finish = (answer: string | undefined): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(REPLY_LIMIT_MS, () => finish(undefined));
    socket.once('error', () => finish(undefined));
    socket.once('close', () => done(undefined));
    socket.once('connect', () => socket.write(`${command}\r\n`));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n') && text.includes(wanted)) finish(text);
    });
  });
}
