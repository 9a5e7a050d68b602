/** One's own endpoint as processes: started with its placeholders filled, killed, stopped and started again on the same port. */

import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { harnessError, messageOf } from '../base/errors.ts';
import type { ResolvedService } from '../config/service.ts';
import { startChild, type Child } from './child.ts';
import { ask } from './hooks-client.ts';
import type { Keeper } from './keeper.ts';
import type { Replica } from './replicas.ts';
import type { ServerListener } from './server-events.ts';
import { until } from './store.ts';

export interface ServiceProcessOptions {
  readonly service: ResolvedService;
  /** From 1. */
  readonly index: number;
  readonly port: number;
  /** Folder in which it runs: the config's. */
  readonly cwd: string;
  /** `host:port` of each store's door, by name. */
  readonly stores: Readonly<Record<string, string>>;
  readonly keeper: Keeper;
  readonly onEvent: ServerListener;
  readonly onLog: (text: string) => void;
}

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5000;
/** How long one that died by itself stays down before it is started again, as a supervisor would. ms */
const RESTART_AFTER_MS = 150;
const MAX_OWN_DEATHS = 500;
/** Shorter values are words that stand everywhere: hiding them would make the log unreadable. */
const SHORTEST_SECRET = 6;

/** Starts it and waits until it is ready; throws with its last words when it ends before. */
export async function startServiceReplica(options: ServiceProcessOptions): Promise<Replica> {
  const replica = new ServiceReplica(options);
  await replica.restart();
  return replica;
}

class ServiceReplica implements Replica {
  readonly index: number;
  readonly hooksUrl = '';
  readonly #options: ServiceProcessOptions;
  #child: Child | undefined;
  #isToldToBeDown = false;
  #isMissed = false;
  #ownDeaths = 0;
  #starting: Promise<void> | undefined;

  constructor(options: ServiceProcessOptions) {
    this.index = options.index;
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  readonly isUp = (): boolean => this.#child !== undefined && !this.#child.hasExited();

  readonly pid = (): number | undefined => (this.isUp() ? this.#child?.pid : undefined);

  readonly kill = async (): Promise<void> => {
    this.#isToldToBeDown = true;
    await this.#starting?.catch(() => {});
    this.#child?.signal('SIGKILL');
    await this.#child?.exited;
  };

  readonly stop = async (): Promise<void> => {
    this.#isToldToBeDown = true;
    await this.#starting?.catch(() => {});
    await this.#child?.end(STOP_LIMIT_MS);
  };

  readonly pause = (): void => this.#child?.signal('SIGSTOP');

  readonly resume = (): void => this.#child?.signal('SIGCONT');

  readonly restart = async (): Promise<void> => {
    this.#isToldToBeDown = false;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
  };

  readonly close = async (): Promise<void> => {
    this.#isToldToBeDown = true;
    await this.#starting?.catch(() => {});
    await this.#child?.end(2000);
  };

  async #start(): Promise<void> {
    if (this.isUp()) return;
    const { service, keeper, cwd, onLog } = this.#options;
    const [command = '', ...args] = service.command.map((text) => this.#filled(text));
    const env = Object.fromEntries(
      Object.entries(service.env).map(([name, text]) => [name, this.#filled(text)]),
    );
    const hide = hider([...Object.values(service.env), ...Object.values(env)]);
    const child = await startChild({
      name: `service-${this.index}`,
      command,
      args,
      cwd,
      env,
      isGroup: true,
      keeper,
      onLog: (text) => onLog(hide(text)),
    });
    this.#child = child;
    void child.exited.then(() => this.#onExit(child, hide));
    const isReady = await until(async () => child.hasExited() || (await this.#isReady()), START_LIMIT_MS, 25);
    if (!isReady || child.hasExited()) {
      this.#isToldToBeDown = true;
      await child.end(0);
      throw harnessError('service_start_failed', 'the service does not come up', {
        field: 'service',
        expected:
          service.ready === undefined ? `somebody who listens on ${this.url}` : `2xx from ${service.ready}`,
        found: hide(child.lastLog()) || 'no word of it',
      });
    }
    if (!this.#isMissed) return;
    this.#isMissed = false;
    this.#options.onEvent({ event: 'recovered', replica: this.index, at: Date.now() });
  }

  async #isReady(): Promise<boolean> {
    const { service, port } = this.#options;
    if (service.ready === undefined) return await listens(port);
    const asked = { method: 'GET', url: this.url + service.ready, timeoutMs: 1000 };
    const answer = await ask(asked).catch(() => undefined);
    return answer !== undefined && answer.status >= 200 && answer.status < 300;
  }

  /** It ended, and nobody told it to. */
  async #onExit(child: Child, hide: (text: string) => string): Promise<void> {
    if (this.#isToldToBeDown) return;
    this.#isMissed = true;
    const { code, signal } = await child.exited;
    const log = hide(child.lastLog());
    this.#options.onEvent({ event: 'exit', replica: this.index, at: Date.now(), code, signal, log });
    if (++this.#ownDeaths > MAX_OWN_DEATHS) return;
    await delay(RESTART_AFTER_MS);
    if (this.#isToldToBeDown) return;
    await this.restart().catch((error: unknown) => this.#options.onLog(`${messageOf(error)}\n`));
  }

  #filled(text: string): string {
    const { port, stores } = this.#options;
    return text.replace(/\{(\w[\w-]*)\}/g, (whole, name: string) =>
      name === 'port' ? String(port) : (stores[name] ?? whole),
    );
  }
}

/** Takes every value of the environment out of a text, and the password of a URL by itself. */
function hider(values: readonly string[]): (text: string) => string {
  const secrets = new Set<string>();
  for (const value of values) {
    if (value.length >= SHORTEST_SECRET) secrets.add(value);
    const password = URL.canParse(value) ? decodeURIComponent(new URL(value).password) : '';
    if (password.length >= SHORTEST_SECRET) secrets.add(password);
  }
  const longest = [...secrets].toSorted((a, b) => b.length - a.length);
  return (text) => longest.reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
}

export function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
