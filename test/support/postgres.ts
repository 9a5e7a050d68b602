/** A real PostgreSQL on a free port in a folder of its own, from the system's packages (Debian: `postgresql`). */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Postgres {
  /** Connection URL of its one database. */
  readonly url: string;
  /** Ends it by its process id and removes its folder. */
  readonly stop: () => Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';
const PORT_TRIES = 3;

/** Folder of `initdb` and `postgres`, newest version first; undefined where PostgreSQL is not installed. */
export function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(DEBIAN, version, 'bin'));
  const onPath = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders, ...onPath].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
}

export interface PostgresOptions {
  /** Settings beyond ours, `name=value`. */
  readonly settings?: readonly string[];
  /** What it logs, in pieces. */
  readonly onLog?: (text: string) => void;
  /** Lines before those of `initdb` in pg_hba.conf. */
  readonly hba?: readonly string[];
}

/** Starts one; throws when it is not installed or does not come up. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error('PostgreSQL is not installed (Debian: apt-get install postgresql)');
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-postgres-'));
  const owner = ownerOf(folder);
  const data = join(folder, 'data');
  try {
    execFileSync(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'],
      {
        ...owner,
        cwd: folder,
        stdio: 'pipe',
      },
    );
    const hba = join(data, 'pg_hba.conf');
    if (options.hba !== undefined)
      writeFileSync(hba, `${options.hba.join('\n')}\n${readFileSync(hba, 'utf8')}`);
    return await start(bin, folder, data, owner, options);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })),
  );
  if (uid === undefined || gid === undefined) throw new Error('there is no user postgres');
  chownSync(folder, uid, gid);
  return { uid, gid };
}

async function start(
  bin: string,
  folder: string,
  data: string,
  owner: { uid?: number; gid?: number },
  { settings: more = [], onLog = () => {} }: PostgresOptions,
): Promise<Postgres> {
  let failure: unknown;
  for (let turn = 0; turn < PORT_TRIES; turn++) {
    const port = await freePort();
    const settings = ['fsync=off', 'max_connections=100', 'logging_collector=off', 'lc_messages=C', ...more];
    const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder];
    const child = spawn(join(bin, 'postgres'), [...args, ...settings.flatMap((one) => ['-c', one])], {
      ...owner,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // A test run that ends in the middle must not leave a database behind.
    const end = () => void child.kill('SIGQUIT');
    process.once('exit', end);
    child.once('exit', () => process.removeListener('exit', end));
    try {
      await isUp(child, onLog);
      return { url: `postgres://test@127.0.0.1:${port}/postgres`, stop: () => stopped(child, folder) };
    } catch (error) {
      // Somebody else took the port in between.
      failure = error;
    }
  }
  throw failure;
}

function isUp(child: ChildProcess, onLog: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${log.slice(-2000)}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      onLog(text);
      log = (log + text).slice(-10_000);
      if (log.includes('ready to accept connections')) resolve();
    });
  });
}

/** SIGQUIT: at once, clients are cut off. SIGKILL would leave its shared memory behind. */
async function stopped(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const end = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGQUIT');
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
