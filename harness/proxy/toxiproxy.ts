/** A real Toxiproxy, driven through its own client. */
import { Proxy, Toxic, Toxiproxy } from 'toxiproxy-node-client';
import { harnessError } from '../base/errors.ts';
import type { ToxicDriver } from './driver.ts';
import { isRecord } from './attributes.ts';
import { ProxyRefusal } from './refusal.ts';
import { TELLING_CALLS, withoutSlash } from './toxiproxy-api.ts';
import type { ProxySpec, ProxyState, ToxicSpec, ToxicState, ToxicUpdate } from './types.ts';

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
