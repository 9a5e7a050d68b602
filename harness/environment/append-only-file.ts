/**
 * The append-only file of a Redis that is synced to disk once a second, by us and not by Redis: so it is known what a
 * power loss must leave. (What a killed process wrote is all there afterwards: the system's page cache keeps it.)
 */

import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const SYNC_EVERY_MS = 1000;

/** The file that Redis appends to now; undefined where there is none. Redis 7 keeps several, and a manifest that names them. */
export function appendOnlyFile(folder: string): string | undefined {
  const parts = join(folder, 'appendonlydir');
  const single = join(folder, 'appendonly.aof');
  try {
    const manifest = readFileSync(join(parts, 'appendonly.aof.manifest'), 'utf8');
    const last = [...manifest.matchAll(/^file (\S+) seq \d+ type i/gm)].at(-1)?.[1];
    return last === undefined ? undefined : join(parts, last);
  } catch {
    return existsSync(single) ? single : undefined;
  }
}

/** Syncs the file once a second and remembers how much of it was there before: that much survives whatever happens. */
export class SyncedFile {
  readonly #folder: string;
  #file: string | undefined;
  #syncedBytes = 0;
  #syncedAt = performance.now();
  #syncing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#syncing = this.#syncing.then(() => this.#sync());
    }, SYNC_EVERY_MS);
    this.#timer.unref();
  }

  /** Resolves when no sync is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#syncing;
  }

  /** How long ago the last sync began, ms. */
  sinceMs(): number {
    return performance.now() - this.#syncedAt;
  }

  /** Takes away what was never synced; its writer must be dead. The last command may be torn: Redis drops it when it loads. */
  cut(): void {
    const file = appendOnlyFile(this.#folder);
    if (file !== undefined) truncateSync(file, file === this.#file ? this.#syncedBytes : 0);
  }

  async #sync(): Promise<void> {
    const file = appendOnlyFile(this.#folder);
    if (file === undefined) return;
    const at = performance.now();
    // Gone between the look and the opening: Redis has begun another one.
    const handle = await open(file, 'r+').catch(() => undefined);
    if (handle === undefined) return;
    try {
      const { size } = await handle.stat();
      await handle.datasync();
      this.#file = file;
      this.#syncedBytes = size;
      this.#syncedAt = at;
    } finally {
      await handle.close();
    }
  }
}
