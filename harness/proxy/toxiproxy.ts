/** A real Toxiproxy: found, started, and driven through its own client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Proxy, Toxic, Toxiproxy } from 'toxiproxy-node-client';
import { HarnessError, harnessError, messageOf } from '../base/errors.ts';
import { findProgram, packageRoot } from '../base/program.ts';
import type { ToxicDriver } from './driver.ts';
import { isRecord } from './attributes.ts';
import { ProxyRefusal } from './refusal.ts';
import type { ProxySpec, ProxyState, ToxicSpec, ToxicState, ToxicUpdate } from './types.ts';

export type { ToxicDriver } from './driver.ts';

const PROGRAM = 'toxiproxy-server';
const START_MS = 10_000;
const CALL_MS = 30_000;
const STOP_MS = 5_000;
const VERSION_MS = 5_000;

/** The program: in `.tools/bin` of the package, or on the PATH; undefined when neither is there. */
export function findToxiproxy(): string | undefined {
  return findProgram(PROGRAM, [join(packageRoot(), '.tools', 'bin', PROGRAM)]);
}

export interface RunningToxiproxy {
  /** Of its API, without a slash at the end. */
  readonly url: string;
  readonly version: string;
  readonly pid: number;
  /** How it ended and what it said last, when nobody had told it to; undefined while it runs. */
  death(): string | undefined;
  /** Ends the program; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Told of the process as soon as there is one, and when it has ended. */
export interface ProcessWatch {
  readonly started: (pid: number) => void;
  readonly ended: (pid: number) => void;
}

/** Starts Toxiproxy on a free port of 127.0.0.1 and waits until it answers. Throws `HarnessError` toxiproxy-start. */
export async function startToxiproxy(program: string, watch?: ProcessWatch): Promise<RunningToxiproxy> {
  try {
    return await startOnce(program, watch);
  } catch {
    // Between finding a free port and its use somebody else may have taken it.
    return startOnce(program, watch);
  }
}

/** The version that a Toxiproxy's API gives; throws `HarnessError` toxiproxy-unreachable when nothing there speaks that API. */
export async function toxiproxyVersion(url: string): Promise<string> {
  let found: unknown;
  try {
    const text = await call('GET', `${withoutSlash(url)}/version`, undefined, VERSION_MS);
    const answer: unknown = JSON.parse(text);
    if (isRecord(answer) && typeof answer['version'] === 'string') return answer['version'];
    found = text;
  } catch (error) {
    found = error instanceof HarnessError ? (error.details.found ?? error.message) : messageOf(error);
  }
  throw harnessError('toxiproxy-unreachable', 'no Toxiproxy', {
    field: url,
    expected: "Toxiproxy's API",
    found,
  });
}

export interface ToxiproxyDriverOptions {
  /** Of the API, e.g. `http://127.0.0.1:8474`. */
  readonly url: string;
  /** Holds the run id. A proxy whose name does not begin with it gets it put before its name; no other proxy is touched. */
  readonly prefix: string;
}

/**
 * Drives a real Toxiproxy for one run. It keeps one toxic per link (a direction of a proxy's connections): Toxiproxy
 * 2.12 dies, with an index out of range, when one of several comes or goes while connections close. Errors are `ProxyRefusal`s with
 * Toxiproxy's status and text.
 */
export class ToxiproxyDriver implements ToxicDriver {
  readonly #client: Toxiproxy;
  readonly #prefix: string;
  /** Names as they were given, by their names over there. */
  readonly #given = new Map<string, string>();
  /** The toxic of each link: by proxy over there and direction. */
  readonly #onLinks = new Map<string, string>();

  constructor({ url, prefix }: ToxiproxyDriverOptions) {
    this.#client = new Toxiproxy(withoutSlash(url));
    this.#prefix = prefix;
    // The client drops the error's text and waits for ever: its calls are replaced by ones that do neither.
    Object.assign(this.#client.api, TELLING_CALLS);
  }

  /** Listens on 127.0.0.1 when the spec does not say where. */
  async create(spec: ProxySpec): Promise<ProxyState> {
    if (spec.mode === 'http') {
      throw harnessError('toxiproxy-mode', 'a real Toxiproxy knows no requests', {
        field: spec.name,
        expected: 'mode tcp (the embedded hop stands before it)',
        found: spec.mode,
      });
    }
    const { upstream = '', listen = '127.0.0.1:0', enabled = true } = spec;
    const name = this.#there(spec.name);
    const made = await this.#client.createProxy({ name, upstream, listen, enabled });
    this.#given.set(name, spec.name);
    return this.#shown({ ...made.toJson(), toxics: [] });
  }

  hasRoom(proxy: string, stream: string): boolean {
    return !this.#onLinks.has(this.#link(proxy, stream));
  }

  /** Throws `HarnessError` toxiproxy-stacked for a second toxic of one link. */
  async addToxic(proxy: string, spec: ToxicSpec): Promise<ToxicState> {
    const { type, stream = 'downstream', name = `${type}_${stream}`, toxicity = 1, attributes = {} } = spec;
    const body = { name, type, stream, toxicity, attributes } as Parameters<Proxy['addToxic']>[0];
    const link = this.#link(proxy, stream);
    const other = this.#onLinks.get(link);
    if (other !== undefined) {
      throw harnessError('toxiproxy-stacked', 'a real Toxiproxy dies of several toxics on one link', {
        field: `${proxy} ${stream.toLowerCase()}`,
        expected: 'one toxic at a time',
        found: `${name} while ${other} is on`,
      });
    }
    this.#onLinks.set(link, name);
    try {
      return stateOf(await this.#proxy(proxy).addToxic(body));
    } catch (error) {
      this.#onLinks.delete(link);
      throw error;
    }
  }

  async updateToxic(proxy: string, toxic: string, update: ToxicUpdate): Promise<ToxicState> {
    return stateOf(await this.#toxic(proxy, toxic).update(update as Parameters<Toxic<unknown>['update']>[0]));
  }

  async removeToxic(proxy: string, toxic: string): Promise<void> {
    try {
      await this.#toxic(proxy, toxic).remove();
    } catch (error) {
      // One that is gone already leaves room, too.
      if (error instanceof ProxyRefusal && error.status === 404) this.#leaveLink(proxy, toxic);
      throw error;
    }
    this.#leaveLink(proxy, toxic);
  }

  async setEnabled(proxy: string, enabled: boolean): Promise<ProxyState> {
    await this.#proxy(proxy).update({ enabled } as Parameters<Proxy['update']>[0]);
    return this.#get(proxy);
  }

  async delete(proxy: string): Promise<void> {
    await this.#proxy(proxy).remove();
    this.#given.delete(this.#there(proxy));
    for (const stream of ['upstream', 'downstream']) this.#onLinks.delete(this.#link(proxy, stream));
  }

  /** This run's proxies only. */
  async list(): Promise<ProxyState[]> {
    const { data } = await this.#client.api.get<Record<string, ProxyState>>(`${this.#client.host}/proxies`);
    return Object.values(data)
      .filter(({ name }) => name.startsWith(this.#prefix))
      .map((state) => this.#shown(state));
  }

  /** Deletes this run's proxies, also those that a crash left behind. */
  async close(): Promise<void> {
    for (const { name } of await this.list()) {
      await this.delete(name).catch((error: unknown) => {
        // One that is gone already is what is wanted.
        if (!(error instanceof ProxyRefusal && error.status === 404)) throw error;
      });
    }
  }

  async #get(proxy: string): Promise<ProxyState> {
    const { data } = await this.#client.api.get<ProxyState>(this.#proxy(proxy).getPath());
    return this.#shown(data);
  }

  #link(proxy: string, stream: string): string {
    return `${this.#there(proxy)} ${stream.toLowerCase()}`;
  }

  #leaveLink(proxy: string, toxic: string): void {
    for (const stream of ['upstream', 'downstream']) {
      const link = this.#link(proxy, stream);
      if (this.#onLinks.get(link) === toxic) this.#onLinks.delete(link);
    }
  }

  #there(name: string): string {
    return name.startsWith(this.#prefix) ? name : this.#prefix + name;
  }

  #shown({ name, listen, upstream, enabled, toxics }: ProxyState): ProxyState {
    return { name: this.#given.get(name) ?? name, listen, upstream, enabled, toxics };
  }

  /** The client's object for a proxy; it puts names into paths as they are, so this one is encoded. */
  #proxy(name: string): Proxy {
    const encoded = encodeURIComponent(this.#there(name));
    return new Proxy(this.#client, { name: encoded, listen: '', upstream: '', enabled: true, toxics: [] });
  }

  #toxic(proxy: string, name: string): Toxic<unknown> {
    const body = {
      name: encodeURIComponent(name),
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
      attributes: {},
    };
    return new Toxic(
      this.#client.api,
      this.#proxy(proxy).getPath(),
      body as ConstructorParameters<typeof Toxic>[2],
    );
  }
}

function stateOf({ attributes, name, type, stream, toxicity }: Toxic<unknown>): ToxicState {
  return { attributes: isRecord(attributes) ? attributes : {}, name, type, stream, toxicity };
}

const TELLING_CALLS: Pick<Toxiproxy['api'], 'get' | 'post' | 'delete' | 'getText'> = {
  get: (url) => call('GET', url).then(dataOf),
  post: (url, body) => call('POST', url, body).then(dataOf),
  delete: async (url) => {
    await call('DELETE', url);
  },
  getText: (url) => call('GET', url),
};

/** `never`, since what Toxiproxy answers to a call that it took is whatever type the caller names. */
function dataOf(text: string): { data: never } {
  return { data: (text === '' ? undefined : JSON.parse(text)) as never };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

async function call(method: string, url: string, body?: unknown, ms = CALL_MS): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      // To another host than the one that was named.
      redirect: 'error',
      signal: AbortSignal.timeout(ms),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
    throw harnessError('toxiproxy-unreachable', `${method} ${url} failed`, {
      found: messageOf(reason),
      cause,
    });
  }
  const text = await response.text();
  if (!response.ok) throw new ProxyRefusal(response.status, errorText(text) || `status ${response.status}`);
  return text;
}

function errorText(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    if (isRecord(answer) && typeof answer['error'] === 'string') return answer['error'];
  } catch {
    // Unknown routes and the like answer in plain words.
  }
  return text.trim();
}

async function startOnce(program: string, watch?: ProcessWatch): Promise<RunningToxiproxy> {
  const port = await freePort();
  const child = spawn(program, ['-host', '127.0.0.1', '-port', String(port), '-proxy-metrics'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C goes to the whole terminal group, and the run still heals after it.
    detached: process.platform !== 'win32',
  });
  const { pid } = child;
  if (pid !== undefined) {
    watch?.started(pid);
    child.once('exit', () => watch?.ended(pid));
  }
  // Go's runtime says there why it gave up; the rest of a panic is a long list of goroutines.
  let panic: string | undefined;
  createInterface(child.stderr).on('line', (line) => {
    if (/^(panic|fatal error|SIG[A-Z]+): /.test(line)) panic ??= line;
  });
  let gone: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      gone = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      gone ??= `it ended with ${signal ?? `code ${code}`}`;
      resolve();
    });
  });
  // A harness that ends without stopping it must not leave it behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  void exited.then(() => process.off('exit', kill));
  const url = `http://127.0.0.1:${port}`;
  const end = Date.now() + START_MS;
  for (;;) {
    if (gone !== undefined || Date.now() > end) {
      child.kill('SIGKILL');
      await exited;
      const found = gone ?? `no answer within ${START_MS} ms`;
      throw harnessError('toxiproxy-start', 'Toxiproxy does not start', {
        field: program,
        expected: 'an API',
        found,
      });
    }
    try {
      const version = await toxiproxyVersion(url);
      return {
        url,
        version,
        pid: child.pid ?? 0,
        death: () => (gone === undefined ? undefined : [gone, panic].filter(Boolean).join(': ')),
        stop: () => stop(child, exited),
      };
    } catch {
      await Promise.race([sleep(20), exited]);
    }
  }
}

async function stop(child: ReturnType<typeof spawn>, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  return typeof address === 'object' && address !== null ? address.port : 0;
}
