import type { Socket } from 'node:net';
import { parseAddress } from './address.ts';
import { Awake } from './awake.ts';
import { checkToxicity, isTcpToxic, mergeTcpAttributes } from './attributes.ts';
import { HTTP_TOXIC_TYPES } from './http/toxics.ts';
import type { ByteCounts, TcpToxic } from './link.ts';
import { REFUSALS } from './refusal.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { ToxicSpec, ToxicState, ToxicUpdate } from './types.ts';

/** One for all proxies of the process: there is one event loop. */
const AWAKE = new Awake();

/** The half of a proxy that knows what to do with connections; the other half (proxy.ts) knows addresses and states. */
export interface Carrier {
  readonly mode: 'tcp' | 'http';
  readonly counts: Readonly<Record<'upstream' | 'downstream', ByteCounts>>;
  accept(client: Socket): void;
  setUpstreams(upstreams: readonly string[]): void;
  /** The type is judged before the name, as the original does. */
  addToxic(named: NamedToxic, nameExists: boolean): ToxicState;
  updateToxic(name: string, update: ToxicUpdate): ToxicState;
  removeToxic(name: string): void;
  toxics(): ToxicState[];
  /** Closes every connection at once; resolves when their descriptors are closed. */
  dropConnections(): Promise<void>;
}

/** A toxic whose name, stream and toxicity are settled. */
export interface NamedToxic extends ToxicSpec {
  readonly name: string;
  readonly stream: string;
  readonly direction: 'upstream' | 'downstream';
  readonly toxicity: number;
}

/** Carries bytes, and knows Toxiproxy's toxics. */
export class TcpCarrier implements Carrier {
  readonly mode = 'tcp';
  readonly counts = { upstream: { received: 0, sent: 0 }, downstream: { received: 0, sent: 0 } };
  readonly #seed: string | number;
  readonly #proxy: string;
  readonly #toxics: TcpToxic[] = [];
  readonly #connections = new Set<TcpConnection>();
  #upstream: string;
  #accepted = 0;

  constructor(seed: string | number, proxy: string, upstream: string) {
    this.#seed = seed;
    this.#proxy = proxy;
    this.#upstream = upstream;
  }

  setUpstreams([upstream]: readonly string[]): void {
    if (upstream !== undefined) this.#upstream = upstream;
  }

  accept(client: Socket): void {
    const number = ++this.#accepted;
    let upstream;
    try {
      upstream = parseAddress(this.#upstream);
    } catch {
      // As the original: an upstream that cannot be dialled closes the client.
      client.destroy();
      return;
    }
    const connection: TcpConnection = new TcpConnection(client, {
      seed: this.#seed,
      proxy: this.#proxy,
      number,
      upstream,
      toxics: this.#toxics,
      counts: this.counts,
      onBytes: () => AWAKE.stay(),
      onClose: () => {
        AWAKE.closed();
        this.#connections.delete(connection);
      },
    });
    this.#connections.add(connection);
    AWAKE.opened();
  }

  addToxic(named: NamedToxic, nameExists: boolean): ToxicState {
    const { name, type, stream, direction, toxicity, attributes } = named;
    if (HTTP_TOXIC_TYPES.includes(type)) throw REFUSALS.otherMode(type, 'http', 'tcp');
    if (!isTcpToxic(type)) throw REFUSALS.invalidType();
    if (nameExists) throw REFUSALS.toxicExists();
    const toxic: TcpToxic = {
      name,
      type,
      stream,
      direction,
      toxicity,
      attributes: mergeTcpAttributes(type, {}, attributes),
    };
    this.#toxics.push(toxic);
    for (const connection of this.#connections) connection.add(toxic);
    return stateOf(toxic);
  }

  updateToxic(name: string, { attributes, toxicity }: ToxicUpdate): ToxicState {
    const toxic = this.#find(name);
    const checked = checkToxicity(toxicity) ?? toxic.toxicity;
    toxic.attributes = mergeTcpAttributes(toxic.type, toxic.attributes, attributes);
    toxic.toxicity = checked;
    for (const connection of this.#connections) connection.update(toxic);
    return stateOf(toxic);
  }

  removeToxic(name: string): void {
    const toxic = this.#find(name);
    this.#toxics.splice(this.#toxics.indexOf(toxic), 1);
    for (const connection of this.#connections) connection.remove(toxic);
  }

  toxics(): ToxicState[] {
    const of = (direction: string): ToxicState[] =>
      this.#toxics.filter((toxic) => toxic.direction === direction).map(stateOf);
    return [...of('upstream'), ...of('downstream')];
  }

  async dropConnections(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.destroy()));
  }

  #find(name: string): TcpToxic {
    const toxic = this.#toxics.find((each) => each.name === name);
    if (toxic === undefined) throw REFUSALS.toxicNotFound();
    return toxic;
  }
}

function stateOf({ attributes, name, type, stream, toxicity }: TcpToxic): ToxicState {
  return { attributes: { ...attributes }, name, type, stream, toxicity };
}
