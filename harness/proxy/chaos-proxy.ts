import { now } from '../base/now.ts';
import type { ToxicDriver } from './driver.ts';
import { ApiServer } from './api.ts';
import { withPlainNumbers } from './go-json.ts';
import { HttpCarrier } from './http/carrier.ts';
import { checkSpec, Proxy } from './proxy.ts';
import { REFUSALS } from './refusal.ts';
import { TcpCarrier } from './tcp-proxy.ts';
import type {
  ChaosProxyOptions,
  FaultRecord,
  ProxySpec,
  ProxyState,
  ProxyUpdate,
  ToxicSpec,
  ToxicState,
  ToxicUpdate,
} from './types.ts';

/**
 * The embedded proxy: Toxiproxy's proxies and toxics, and HTTP-aware hops beside them.
 * Throws `ProxyRefusal` with the API's status and text for what cannot be done.
 */
export class ChaosProxy implements ToxicDriver {
  readonly #options: ChaosProxyOptions;
  readonly #now: () => number;
  readonly #proxies = new Map<string, Proxy>();
  #api: ApiServer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ChaosProxyOptions) {
    this.#options = options;
    this.#now = options.now ?? now;
  }

  create(spec: ProxySpec): Promise<ProxyState> {
    return this.#inTurn(async () => {
      checkSpec(spec);
      if (this.#proxies.has(spec.name)) throw REFUSALS.proxyExists();
      return (await this.#start(spec)).state;
    });
  }

  /** Toxiproxy's /populate: unchanged proxies stay with their toxics, others are made or replaced. What was made before a failure is in `made`. */
  populate(specs: readonly ProxySpec[], made: ProxyState[] = []): Promise<ProxyState[]> {
    return this.#inTurn(async () => {
      for (const [index, spec] of specs.entries()) checkSpec(spec, ` at proxy ${index + 1}`);
      const proxies: Proxy[] = [];
      try {
        for (const spec of specs) proxies.push(await this.#addOrReplace(spec));
      } finally {
        // As they are in the end: one that is named twice was replaced.
        made.push(...proxies.map(({ state }) => state));
      }
      return made;
    });
  }

  update(name: string, update: ProxyUpdate): Promise<ProxyState> {
    return this.#inTurn(async () => {
      const proxy = this.#find(name);
      const wasEnabled = proxy.enabled;
      try {
        await proxy.update(update);
      } finally {
        this.#noteDown(proxy, wasEnabled);
      }
      return proxy.state;
    });
  }

  setEnabled(name: string, enabled: boolean): Promise<ProxyState> {
    return this.update(name, { enabled });
  }

  delete(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const proxy = this.#find(name);
      this.#proxies.delete(name);
      this.#endFaults(proxy);
      await proxy.stop();
    });
  }

  /** A toxic acts at once, also on open connections; the promise only suits the interface. */
  async addToxic(proxyName: string, spec: ToxicSpec): Promise<ToxicState> {
    const proxy = this.#find(proxyName);
    const toxic = proxy.addToxic(spec);
    this.#noteToxic('start', proxy, toxic);
    return toxic;
  }

  async updateToxic(proxyName: string, toxicName: string, update: ToxicUpdate): Promise<ToxicState> {
    const proxy = this.#find(proxyName);
    const before = this.#findToxic(proxy, toxicName);
    const after = proxy.updateToxic(toxicName, update);
    this.#noteToxic('end', proxy, before);
    this.#noteToxic('start', proxy, after);
    return after;
  }

  async removeToxic(proxyName: string, toxicName: string): Promise<void> {
    const proxy = this.#find(proxyName);
    const toxic = this.#findToxic(proxy, toxicName);
    proxy.removeToxic(toxicName);
    this.#noteToxic('end', proxy, toxic);
  }

  toxic(proxyName: string, toxicName: string): ToxicState {
    return this.#findToxic(this.#find(proxyName), toxicName);
  }

  /** Enables every proxy and removes every toxic. */
  reset(): Promise<void> {
    return this.#inTurn(async () => {
      for (const proxy of this.#proxies.values()) {
        const wasEnabled = proxy.enabled;
        await proxy.start();
        this.#noteDown(proxy, wasEnabled);
        for (const toxic of proxy.state.toxics) {
          proxy.removeToxic(toxic.name);
          this.#noteToxic('end', proxy, toxic);
        }
      }
    });
  }

  async list(): Promise<ProxyState[]> {
    return [...this.#proxies.values()].map((proxy) => proxy.state);
  }

  get(name: string): ProxyState {
    return this.#find(name).state;
  }

  /** Bytes and requests counted so far, by proxy. */
  *counts(): Generator<{ readonly state: ProxyState; readonly counts: Proxy['carrier']['counts'] }> {
    for (const proxy of this.#proxies.values()) yield { state: proxy.state, counts: proxy.carrier.counts };
  }

  /** Planned duplicates and late copies that have not been delivered and answered yet. */
  pending(): number {
    return this.#hops().reduce((sum, hop) => sum + hop.pending(), 0);
  }

  /** The same for one key. */
  pendingFor(key: string): number {
    return this.#hops().reduce((sum, hop) => sum + hop.pendingFor(key), 0);
  }

  /** Serves Toxiproxy's HTTP API; port 0 takes a free one. Throws when the address cannot be had. */
  async listenApi(host: string, port: number): Promise<{ host: string; port: number }> {
    const api = new ApiServer(this);
    const address = await api.listen(host, port);
    this.#api = api;
    return address;
  }

  /** Ends every fault and closes every port and connection: nothing is left open. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#api?.close();
      this.#api = undefined;
      for (const proxy of this.#proxies.values()) this.#endFaults(proxy);
      await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
      this.#proxies.clear();
    });
  }

  async #addOrReplace(spec: ProxySpec): Promise<Proxy> {
    const existing = this.#proxies.get(spec.name);
    if (existing !== undefined) {
      const isSame = existing.carrier.mode === (spec.mode ?? 'tcp') && !(await existing.differs(spec));
      if (isSame) return existing;
      this.#endFaults(existing);
      await existing.stop();
      this.#proxies.delete(spec.name);
    }
    return this.#start(spec);
  }

  async #start(spec: ProxySpec): Promise<Proxy> {
    const { seed } = this.#options;
    const carrier =
      spec.mode === 'http'
        ? new HttpCarrier(spec, { ...this.#options, now: this.#now })
        : new TcpCarrier(seed, spec.name, spec.upstream ?? '');
    const proxy = new Proxy(spec, carrier);
    if (spec.enabled ?? true) await proxy.start();
    this.#proxies.set(spec.name, proxy);
    this.#noteDown(proxy, true);
    return proxy;
  }

  #find(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw REFUSALS.proxyNotFound();
    return proxy;
  }

  #findToxic(proxy: Proxy, name: string): ToxicState {
    const toxic = proxy.state.toxics.find((each) => each.name === name);
    if (toxic === undefined) throw REFUSALS.toxicNotFound();
    return toxic;
  }

  #hops(): HttpCarrier[] {
    return [...this.#proxies.values()]
      .map(({ carrier }) => carrier)
      .filter((carrier) => carrier instanceof HttpCarrier);
  }

  #endFaults(proxy: Proxy): void {
    for (const toxic of proxy.state.toxics) this.#noteToxic('end', proxy, toxic);
    if (!proxy.enabled) this.#note({ phase: 'end', name: 'down', target: proxy.name, detail: {} });
  }

  #noteDown(proxy: Proxy, wasEnabled: boolean): void {
    if (proxy.enabled === wasEnabled) return;
    this.#note({ phase: wasEnabled ? 'start' : 'end', name: 'down', target: proxy.name, detail: {} });
  }

  #noteToxic(phase: FaultRecord['phase'], proxy: Proxy, toxic: ToxicState): void {
    const { name, type, stream, toxicity, attributes } = toxic;
    // Events are plain JSON.
    const detail = { stream, toxicity, attributes: withPlainNumbers(attributes) };
    this.#note({ phase, name: `${type}:${name}`, target: proxy.name, detail });
  }

  #note(fault: Omit<FaultRecord, 'at'>): void {
    this.#options.onFault?.({ at: this.#now(), ...fault });
  }

  /** One change of addresses at a time, in the order asked for. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
