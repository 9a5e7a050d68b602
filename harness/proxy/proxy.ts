import { formatAddress, parseAddress, resolveListen } from './address.ts';
import { checkToxicity } from './attributes.ts';
import { Listener } from './listener.ts';
import { REFUSALS } from './refusal.ts';
import type { Carrier, NamedToxic } from './tcp-proxy.ts';
import type { ProxySpec, ProxyState, ProxyUpdate, ToxicSpec, ToxicState, ToxicUpdate } from './types.ts';

/** One proxy: where it listens, whether it is up, what it carries with. Calls must not overlap (ChaosProxy sees to that). */
export class Proxy {
  readonly name: string;
  readonly #carrier: Carrier;
  readonly #listener: Listener;
  #listen: string;
  #upstreams: readonly string[];
  #enabled = false;

  constructor(spec: ProxySpec, carrier: Carrier) {
    this.name = spec.name;
    this.#carrier = carrier;
    this.#listen = spec.listen ?? '';
    this.#upstreams = upstreamsOf(spec);
    this.#listener = new Listener((client) => carrier.accept(client));
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  get carrier(): Carrier {
    return this.#carrier;
  }

  get state(): ProxyState {
    const base = {
      name: this.name,
      listen: this.#listen,
      upstream: this.#upstreams[0] ?? '',
      enabled: this.#enabled,
    };
    const extension =
      this.#carrier.mode === 'http' ? { mode: 'http' as const, upstreams: this.#upstreams } : {};
    return { ...base, ...extension, toxics: this.#carrier.toxics() };
  }

  async start(): Promise<void> {
    if (this.#enabled) return;
    this.#listen = await this.#listener.open(this.#listen);
    this.#enabled = true;
  }

  /** Closes the port and every connection. */
  async stop(): Promise<void> {
    this.#enabled = false;
    await Promise.all([this.#listener.close(), this.#carrier.dropConnections()]);
  }

  /** A changed address restarts the proxy and drops its connections; toxics stay. */
  async update(update: ProxyUpdate): Promise<void> {
    checkUpstreams(upstreamsOf(update, this.#upstreams), this.#carrier.mode, '');
    const enabled = update.enabled ?? this.#enabled;
    if (await this.differs(update)) {
      await this.stop();
      this.#listen = update.listen ?? this.#listen;
      this.#upstreams = upstreamsOf(update, this.#upstreams);
      this.#carrier.setUpstreams(this.#upstreams);
    }
    if (enabled) await this.start();
    else await this.stop();
  }

  /** Is the asked address another one than today's? */
  async differs(spec: ProxyUpdate): Promise<boolean> {
    if (spec.listen !== undefined && formatAddress(await resolveListen(spec.listen)) !== this.#listen)
      return true;
    return upstreamsOf(spec, this.#upstreams).join() !== this.#upstreams.join();
  }

  addToxic(spec: ToxicSpec): ToxicState {
    const stream = spec.stream ?? 'downstream';
    const direction = stream.toLowerCase();
    if (direction !== 'upstream' && direction !== 'downstream') throw REFUSALS.invalidStream();
    const name = spec.name === undefined || spec.name === '' ? `${spec.type}_${stream}` : spec.name;
    const named: NamedToxic = {
      ...spec,
      name,
      stream,
      direction,
      toxicity: checkToxicity(spec.toxicity) ?? 1,
    };
    const exists = this.#carrier.toxics().some((toxic) => toxic.name === name);
    return this.#carrier.addToxic(named, exists);
  }

  updateToxic(name: string, update: ToxicUpdate): ToxicState {
    return this.#carrier.updateToxic(name, update);
  }

  removeToxic(name: string): void {
    this.#carrier.removeToxic(name);
  }
}

/** The upstreams that a spec names, or `others`; `upstream` alone replaces them all. */
export function upstreamsOf(spec: ProxyUpdate, others: readonly string[] = []): readonly string[] {
  if (spec.upstreams !== undefined && spec.upstreams.length > 0) return spec.upstreams;
  return spec.upstream === undefined ? others : [spec.upstream];
}

/** Throws the API's refusals for a spec that cannot become a proxy. */
export function checkSpec(spec: ProxySpec, place = ''): void {
  if (spec.name === '') throw REFUSALS.missingField(`name${place}`);
  checkUpstreams(upstreamsOf(spec), spec.mode ?? 'tcp', place);
}

function checkUpstreams(upstreams: readonly string[], mode: string, place: string): void {
  if (upstreams.length === 0 || upstreams.includes('')) throw REFUSALS.missingField(`upstream${place}`);
  // Toxiproxy finds a malformed upstream when it dials; a hop would have to answer 502 for ever.
  if (mode === 'http') for (const upstream of upstreams) parseAddress(upstream);
}
