/** The store behind the server as the nemesis sees it: something with an address that can be killed and paused, or cannot. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Persistence } from './persistence.ts';

export type StoreKind = 'memory' | 'redis';

export interface StoreHandle {
  readonly kind: StoreKind;
  /** What was taken, e.g. `redis 7.0.15 (own process)`. */
  readonly description: string;
  /** `host:port` that the store-path proxies lead to; absent for memory. */
  readonly address?: string;
  /** Only a process that we started has one. */
  readonly pid: () => number | undefined;
  readonly isUp: () => boolean;
  /** SIGKILL. Each of the four does nothing where the process is not ours. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP and SIGCONT. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Starts it again on the same port when it is down, and waits until it answers (its file loaded). */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** What else can be done to a Redis that we started; absent elsewhere. */
  readonly redis?: RedisControls;
}

/** Each of them leaves the store up or down as it says; `restart` brings it back. */
export interface RedisControls {
  readonly persistence: Persistence;
  /** SIGTERM: it finishes what it was told and is down. */
  readonly stop: () => Promise<void>;
  /** Sets its memory limit below what it has in use, without eviction: writes are refused with -OOM. */
  readonly fillMemory: () => Promise<void>;
  /** Sets its limit so that about `percent` of its keys are evicted at random now, and others as new ones come. */
  readonly evict: (percent: number) => Promise<void>;
  /** No limit, no eviction. */
  readonly freeMemory: () => Promise<void>;
  /** SIGKILL and a start that takes about `loadMs`; until then every command is answered -LOADING. Not awaited. */
  readonly reload: (loadMs: number) => Promise<void>;
  /** How long ago the last sync to disk began, ms; Infinity where each write is synced or none is. */
  readonly sinceSyncMs: () => number;
  /** SIGKILL, and what had not been synced to disk is gone; down. */
  readonly losePower: () => Promise<void>;
  /** SIGKILL, and the next start finds nothing on its disk; down. */
  readonly loseDisk: () => Promise<void>;
  /** Starts a second Redis, lets it copy everything, then cuts its link: it lags behind from now on. */
  readonly startLagging: () => Promise<void>;
  /** SIGKILL of the primary; the lagging one takes over its role and its address. */
  readonly failOver: () => Promise<void>;
}

/** The store inside the server's own process: nothing to kill or to cut off. */
export function memoryStore(): StoreHandle {
  const nothing = async (): Promise<void> => {};
  return {
    kind: 'memory',
    description: 'memory (in the server process)',
    pid: () => undefined,
    isUp: () => true,
    kill: nothing,
    pause: () => {},
    resume: () => {},
    restart: nothing,
    close: nothing,
  };
}

/** Asks again until `ask` says yes or `limitMs` are over; false when they are. */
export async function until(ask: () => Promise<boolean>, limitMs: number, everyMs = 10): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (;;) {
    if (await ask()) return true;
    if (performance.now() >= end) return false;
    await delay(everyMs);
  }
}
