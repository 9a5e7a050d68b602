/** The replicas of the bundled server: processes that can be killed (Redis), or listeners of one process (memory). */

import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import type { Keeper } from './keeper.ts';
import type { ServerEvent, ServerListener } from './server-events.ts';
import { startServerProgram, type ServerFlags, type ServerProgram } from './server-program.ts';

/** How often a replica that ends by itself, without an armed crash, is started again before it is left dead. */
const MAX_OWN_DEATHS = 20;

/** What is in flight may wait for the store as long as the server does; then it is cut off. ms. */
const STOP_LIMIT_MS = 5000;

export interface Replica {
  /** From 1. */
  readonly index: number;
  /** Where the replica itself listens, whatever proxies are before it: `http://host:port`. */
  readonly url: string;
  readonly hooksUrl: string;
  readonly pid: () => number | undefined;
  readonly isUp: () => boolean;
  /** SIGKILL; it stays down until `restart`. The five do nothing where a replica is not a process of its own. */
  readonly kill: () => Promise<void>;
  /** SIGTERM: it answers what is in flight, then it is down until `restart`. */
  readonly stop: () => Promise<void>;
  /** SIGSTOP and SIGCONT. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Starts it on the same ports when it is down and waits until it listens. */
  readonly restart: () => Promise<void>;
  /** SIGTERM, then SIGKILL. */
  readonly close: () => Promise<void>;
}

export interface ReplicaOptions {
  readonly flags: ServerFlags;
  readonly keeper: Keeper;
  readonly onEvent: ServerListener;
  readonly onLog: (text: string) => void;
}

/** One process with `count` listeners over one store in memory. Kill, pause and restart do nothing. */
export async function startMemoryReplicas(
  count: number,
  options: ReplicaOptions,
): Promise<readonly Replica[]> {
  const { keeper, onEvent, onLog } = options;
  // A replica that crashes comes back on its port, which nobody must be given meanwhile.
  const port = await keeper.ports.take(count);
  const flags = { ...options.flags, port, 'hooks-port': 0, replicas: count, store: 'memory' };
  const program = await startServerProgram({
    name: 'server',
    flags,
    replicaCount: count,
    keeper,
    onEvent,
    onLog,
  });
  let isClosing = false;
  const watch = async (): Promise<void> => {
    const { code, signal } = await program.child.exited;
    // Its store is gone with it: to start it again would lose acknowledged debits.
    if (!isClosing)
      onEvent({ event: 'exit', replica: 1, at: Date.now(), code, signal, log: program.child.lastLog() });
  };
  void watch();
  const nothing = async (): Promise<void> => {};
  return program.listening.map((listening) => ({
    index: listening.replica,
    url: listening.url,
    hooksUrl: listening.hooksUrl ?? '',
    pid: () => (program.child.hasExited() ? undefined : program.child.pid),
    isUp: () => !program.child.hasExited(),
    kill: nothing,
    stop: nothing,
    pause: () => {},
    resume: () => {},
    restart: nothing,
    close: () => {
      isClosing = true;
      return program.child.end(2000);
    },
  }));
}

/** One process that listens for one replica; one that dies by an armed crash point comes back by itself after `restartAfterMs`. */
export async function startProcessReplica(
  index: number,
  options: ReplicaOptions & { readonly restartAfterMs: number },
): Promise<Replica> {
  const replica = new ProcessReplica(index, options);
  await replica.restart();
  return replica;
}

class ProcessReplica implements Replica {
  readonly index: number;
  readonly #options: ReplicaOptions & { readonly restartAfterMs: number };
  #program: ServerProgram | undefined;
  #ports: { readonly port: number; readonly 'hooks-port': number } | undefined;
  /** The nemesis or `close` ended it: it does not come back by itself. */
  #isToldToBeDown = false;
  /** Its process has announced its crash. */
  #hasCrashed = false;
  /** It went down without being told to: its return is news. */
  #isMissed = false;
  #ownDeaths = 0;
  #starting: Promise<void> | undefined;

  constructor(index: number, options: ReplicaOptions & { readonly restartAfterMs: number }) {
    this.index = index;
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports?.port ?? 0}`;
  }

  get hooksUrl(): string {
    return `http://127.0.0.1:${this.#ports?.['hooks-port'] ?? 0}`;
  }

  readonly pid = (): number | undefined => (this.isUp() ? this.#program?.child.pid : undefined);

  readonly isUp = (): boolean => this.#program !== undefined && !this.#program.child.hasExited();

  readonly kill = async (): Promise<void> => {
    this.#isToldToBeDown = true;
    await this.#starting?.catch(() => {});
    this.#program?.child.signal('SIGKILL');
    await this.#program?.child.exited;
  };

  readonly stop = async (): Promise<void> => {
    this.#isToldToBeDown = true;
    await this.#starting?.catch(() => {});
    await this.#program?.child.end(STOP_LIMIT_MS);
  };

  readonly pause = (): void => this.#program?.child.signal('SIGSTOP');

  readonly resume = (): void => this.#program?.child.signal('SIGCONT');

  readonly restart = async (): Promise<void> => {
    this.#isToldToBeDown = false;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
  };

  readonly close = async (): Promise<void> => {
    this.#isToldToBeDown = true;
    await this.#starting?.catch(() => {});
    await this.#program?.child.end(2000);
  };

  async #start(): Promise<void> {
    if (this.isUp()) return;
    const { keeper, onLog, flags } = this.#options;
    this.#ports ??= { port: await keeper.ports.take(), 'hooks-port': await keeper.ports.take() };
    const program = await startServerProgram({
      name: `server-${this.index}`,
      flags: { ...flags, ...this.#ports, replicas: 1, 'replica-index': this.index },
      replicaCount: 1,
      keeper,
      onLog,
      onEvent: (event) => this.#hear(event),
    });
    this.#program = program;
    void program.child.exited.then(() => this.#onExit(program));
    this.#hasCrashed = false;
    if (this.#isMissed) {
      this.#isMissed = false;
      this.#options.onEvent({ event: 'recovered', replica: this.index, at: Date.now() });
    }
  }

  #hear(event: ServerEvent): void {
    if (event.event === 'crash') {
      this.#hasCrashed = true;
      this.#isMissed = true;
    }
    // The process knows one replica only: which one it is, we know.
    this.#options.onEvent({ ...event, replica: this.index });
  }

  async #onExit(program: ServerProgram): Promise<void> {
    if (this.#isToldToBeDown) return;
    if (!this.#hasCrashed) {
      this.#isMissed = true;
      const { code, signal } = await program.child.exited;
      const log = program.child.lastLog();
      this.#options.onEvent({ event: 'exit', replica: this.index, at: Date.now(), code, signal, log });
      if (++this.#ownDeaths > MAX_OWN_DEATHS) return;
    }
    await delay(this.#options.restartAfterMs);
    if (this.#isToldToBeDown) return;
    await this.restart().catch((error: unknown) => this.#options.onLog(`${messageOf(error)}\n`));
  }
}
