/** A Redis of our own, on a free loopback port. Unless the fault schedule says otherwise it forgets nothing. */

import { rmSync } from 'node:fs';
import type { Persistence } from './persistence.ts';
import { harnessError } from '../base/errors.ts';
import { SyncedFile } from './append-only-file.ts';
import type { Child } from './child.ts';
import { evictKeys, fillMemory, freeMemory, LOAD_DELAY, writeLoad } from './redis-acts.ts';
import { answersPing, infoOf, mustDo } from './redis-command.ts';
import { dataFolder, startRedisProcess, type RedisProcessOptions } from './redis-process.ts';
import { until, type RedisControls, type StoreHandle } from './store.ts';

export { findRedisServer } from './redis-process.ts';

/** How long a copy of everything may take, and a change of address. ms. */
const COPY_LIMIT_MS = 15_000;
/** A clean shutdown that takes longer is cut off. ms. */
const STOP_LIMIT_MS = 5000;

const SHOWN: Readonly<Record<Persistence, string>> = {
  always: 'own process',
  everysec: 'own process, synced to disk once a second',
  none: 'own process, keeps nothing on disk',
};

export interface RedisOptions extends Omit<RedisProcessOptions, 'persistence'> {
  /** Default always. */
  readonly persistence?: Persistence;
}

/** Starts redis-server; throws when it is not installed or does not come up. */
export async function startRedis(
  given: RedisOptions,
): Promise<StoreHandle & { readonly url: string; readonly redis: RedisControls }> {
  const options = { persistence: 'always', ...given } as const;
  const { keeper } = options;
  const folder = dataFolder(keeper);
  let port = await keeper.ports.take();
  // Another program can take the port between our look and the start.
  const child = await startRedisProcess(options, port, folder).catch(async () =>
    startRedisProcess(options, (port = await keeper.ports.take()), folder),
  );
  const version = (await infoOf(port, 'server')).get('redis_version') ?? 'unknown';
  const redis = new OwnRedis(options, { port, folder, child });
  return {
    kind: 'redis',
    description: `redis ${version} (${SHOWN[options.persistence]})`,
    address: `127.0.0.1:${port}`,
    url: `redis://127.0.0.1:${port}`,
    pid: () => (redis.isUp() ? redis.pid : undefined),
    isUp: () => redis.isUp(),
    kill: () => redis.kill(),
    pause: () => redis.signal('SIGSTOP'),
    resume: () => redis.signal('SIGCONT'),
    restart: () => redis.restart(),
    close: () => redis.close(),
    redis,
  };
}

/** A process with its data. */
interface Instance {
  readonly port: number;
  readonly folder: string;
  readonly child: Child;
}

class OwnRedis implements RedisControls {
  readonly persistence: Persistence;
  readonly #options: RedisProcessOptions;
  readonly #port: number;
  #folder: string;
  #child: Child;
  #synced: SyncedFile | undefined;
  #starting: Promise<void> | undefined;
  #lagging: Instance | undefined;

  constructor(options: RedisProcessOptions, { port, folder, child }: Instance) {
    this.persistence = options.persistence;
    this.#options = options;
    this.#port = port;
    this.#folder = folder;
    this.#child = child;
    this.#followFile();
  }

  get pid(): number {
    return this.#child.pid;
  }

  isUp(): boolean {
    return !this.#child.hasExited();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.signal(signal);
  }

  readonly kill = async (): Promise<void> => {
    await this.#starting?.catch(() => {});
    this.#child.signal('SIGKILL');
    await this.#child.exited;
  };

  readonly stop = async (): Promise<void> => {
    await this.#starting?.catch(() => {});
    await this.#child.end(STOP_LIMIT_MS);
  };

  readonly restart = async (more: Readonly<Record<string, string>> = {}): Promise<void> => {
    this.#starting ??= this.#start(more).finally(() => (this.#starting = undefined));
    await this.#starting;
  };

  readonly close = async (): Promise<void> => {
    await this.#starting?.catch(() => {});
    await this.#synced?.stop();
    // Its data dies with it: no need to let it save.
    await Promise.all([this.#child.end(0), this.#lagging?.child.end(0)]);
  };

  readonly fillMemory = (): Promise<void> => fillMemory(this.#port);

  readonly evict = (percent: number): Promise<void> => evictKeys(this.#port, percent);

  /** One that is down has no limit when it comes back. */
  readonly freeMemory = async (): Promise<void> => {
    if (this.isUp()) await freeMemory(this.#port);
  };

  readonly reload = async (loadMs: number): Promise<void> => {
    await writeLoad(this.#port);
    await this.kill();
    // Whoever waits for `restart` waits for this one.
    this.restart({ [LOAD_DELAY.setting]: LOAD_DELAY.valueFor(loadMs) }).catch(() => {});
  };

  readonly sinceSyncMs = (): number => this.#synced?.sinceMs() ?? Infinity;

  readonly losePower = async (): Promise<void> => {
    await this.#synced?.stop();
    await this.kill();
    this.#synced?.cut();
  };

  readonly loseDisk = async (): Promise<void> => {
    await this.kill();
    await this.#synced?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = dataFolder(this.#options.keeper);
    this.#followFile();
  };

  readonly startLagging = async (): Promise<void> => {
    const { keeper } = this.#options;
    const port = await keeper.ports.take();
    const folder = dataFolder(keeper);
    const primary = `127.0.0.1 ${this.#port}`;
    // Without a delay for further replicas to join: there are none.
    await mustDo(this.#port, 'CONFIG SET repl-diskless-sync-delay 0');
    const child = await startRedisProcess(this.#options, port, folder, {
      replicaof: primary,
      // Not by way of a file, which would be there after a kill where nothing is to be kept.
      'repl-diskless-load': 'on-empty-db',
    });
    this.#lagging = { port, folder, child };
    const hasAll = async (): Promise<boolean> => {
      if ((await infoOf(port, 'replication')).get('master_link_status') !== 'up') return false;
      // Until its append-only file holds the copy, a kill would lose more than the lag.
      const file = await infoOf(port, 'persistence');
      const isWritten = file.get('aof_rewrites') !== '0' && file.get('aof_rewrite_in_progress') === '0';
      return this.persistence === 'none' || isWritten;
    };
    if (!(await until(hasAll, COPY_LIMIT_MS))) {
      throw harnessError('redis_copy_failed', `the second Redis did not copy the first: ${child.lastLog()}`);
    }
    // Nobody listens there: the link is cut, and what it has stays.
    await mustDo(port, `REPLICAOF 127.0.0.1 ${await keeper.ports.take()}`);
  };

  readonly failOver = async (): Promise<void> => {
    const lagging = this.#lagging;
    if (lagging === undefined) return;
    await this.kill();
    await this.#synced?.stop();
    this.#lagging = undefined;
    await mustDo(lagging.port, 'REPLICAOF NO ONE');
    // As an address that moves with the role: whoever connects again finds the new primary where the old one was.
    await mustDo(lagging.port, `CONFIG SET port ${this.#port}`);
    this.#child = lagging.child;
    this.#folder = lagging.folder;
    this.#followFile();
    if (!(await until(() => answersPing(this.#port), COPY_LIMIT_MS))) {
      throw harnessError('redis_failover_failed', `the new primary does not answer on port ${this.#port}`);
    }
  };

  async #start(more: Readonly<Record<string, string>>): Promise<void> {
    if (this.isUp()) return;
    this.#child = await startRedisProcess(this.#options, this.#port, this.#folder, more);
    this.#synced?.start();
  }

  #followFile(): void {
    if (this.persistence !== 'everysec') return;
    this.#synced = new SyncedFile(this.#folder);
    this.#synced.start();
  }
}
