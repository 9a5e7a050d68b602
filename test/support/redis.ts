/** A real redis-server on a free port of this machine, for tests and benchmarks. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RedisOptions {
  /** Append-only file with `appendfsync always`: nothing acknowledged is lost when the process is killed. */
  readonly aof?: boolean;
  /** A cluster of this one node, which holds all slots. */
  readonly cluster?: boolean;
  /** Start again on the data and the port of an earlier one. */
  readonly dir?: string;
  readonly port?: number;
}

export interface RunningRedis {
  /** redis://127.0.0.1:port, with `?cluster=true` for a cluster. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL; its data stay until `stop`. */
  kill(): Promise<void>;
}

/** Why real Redis tests cannot run here, or undefined. */
export const NO_REDIS: string | undefined =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'redis-server is not installed';

const START_MS = 20_000;

/** Starts it and resolves when it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'onceproof-redis-')));
  for (let attempt = 0; ; attempt++) {
    const port = options.port ?? (await freePort());
    const child = spawn('redis-server', settings(options, dir, port), { stdio: 'ignore' });
    // A test run that ends in the middle must not leave a server behind.
    const endWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', endWithUs);
    child.once('exit', () => process.removeListener('exit', endWithUs));
    if (await answers(child, port)) {
      if (options.cluster) await becomeCluster(port);
      return running(child, port, dir, options);
    }
    await end(child, 'SIGKILL');
    // Between finding a free port and taking it another process may have been quicker.
    if (attempt === 4) throw new Error(`redis-server did not start on port ${port}`);
  }
}

/** Sends one inline command and gives back the raw reply's first chunk. */
export async function redisCommand(port: number, command: string): Promise<string> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    socket.write(`${command}\r\n`);
    const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(2000) })) as [Buffer];
    return chunk.toString();
  } finally {
    socket.destroy();
  }
}

function settings({ aof, cluster }: RedisOptions, dir: string, port: number): string[] {
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''],
    ...(aof ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']),
    // A node alone never learns its address from another one; and its bus port (port + 10000) must exist.
    ...(cluster
      ? [
          '--cluster-enabled',
          'yes',
          '--cluster-announce-ip',
          '127.0.0.1',
          '--cluster-port',
          String(busPort(port)),
        ]
      : []),
  ];
}

function busPort(port: number): number {
  return port > 40_000 ? port - 10_000 : port + 10_000;
}

function running(child: ChildProcess, port: number, dir: string, options: RedisOptions): RunningRedis {
  return {
    url: `redis://127.0.0.1:${port}${options.cluster ? '?cluster=true' : ''}`,
    port,
    pid: child.pid ?? 0,
    dir,
    kill: () => end(child, 'SIGKILL'),
    stop: async () => {
      // It may have been paused: only a running process can end in order.
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGCONT');
      await end(child, 'SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

async function answers(child: ChildProcess, port: number): Promise<boolean> {
  const until = Date.now() + START_MS;
  while (Date.now() < until && child.exitCode === null) {
    const reply = await redisCommand(port, 'PING').catch(() => '');
    if (reply.startsWith('+PONG')) return isOurs(child, port);
    await sleep(20);
  }
  return false;
}

/** The port may belong to someone else's server that was quicker. */
async function isOurs(child: ChildProcess, port: number): Promise<boolean> {
  const info = await redisCommand(port, 'INFO server');
  return new RegExp(`process_id:${child.pid}\\b`).test(info);
}

async function becomeCluster(port: number): Promise<void> {
  await redisCommand(port, 'CLUSTER ADDSLOTSRANGE 0 16383');
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if ((await redisCommand(port, 'CLUSTER INFO')).includes('cluster_state:ok')) return;
    await sleep(20);
  }
  throw new Error('the one-node cluster did not come up');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
