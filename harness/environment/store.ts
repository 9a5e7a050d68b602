/** The store behind the server as the nemesis sees it: something with an address that can be killed and paused, or cannot. */

import { setTimeout as delay } from 'node:timers/promises';

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
