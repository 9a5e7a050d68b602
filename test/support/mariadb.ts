/** A real MariaDB on a free port in a folder of its own, from the system's packages (Debian: `mariadb-server`). */

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Mariadb {
  readonly port: number;
  readonly folder: string;
  /** Ends it by its process id and removes its folder. */
  readonly stop: () => Promise<void>;
}

const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin` };
const PROGRAMS = ['mariadbd', 'mariadb-install-db', 'mariadb'] as const;
const START_MS = 30_000;

/** Why real MariaDB tests cannot run here, or undefined. */
export const NO_MARIADB: string | undefined = PROGRAMS.every(
  (program) => spawnSync(program, ['--help'], { env, stdio: 'ignore' }).error === undefined,
)
  ? undefined
  : 'MariaDB is not installed';

/** Starts one with user `test` (no password), database `test` and a log of every statement, `general.log` in its folder. */
export async function startMariadb(): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-mariadb-'));
  const data = join(folder, 'data');
  const user = ownerOf(folder);
  const base = ['--no-defaults', `--datadir=${data}`, ...(user === undefined ? [] : [`--user=${user}`])];
  execFileSync('mariadb-install-db', [...base, '--auth-root-authentication-method=normal'], {
    env,
    stdio: 'pipe',
  });
  const port = await freePort();
  const child = spawn(
    'mariadbd',
    [
      ...base,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--local-infile=1',
      '--innodb-flush-log-at-trx-commit=0',
      '--max-allowed-packet=128M',
      '--innodb-buffer-pool-size=16M',
      '--innodb-log-file-size=32M',
      '--general-log=1',
      `--general-log-file=${join(folder, 'general.log')}`,
    ],
    { env, stdio: ['ignore', 'ignore', 'ignore'] },
  );
  // A test run that ends in the middle must not leave a database behind.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
  const stop = (): Promise<void> => stopped(child, folder);
  try {
    await isUp(child, port);
    execFileSync('mariadb', ['--no-defaults', '-uroot', `-S${join(folder, 'socket')}`], {
      env,
      input:
        "CREATE DATABASE IF NOT EXISTS test; CREATE USER test@'127.0.0.1'; GRANT ALL ON *.* TO test@'127.0.0.1' WITH GRANT OPTION;",
      stdio: 'pipe',
    });
    return { port, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs the command line client and gives back what it printed; throws when it fails. */
export async function mariadbClient(
  port: number,
  input: string,
  args: readonly string[] = [],
): Promise<string> {
  const own = [
    '--no-defaults',
    '-h127.0.0.1',
    `-P${port}`,
    '-utest',
    '-N',
    '-B',
    '--skip-reconnect',
    '--max-allowed-packet=128M',
  ];
  const child = spawn('mariadb', [...own, ...args, 'test'], { env, timeout: 60_000 });
  let out = '';
  let problems = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problems += text));
  child.stdin.on('error', () => {}).end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`mariadb ended with ${String(code)}: ${problems}`);
  return out;
}

/** As root it runs as the user that its package made. */
function ownerOf(folder: string): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'mysql'], { encoding: 'utf8' }));
  chownSync(folder, idOf('-u'), idOf('-g'));
  return 'mysql';
}

async function isUp(child: ChildProcess, port: number): Promise<void> {
  const lastAt = Date.now() + START_MS;
  while (child.exitCode === null && Date.now() < lastAt) {
    const isOpen = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket
        .once('data', () => resolve(true))
        .once('close', () => resolve(false))
        .once('error', () => resolve(false));
      socket.once('data', () => socket.destroy());
    });
    if (isOpen === true) return;
    await sleep(50);
  }
  throw new Error('mariadbd did not start');
}

async function stopped(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const end = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await end;
  }
  rmSync(folder, { recursive: true, force: true });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
